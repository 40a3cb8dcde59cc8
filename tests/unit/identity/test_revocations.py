"""Whoever writes SQL that ends or changes what a remembered token rests on invalidates it in the same function."""

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3] / "src/shop/modules/identity/repository"
RESTS_ON = "account|account_role|role|token_family|oauth_client|api_key|signing_key"
CHANGES = re.compile(rf"\b(?:update|delete from) identity\.(?:{RESTS_ON}|\{{table\}})(?![a-z_])")
HARMLESS = {
    "accounts.set_better_hash": "the same password, hashed anew",
    "accounts.set_password": "ends nothing by itself: end_everything and end_other_holders do",
    "accounts.set_unconfirmed_sign_up": "nobody has ever signed in to it",
    "accounts.set_verified": "before it nobody could sign in",
    "accounts.clear_password": "nobody has ever signed in to it",
    "email_address.delete_unconfirmed": "nobody has ever signed in to it",
    "factors.set_new_version": "only proofs under way look at the version",
    "factors.delete_factors": "tables of ways in alone; who is in is ended by end_other_holders",
    "federation.adopt_unconfirmed": "nobody has ever signed in to it",
    "tokens.touch_family": "when it was last used is nobody's right",
    "api_keys.note_used": "when it was last used is nobody's right",
    "housekeeping.purge": "what is over by the clock is over for who remembers it too",
    "keys.retire_keys": "no token that it signed is good by then",
}


def changing() -> dict[str, str]:
    """Source of each function that changes one of these tables."""
    found = {}
    for path in sorted(REPOSITORY.glob("*.py")):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.AsyncFunctionDef):
                body = ast.get_source_segment(source, node) or ""
                if CHANGES.search(re.sub(r'"\s+f?"', "", body)):
                    found[f"{path.stem}.{node.name}"] = body
    return found


def test_the_search_finds_what_it_is_for():
    assert {"tokens.delete_family", "accounts.end_sign_ins", "staff.set_roles", "keys.delete_keys"} <= set(changing())


@pytest.mark.parametrize("name", sorted(changing()))
def test_a_change_reaches_what_is_remembered(name):
    assert name in HARMLESS or "uow.invalidate(" in changing()[name], (
        f"{name} changes what a remembered token rests on: call uow.invalidate() with its account:, family: or client: tag,"
        " or say in HARMLESS why nobody's rights change"
    )
