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
            # A module's from outside has its version table before its tables. PostgreSQL would ask who may make schemas
            # before it looks whether there is one.
            if connection.scalar(text("select to_regnamespace(:schema)"), {"schema": schema}) is None:
                connection.execute(text(f"create schema {schema}"))
            context.run_migrations()
    engine.dispose()


run()
