"""The migrations make exactly the tables that the code describes."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine

from shop.kernel.config import settings
from shop.kernel.db import sqlalchemy_url
from shop.kernel.tables import METADATA, NAMING
from shop.wiring import MODULES


def test_models_and_migrations_agree(booted):
    together = MetaData(naming_convention=NAMING)
    schemas = {"kernel", *(m.name for m in MODULES if m.metadata is not None)}
    for metadata in (METADATA, *(m.metadata for m in MODULES if m.metadata is not None)):
        for table in metadata.tables.values():
            table.to_metadata(together)
    engine = create_engine(sqlalchemy_url(settings().database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name in schemas,
                "compare_type": True,
            },
        )
        differences = compare_metadata(context, together)
    engine.dispose()
    assert [d for d in _flat(differences) if not _is_out_of_alembics_reach(d)] == []


def _flat(differences):
    for difference in differences:
        yield from difference if isinstance(difference, list) else [difference]


def _is_out_of_alembics_reach(difference) -> bool:
    """Alembic can't compare indexes over expressions; those are checked by the queries that need them."""
    return difference[0] in {"add_index", "remove_index"} and any(
        not hasattr(each, "name") or each.name is None for each in difference[1].expressions
    )
