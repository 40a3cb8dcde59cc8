"""How migrations meet the database: one transaction, under an advisory lock so that two containers don't race.

`shop.kernel.migrate` says whose they are: the shop's, or those of a module from outside, kept in its own schema.
"""

from alembic import context
from sqlalchemy import create_engine, pool, text

LOCK = 7_304_001

config = context.config
schema: str = config.attributes["schema"]


def run() -> None:
    engine = create_engine(config.attributes["url"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            version_table=config.attributes["version_table"],
            version_table_schema=schema,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            if schema != "public":  # a module's from outside, whose version table comes before its tables
                connection.execute(text(f"create schema if not exists {schema}"))
            context.run_migrations()
    engine.dispose()


run()
