"""Each guard is needed: with it taken out by the patch of its name in `guards/`, the tests named here fail.

A test that stays green without its guard proves nothing. `make test` only looks whether each patch still applies and each
test is still there; `make reliability` runs the tests on a copy of the tree: first untouched, where they must pass, then
without each guard.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.reliability.harness import ROOT
from tests.reliability.patches import PatchDoesNotApply, apply_patch, read_patch

PATCHES = Path(__file__).parent / "guards"
RACES = "tests/integration/inventory/test_races.py"
KEYS = "tests/integration/orders/test_idempotency.py"
RELAY = "tests/integration/kernel/test_relay.py"
REFUNDS = "tests/integration/payments/test_refunds.py"
AT_ONCE = "tests/integration/payments/test_refunds_at_once.py"
WEBHOOKS = "tests/integration/payments/test_stripe_webhook.py"
TOGETHER = "tests/integration/payments/test_stripe_together.py"
OWN_IDS = "tests/integration/payments/test_own_ids.py"
WALLETS = "tests/integration/wallet/test_races.py"
ONE_KEY = "tests/reliability/test_one_key.py"
CAUGHT_BY: dict[str, tuple[str, ...]] = {
    "conditional_update": (
        f"{RACES}::test_sixty_buyers_of_twenty_units_get_exactly_twenty",
        "tests/reliability/test_oversell.py::test_no_more_is_sold_than_there_is",
    ),
    "unique_key": (
        f"{ONE_KEY}::test_the_database_itself_refuses_a_second_one[order of a cart]",
        f"{ONE_KEY}::test_the_database_itself_refuses_a_second_one[order of a key]",
    ),
    "idempotency_claim": (
        f"{KEYS}::test_the_key_with_another_body_is_refused",
        f"{KEYS}::test_the_same_call_again_gets_the_same_answer",
    ),
    "answer_in_the_same_commit": (f"{ONE_KEY}::test_a_death_before_the_answer_is_kept_adds_nothing_twice",),
    "inbox": ("tests/integration/kernel/test_outbox.py::test_a_second_delivery_of_the_same_event_has_no_effect",),
    "signature": (f"{WEBHOOKS}::test_a_forged_or_old_event_is_refused_and_leaves_no_trace[wrong]",),
    "sweeper": (
        "tests/reliability/test_lost_wake_ups.py::test_events_whose_wake_ups_are_lost_are_handled_by_the_sweep",
    ),
    "wake_ups_bounded": (f"{RELAY}::test_behind_workers_that_take_nothing_rows_wait_in_the_database",),
    "refund_bound": (f"{REFUNDS}::test_a_hundred_requests_at_once_never_give_back_more_than_was_captured",),
    "refunds_in_turn": (f"{AT_ONCE}::test_a_hundred_over_http_give_back_no_more_than_was_captured[well]",),
    "answer_agrees": (
        "tests/integration/payments/test_answers.py::test_a_first_answer_with_another_amount_is_never_believed",
    ),
    "refund_by_webhook": (
        f"{TOGETHER}::test_a_refund_is_done_by_its_webhook_while_its_answer_is_under_way[answer late]",
        f"{TOGETHER}::test_a_refund_is_done_by_its_webhook_while_its_answer_is_under_way[answer lost]",
    ),
    "own_id_stored": (
        f"{OWN_IDS}::test_the_own_id_is_in_the_row_when_the_charge_is_asked_for[stripe]",
        f"{OWN_IDS}::test_the_own_id_is_in_the_row_when_the_charge_is_asked_for[paypal]",
        f"{OWN_IDS}::test_who_dies_over_a_charge_is_followed_by_one_who_finds_it[stripe]",
        f"{OWN_IDS}::test_who_dies_over_a_charge_is_followed_by_one_who_finds_it[paypal]",
    ),
    "one_payment_at_a_time": (
        "tests/integration/payments/test_parts.py::test_a_part_that_is_alive_keeps_another_payment_out",
    ),
    "wallet_lock": (
        f"{WALLETS}::test_of_two_hundred_spends_at_once_as_many_as_there_is_money_for_go_through",
        f"{WALLETS}::test_of_two_hundred_spends_between_deposits_and_reversals_exactly_ten_are_covered",
        f"{WALLETS}::test_spends_that_try_again_spend_all_that_deposits_and_reversals_bring",
    ),
    "wallet_covered": (
        f"{WALLETS}::test_of_two_hundred_spends_at_once_as_many_as_there_is_money_for_go_through",
        f"{WALLETS}::test_of_two_hundred_spends_between_deposits_and_reversals_exactly_ten_are_covered",
        f"{WALLETS}::test_spends_that_try_again_spend_all_that_deposits_and_reversals_bring",
    ),
    "wallet_transaction_id": (f"{WALLETS}::test_a_wish_that_is_sent_fifty_times_at_once_happens_once",),
    "wallet_reversed_amount": (f"{WALLETS}::test_of_a_hundred_reversals_at_once_no_more_than_the_parent_comes_back",),
    "lock_order": (f"{RACES}::test_orders_with_the_same_articles_in_opposite_order_do_not_deadlock",),
}
PARTS = ("src", "tests", "migrations", "templates", "static", "pyproject.toml")
RUN_WITHIN = 600  # seconds


def test_every_guard_has_its_patch_and_every_patch_its_tests():
    assert {path.stem for path in PATCHES.glob("*")} == set(CAUGHT_BY)


def test_a_patch_that_does_not_fit_is_told(tmp_path):
    (tmp_path / "a.py").write_text("one\ntwo\n")
    for lines in (" one\n-three\n", "-one\n-one\n", ""):
        with pytest.raises(PatchDoesNotApply):
            apply_patch(f"--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n{lines}", tmp_path)
    assert (tmp_path / "a.py").read_text() == "one\ntwo\n"


def test_with_all_guards_in_place_their_tests_pass(full, tmp_path):
    tests = [test for caught_by in CAUGHT_BY.values() for test in caught_by]
    for test in tests:
        path, _, name = test.partition("::")
        assert f"async def {name.partition('[')[0]}(" in (ROOT / path).read_text()
    if full:
        assert run(tests, copy_of_the_tree(tmp_path)) == dict.fromkeys(map(name_of, tests), "passed")


@pytest.mark.parametrize("guard", CAUGHT_BY)
def test_without_the_guard_its_tests_fail(guard, full, tmp_path):
    guarded = [hunk.path for hunk in read_patch(patch_of(guard))]
    tree = copy_of_the_tree(tmp_path, PARTS if full else guarded)
    apply_patch(patch_of(guard), tree)
    assert all((tree / path).read_text() != (ROOT / path).read_text() for path in guarded)
    if full:
        assert run(CAUGHT_BY[guard], tree) == dict.fromkeys(map(name_of, CAUGHT_BY[guard]), "failure")


def patch_of(guard: str) -> str:
    return (PATCHES / f"{guard}.patch").read_text()


def name_of(test: str) -> str:
    return test.rpartition("::")[2]


def copy_of_the_tree(folder: Path, parts: Sequence[str] = PARTS) -> Path:
    tree = folder / "tree"
    for part in parts:
        (tree / part).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, tree / part)
    return tree


def run(tests: Sequence[str], tree: Path) -> dict[str, str]:
    """What became of each test, in processes of their own that import from `tree` and use cut counts: `passed`,
    `failure` (it looked, and was not content), or `error` (it could not even look)."""
    report = tree / "report.xml"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "SHOP_RELIAB"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:xdist", f"--junit-xml={report}", *tests],
        cwd=tree,
        env=environment | {"PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=RUN_WITHIN,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stdout.decode(errors="replace")
    outcomes = {}
    for case in ET.parse(report).iter("testcase"):
        told = {element.tag for element in case} & {"failure", "error", "skipped"}
        outcomes[case.attrib["name"]] = "error" if "error" in told else next(iter(told), "passed")
    return outcomes
