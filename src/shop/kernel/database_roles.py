"""Two roles in one database: the one that owns the tables and migrates, and the shop's own, which only reads and writes rows.

What the shop's role may not do, no hole in the shop can do through it: change the schema, take a trigger off, rewrite the
audit log. Tables whose changes `kernel.refuse_change` refuses get SELECT and INSERT alone; version tables SELECT alone.
"""

from collections.abc import Iterable
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

VERSION_TABLE: Final = "alembic_version"
LOCK: Final = 7_304_003
"""Two containers that start at once grant one after the other."""
ROWS: Final = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
ADDED_TO: Final = frozenset({"SELECT", "INSERT"})
READ: Final = frozenset({"SELECT"})
OF_SEQUENCES: Final = frozenset({"SELECT", "USAGE"})
OF_TABLES: Final = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")

OBJECTS: Final = """
    select n.nspname as schema, c.relname as name, c.relkind in ('v', 'm') as view, c.relkind = 'S' as sequence,
        exists (
            select from pg_trigger t where t.tgrelid = c.oid and t.tgfoid = to_regproc('kernel.refuse_change')::oid
        ) as append_only,
        array(
            select each from unnest(case when c.relkind = 'S' then %(of_sequences)s::text[] else %(of_tables)s::text[] end)
                as each
            where case when c.relkind = 'S' then has_sequence_privilege(%(role)s, c.oid, each)
                else has_table_privilege(%(role)s, c.oid, each) end
        ) as held
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'S') and pg_has_role(c.relowner, 'usage')
        and (n.nspname = any(%(schemas)s) or (n.nspname = 'public' and c.relname = %(version_table)s))
"""
OWN_SCHEMAS: Final = """
    select nspname, has_schema_privilege(%s, oid, 'usage') from pg_namespace
    where nspname !~ '^pg_' and nspname not in ('public', 'information_schema') and pg_has_role(nspowner, 'usage')
"""
UNPROTECTED: Final = """
    select exists (
        select from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where t.tgfoid = to_regproc('kernel.refuse_change')::oid
            and (pg_has_role(c.relowner, 'member') or has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE'))
    )
"""


class RoleMissing(Exception):
    """The shop's role doesn't exist and the owner may not make it; the message holds the SQL that does."""


def user_of(url: str) -> str:
    """Whom `url` signs in as; empty when it leaves that to the environment."""
    return str(conninfo_to_dict(url).get("user") or "")


def are_apart(owner_url: str, shop_url: str) -> bool:
    return user_of(owner_url) != user_of(shop_url)


def grant(owner_url: str, shop_url: str) -> None:
    """The role of `shop_url`, made when it is missing, may use every table that belongs to the role of `owner_url`, those
    that migrations still to come make included. Raises RoleMissing."""
    role = user_of(shop_url)
    with psycopg.connect(owner_url) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        if connection.execute("select from pg_roles where rolname = %s", [role]).fetchone() is None:
            _make(connection, role, conninfo_to_dict(shop_url).get("password"))
        schemas = connection.execute(OWN_SCHEMAS, [role]).fetchall()
        for schema, usable in schemas:
            if not usable:
                _open(connection, schema, role)
        parameters = {
            "role": role,
            "schemas": [schema for schema, _ in schemas],
            "version_table": VERSION_TABLE,
            "of_tables": list(OF_TABLES),
            "of_sequences": [*OF_SEQUENCES, "UPDATE"],
        }
        for schema, name, view, sequence, append_only, held in connection.execute(OBJECTS, parameters).fetchall():
            wanted = _wanted(name, view=view, sequence=sequence, append_only=append_only)
            if wanted != set(held):
                _allow(connection, role, sql.Identifier(schema, name), wanted, sequence=sequence)


def can_rewrite_what_is_only_added_to(url: str) -> bool:
    """Whether the role of `url` could change or empty the audit log by taking its trigger off."""
    with psycopg.connect(url) as connection:
        row = connection.execute(UNPROTECTED).fetchone()
        return bool(row and row[0])


def _wanted(name: str, *, view: bool, sequence: bool, append_only: bool) -> frozenset[str]:
    if sequence:
        return OF_SEQUENCES
    if view or name == VERSION_TABLE:
        return READ
    return ADDED_TO if append_only else ROWS


def _make(connection: psycopg.Connection[Any], role: str, password: Any) -> None:
    statement = sql.SQL("create role {} login").format(sql.Identifier(role))
    if password:
        # Hashed here, so that it stands in no log of the server.
        hashed = connection.pgconn.encrypt_password(str(password).encode(), role.encode()).decode()
        statement += sql.SQL(" password {}").format(sql.Literal(hashed))
    try:
        with connection.transaction():
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege as error:
        raise RoleMissing(
            f"the database role {role!r} of SHOP_DATABASE_URL does not exist, and that of SHOP_DATABASE_OWNER_URL may not"
            f" make it. As a superuser: create role {role} login password '...';"
        ) from error
    except psycopg.errors.DuplicateObject:
        pass  # made meanwhile, for another database of this server


def _open(connection: psycopg.Connection[Any], schema: str, role: str) -> None:
    """Also for what comes later, so that no moment is between a new table and its grants."""
    names = {"schema": sql.Identifier(schema), "role": sql.Identifier(role)}
    for statement in (
        "grant usage on schema {schema} to {role}",
        "alter default privileges in schema {schema} grant select, insert, update, delete on tables to {role}",
        "alter default privileges in schema {schema} grant usage, select on sequences to {role}",
    ):
        connection.execute(sql.SQL(statement).format(**names))


def _allow(
    connection: psycopg.Connection[Any], role: str, name: sql.Identifier, wanted: Iterable[str], *, sequence: bool
) -> None:
    kind = sql.SQL("sequence" if sequence else "table")
    names = {"kind": kind, "name": name, "role": sql.Identifier(role)}
    connection.execute(sql.SQL("revoke all on {kind} {name} from {role}").format(**names))
    privileges = sql.SQL(", ").join(sql.SQL(each) for each in sorted(wanted))
    connection.execute(sql.SQL("grant {privileges} on {kind} {name} to {role}").format(privileges=privileges, **names))
