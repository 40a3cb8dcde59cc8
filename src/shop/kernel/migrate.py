"""Alembic, run from the program: one linear history for the shop, a branch per module from outside."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from shop.kernel.config import settings
from shop.kernel.db import sqlalchemy_url

if TYPE_CHECKING:  # Alembic is imported where it is used: worker and relay, which live long, never need it
    from alembic.config import Config


def config(url: str | None = None) -> "Config":
    alembic = _scripts()
    alembic.attributes["url"] = sqlalchemy_url(url or settings().database_url)
    return alembic


def _scripts() -> "Config":
    from alembic.config import Config

    ours = Path(__file__).parents[3] / "migrations"
    installed = Path(__file__).parents[1] / "_migrations"
    alembic = Config()
    alembic.set_main_option("script_location", str(ours if ours.is_dir() else installed).replace("%", "%%"))
    alembic.set_main_option("file_template", "%%(year)d-%%(month).2d-%%(day).2d-%%(hour).2d%%(minute).2d_%%(slug)s")
    return alembic


@lru_cache(maxsize=1)
def expected_heads() -> frozenset[str]:
    from alembic.script import ScriptDirectory

    return frozenset(ScriptDirectory.from_config(_scripts()).get_heads())


def upgrade(url: str | None = None) -> None:
    """Bring the database to the newest version. Several containers may call it at once: one migrates, the others wait."""
    from alembic import command

    command.upgrade(config(url), "heads")
