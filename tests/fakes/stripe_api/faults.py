"""What goes wrong between the gateway and the shop, drawn from a seed so that a run can be told again.

A rule: {"kind": "lose" | "error" | "hang" | "refuse" | "limit" | "latency", "share": 0.1, "when": "after" | "before",
"method": "POST", "path": "<regular expression>", "times": 3, "seconds": 30, "kept": true}. The first that hits counts;
`when` says on which side of the effect it strikes, and `kept` whether a 500 is what the idempotency key remembers.
"""

import random
import re
from dataclasses import dataclass
from typing import Any

from tests.fakes.stripe_api.store import Store

KINDS = {"lose", "error", "hang", "refuse", "limit", "latency"}


@dataclass(frozen=True)
class Fault:
    kind: str
    before: bool
    seconds: float
    kept: bool

    @property
    def name(self) -> str:
        return f"{self.kind} {'before' if self.before else 'after'}"


def usual(hang_seconds: float) -> list[dict[str, Any]]:
    """What a bad day looks like: lost answers, errors and hanging requests, all after the effect."""
    return [
        {"kind": "lose", "share": 0.10},
        {"kind": "error", "share": 0.05},
        {"kind": "hang", "share": 0.02, "seconds": hang_seconds},
    ]


def set_rules(store: Store, rules: list[dict[str, Any]], seed: int) -> None:
    for rule in rules:
        if rule.get("kind") not in KINDS or rule.get("when", "after") not in {"before", "after"}:
            raise ValueError(f"No such fault: {rule}")
        re.compile(rule.get("path", ""))
    store.set("faults", {"rules": rules, "seed": seed})
    store.set("faults_drawn", {"requests": 0, "hits": [0] * len(rules)})


def draw(store: Store, method: str, path: str) -> tuple[float, Fault | None]:
    """Seconds of latency, and what else is to happen to this request."""
    plan = store.setting("faults", {"rules": []})
    if not plan["rules"]:
        return 0, None
    drawn = store.setting("faults_drawn")
    drawn["requests"] += 1
    latency, fault = 0.0, None
    for place, rule in enumerate(plan["rules"]):
        if drawn["hits"][place] >= rule.get("times", float("inf")) or not _concerns(rule, method, path):
            continue
        if random.Random(f"{plan['seed']}:{drawn['requests']}:{place}").random() >= rule.get("share", 1):
            continue
        if rule["kind"] == "latency":
            latency += float(rule.get("seconds", 0.2))
        elif fault is None:
            before = rule.get("when", "after") == "before" or rule["kind"] in {"refuse", "limit"}
            fault = Fault(rule["kind"], before, float(rule.get("seconds", 30)), rule.get("kept", True))
        else:
            continue
        drawn["hits"][place] += 1
    store.set("faults_drawn", drawn)
    return latency, fault


def _concerns(rule: dict[str, Any], method: str, path: str) -> bool:
    return rule.get("method", method) == method and re.search(rule.get("path", ""), path) is not None
