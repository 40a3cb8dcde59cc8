"""Alembic, run from the program: one linear history for the shop, and one of its own for each module from outside.

A module's history is kept in its own schema (`bestsellers.alembic_version`), so that taking the package away leaves
nothing behind that the shop would stumble over, and bringing it back goes on where it was. What belongs to the role that
migrates is then granted to the role of the shop (`kernel/database_roles.py`).
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError

from shop.kernel import database_roles
from shop.kernel.config import settings
from shop.kernel.db import sqlalchemy_url
from shop.kernel.outside import BrokenModule, outside_folders

if TYPE_CHECKING:  # Alembic is imported where it is used: worker and relay, which live long, never need it
    from alembic.config import Config

VERSION_TABLE: Final = database_roles.VERSION_TABLE
NOT_ALLOWED: Final = "42501"
OURS: Final = "public"
"""The schema of the shop's own version table."""


def _scripts(schema: str, versions: Path | None) -> "Config":
    """`versions` are a module's from outside; the shop's own stand beside its env.py."""
    from alembic.config import Config

    ours = Path(__file__).parents[3] / "migrations"
    installed = Path(__file__).parents[1] / "_migrations"
    alembic = Config(attributes={"schema": schema, "version_table": VERSION_TABLE})
    alembic.set_main_option("script_location", str(ours if ours.is_dir() else installed).replace("%", "%%"))
    alembic.set_main_option("path_separator", "newline")
    if versions is not None:
        alembic.set_main_option("version_locations", str(versions).replace("%", "%%"))
    return alembic


def _histories() -> "dict[str, Config]":
    """By schema, in the order in which they run. Raises BrokenModule."""
    outside = {module: _scripts(module, folder) for module, folder in outside_folders("migrations").items()}
    return {OURS: _scripts(OURS, None), **outside}


@lru_cache(maxsize=1)
def expected_heads() -> Mapping[str, frozenset[str]]:
    """By schema: the newest versions this program knows. Raises BrokenModule."""
    from alembic.script import ScriptDirectory

    return {
        schema: frozenset(ScriptDirectory.from_config(scripts).get_heads()) for schema, scripts in _histories().items()
    }


class NotTheOwner(Exception):
    """The database needs newer tables, which its role may not make; the message says who may."""


REFUSALS: Final = (BrokenModule, NotTheOwner, database_roles.RoleMissing)
"""What `upgrade` raises in words for the person who started it."""


def upgrade(owner_url: str | None = None, shop_url: str | None = None) -> None:
    """Bring the database to the newest version as the role of `owner_url`, and let the role of `shop_url` (the same when it
    is not given) use it; both from the settings when neither is given. Several containers may call it at once: one
    migrates, the others wait. Raises BrokenModule before anything is changed, NotTheOwner, RoleMissing."""
    if owner_url is None:
        shop_url = settings().database_url
        owner_url = settings().database_owner_url or shop_url
    histories = _histories()
    try:
        for scripts in histories.values():
            _upgrade(scripts, owner_url)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == NOT_ALLOWED:
            raise NotTheOwner(
                f"the database is older than this program, and its role {database_roles.user_of(owner_url)!r} may not"
                f" change it ({str(error.orig).splitlines()[0]}). Run `shop migrate` with SHOP_DATABASE_OWNER_URL."
            ) from error
        raise
    if shop_url is not None and database_roles.are_apart(owner_url, shop_url):
        database_roles.grant(owner_url, shop_url)


def _upgrade(scripts: "Config", url: str) -> None:
    from alembic import command

    scripts.attributes["url"] = sqlalchemy_url(url)
    command.upgrade(scripts, "heads")


def warning() -> str | None:
    """A line for whoever starts the shop, when its role in the database could rewrite the audit log."""
    if not database_roles.can_rewrite_what_is_only_added_to(settings().database_url):
        return None
    return (
        "the audit log is protected by a trigger only: the shop's database role owns it. Give the shop a role of its own"
        " and name the present one in SHOP_DATABASE_OWNER_URL; docs/deploy.md has the three lines."
    )
