"""What a package from outside may bring, and in which words it is refused when it is broken."""

from importlib.metadata import EntryPoint
from pathlib import Path

import psycopg
import pytest

from shop import wiring
from shop.kernel import migrate, outside
from shop.kernel.http import static, templating
from shop.kernel.http.health import check_readiness
from shop.kernel.manifest import Manifest
from tests.conftest import database_url

MIGRATION = """
from alembic import op
revision = "0001_lamp"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create table lamps.lamp (id int)")
"""
CACHES = (outside.outside_manifests, migrate.expected_heads, static.static_files, templating.environment)
MANIFEST = Manifest(name="lamps")
NO_MANIFEST = "lamps"
BADLY_NAMED = Manifest(name="kernel")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch):
    """`installed("attribute")`: as if a package named this object of this file in the entry-point group."""

    def install(value: str) -> None:
        entry = EntryPoint("lamps", value, outside.GROUP)
        monkeypatch.setattr(outside, "entry_points", lambda group: [entry] if group == outside.GROUP else [])
        for cached in CACHES:
            cached.cache_clear()

    yield install
    monkeypatch.undo()
    for cached in CACHES:
        cached.cache_clear()


@pytest.fixture
def lamps(tmp_path: Path, installed, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder, with spaces in its path, of a module from outside."""
    folder = tmp_path / "my modules"
    for name, text in {
        "templates/lamps/lamp.html": "<p>A lamp of {{ shop.name }}</p>",
        "templates/base.html": "<p>Mine now!</p>",
        "static/lamps/lamp.css": ".lamp { color: gold; }",
        "static/favicon.svg": "<svg/>",
        "migrations/0001_lamp.py": MIGRATION,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.setitem(globals(), "MANIFEST", Manifest(name="lamps", folder=folder))
    monkeypatch.setattr(EntryPoint, "load", lambda _entry: MANIFEST)
    installed("lamps:MANIFEST")
    return folder


async def test_its_templates_and_files_are_found_behind_those_of_the_shop(lamps):
    assert templating.render_text("lamps/lamp.html", {}) == "<p>A lamp of Fernweh Goods</p>"
    assert Path(templating.environment().get_template("base.html").filename).parent != lamps / "templates"
    assert static.static_files()["lamps/lamp.css"].content == b".lamp { color: gold; }"
    assert static.static_files()["favicon.svg"].content != b"<svg/>"


def test_its_migrations_run_once_in_a_history_of_their_own(lamps, booted):
    name = "shop_outside_history"
    with psycopg.connect(database_url("postgres"), autocommit=True) as server:
        server.execute(f"drop database if exists {name} with (force)")
        server.execute(f"create database {name}")
        try:
            migrate.upgrade(database_url(name))
            migrate.upgrade(database_url(name))
            with psycopg.connect(database_url(name)) as connection:
                told = connection.execute("select to_regclass('lamps.lamp'), version_num from lamps.alembic_version")
                assert told.fetchall() == [("lamps.lamp", "0001_lamp")]
                ours = connection.execute("select version_num from public.alembic_version").fetchall()
        finally:
            server.execute(f"drop database {name} with (force)")
    assert {version for (version,) in ours} == migrate.expected_heads()["public"]


async def test_a_shop_that_has_not_run_them_says_that_it_is_behind(lamps, db):
    assert (await check_readiness())["migrations"] == "behind: run `shop migrate`"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("no_such_package:MANIFEST", "can't be loaded"),
        (f"{__name__}:NO_MANIFEST", "is no Manifest"),
        (f"{__name__}:BADLY_NAMED", "'kernel' can't be a module's name"),
    ],
)
def test_a_broken_package_is_named_before_anything_starts(installed, monkeypatch, value, words):
    if value.startswith(__name__):
        monkeypatch.setattr(EntryPoint, "load", lambda entry: globals()[entry.attr])
    installed(value)
    with pytest.raises(wiring.WiringError, match=words):
        wiring.all_modules()
    with pytest.raises(outside.BrokenModule, match=words):
        migrate.upgrade()
