"""Alembic, run from the program: one linear history for the shop, and one of its own for each module from outside.

A module's history is kept in its own schema (`bestsellers.alembic_version`), so that taking the package away leaves
nothing behind that the shop would stumble over, and bringing it back goes on where it was.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shop.kernel.config import settings
from shop.kernel.db import sqlalchemy_url
from shop.kernel.outside import outside_folders

if TYPE_CHECKING:  # Alembic is imported where it is used: worker and relay, which live long, never need it
    from alembic.config import Config

VERSION_TABLE: Final = "alembic_version"
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


def upgrade(url: str | None = None) -> None:
    """Bring the database to the newest version. Several containers may call it at once: one migrates, the others wait.
    Raises BrokenModule before anything is changed."""
    from alembic import command

    for scripts in _histories().values():
        scripts.attributes["url"] = sqlalchemy_url(url or settings().database_url)
        command.upgrade(scripts, "heads")
