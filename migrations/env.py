"""How migrations meet the database: one transaction, under an advisory lock so that two containers don't race."""

from alembic import context
from sqlalchemy import create_engine, pool, text

LOCK = 7_304_001

config = context.config


def run() -> None:
    engine = create_engine(config.attributes["url"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, version_table_schema="public", transaction_per_migration=False)
        with context.begin_transaction():
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            context.run_migrations()
    engine.dispose()


run()
