"""Idempotency keys (docs.stripe.com/api/idempotent_requests): the first answer is kept, errors and all, and given again."""

import json
from dataclasses import dataclass
from typing import Any

from tests.fakes.stripe_api.errors import StripeRefusal
from tests.fakes.stripe_api.store import Store

LONGEST = 255


@dataclass(frozen=True)
class Told:
    """An answer given before."""

    status: int
    answer: dict[str, Any]
    request_id: str


class Keys:
    """`busy`: keys whose request is under way in this process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.busy: set[str] = set()

    def begin(self, key: str) -> None:
        """Raises when a request with the same key is under way; else this one is, until `busy` loses it."""
        if len(key) > LONGEST:
            raise StripeRefusal(f"Idempotency keys are at most {LONGEST} characters.", kind="idempotency_error")
        if key in self.busy:
            words = (
                "There is currently another in-progress request using this Idempotent Key (that probably means you"
                f" submitted twice, and the other request is still going through): {key}. Please try again later."
            )
            raise StripeRefusal(words, status=409, kind="idempotency_error", code="idempotency_key_in_use")
        self.busy.add(key)

    def told(self, key: str, method: str, path: str, params: dict[str, Any]) -> Told | None:
        """Raises when the key was used for something else."""
        found = self._store.rows("select * from idempotency where key = ?", key)
        if not found:
            return None
        row = found[0]
        if (row["method"], row["path"]) != (method, path):
            words = (
                f"Keys for idempotent requests can only be used for the same endpoint they were first used for ('{path}'"
                f" vs '{row['path']}'). Try using a key other than '{key}' if you meant to execute a different request."
            )
            raise StripeRefusal(words, kind="idempotency_error")
        if json.loads(row["params"]) != params:
            words = (
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try"
                f" using a key other than '{key}' if you meant to execute a different request."
            )
            raise StripeRefusal(words, kind="idempotency_error")
        return Told(row["status"], json.loads(row["answer"]), row["request_id"])

    def keep(
        self, key: str, method: str, path: str, params: dict[str, Any], status: int, answer: dict[str, Any], id_: str
    ) -> None:
        self._store.run(
            "insert into idempotency (key, method, path, params, status, answer, request_id) values (?, ?, ?, ?, ?, ?, ?)",
            key,
            method,
            path,
            json.dumps(params),
            status,
            json.dumps(answer),
            id_,
        )
