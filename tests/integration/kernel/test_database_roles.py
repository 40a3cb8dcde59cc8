"""The shop's own role in the database: it reads and writes rows, and neither owns a table nor rewrites what is only added to."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from shop.kernel import database_roles, migrate
from shop.kernel.config import settings
from shop.kernel.ids import new_id
from tests.conftest import database_url, shop_url

ENTRY = "insert into backoffice.audit_entry (id, actor_kind, action) values (%s, 'system', 'test.done')"
UPSERT = (
    "insert into backoffice.audit_entry (id, actor_kind, action) select id, 'system', 'x' from backoffice.audit_entry"
    " on conflict (id) do update set action = 'other'"
)
ROWS = {"SELECT", "INSERT", "UPDATE", "DELETE"}


@pytest.fixture
def shop(db) -> Iterator[psycopg.Connection]:
    """As the shop connects."""
    with psycopg.connect(settings().database_url, autocommit=True) as connection:
        connection.execute(ENTRY, [new_id()])
        yield connection


@pytest.fixture
def empty_database(environment) -> Iterator[str]:
    name = f"shop_test_roles_{uuid4().hex[:12]}"
    with psycopg.connect(database_url("postgres"), autocommit=True) as server:
        server.execute(f'create database "{name}"')
        yield name
        server.execute(f'drop database "{name}" with (force)')


@pytest.fixture
def role(environment) -> Iterator[str]:
    """One that nobody has heard of yet; dropped whether or not a test made it."""
    name = f"shop_test_{uuid4().hex[:12]}"
    yield name
    with psycopg.connect(database_url("postgres"), autocommit=True) as server:
        server.execute(f'drop role if exists "{name}"')


def as_role(url: str, role: str) -> str:
    return url.replace(f"://{database_roles.user_of(url)}", f"://{role}", 1)


@pytest.mark.parametrize(
    "statement",
    [
        "update backoffice.audit_entry set action = 'other'",
        "update backoffice.audit_entry set action = 'other' where false",
        "delete from backoffice.audit_entry",
        "truncate backoffice.audit_entry",
        "merge into backoffice.audit_entry a using (select 1) b on true when matched then delete",
        UPSERT,
        "alter table backoffice.audit_entry disable trigger append_only",
        "drop trigger append_only on backoffice.audit_entry",
        "drop table backoffice.audit_entry",
        "drop function kernel.refuse_change cascade",
        "create or replace function kernel.refuse_change() returns trigger language sql as 'select 1'",
        "alter table backoffice.audit_entry owner to current_user",
        "create trigger mine before insert on backoffice.audit_entry for each row execute function kernel.refuse_change()",
        "create rule mine as on insert to backoffice.audit_entry do instead nothing",
        "set session_replication_role = replica",
    ],
)
def test_the_shops_role_cant_rewrite_the_audit_log(shop, statement):
    with pytest.raises(
        (InsufficientPrivilege, psycopg.errors.FeatureNotSupported, psycopg.errors.InvalidObjectDefinition)
    ):
        shop.execute(statement)
    kept = shop.execute("select action from backoffice.audit_entry").fetchall()
    assert kept == [("test.done",)]
    shop.execute(ENTRY, [new_id()])


@pytest.mark.parametrize(
    "statement",
    [
        "update backoffice.audit_entry set action = 'other'",
        "update backoffice.audit_entry set action = 'other' where false",
        "delete from backoffice.audit_entry",
        "truncate backoffice.audit_entry",
    ],
)
def test_even_the_owner_is_refused_by_the_trigger(shop, owner, statement):
    with pytest.raises(InsufficientPrivilege, match="only ever added to"):
        owner.execute(statement)
    assert shop.execute("select count(*) from backoffice.audit_entry").fetchone() == (1,)


@pytest.mark.parametrize(
    ("columns", "values"),
    [
        ("actor_kind, action", "'account', 'x'"),
        ("actor_kind, actor_id, action", "'system', 'somebody', 'x'"),
        ("actor_kind, action", "'nobody', 'x'"),
        ("actor_kind, action, details", "'system', 'x', '[]'"),
        ("actor_kind, action, details", "'system', 'x', jsonb_build_object('x', repeat('x', 4000))"),
        ("actor_kind, action", "'system', repeat('x', 101)"),
    ],
)
def test_an_entry_is_small_and_says_who(shop, columns, values):
    with pytest.raises(psycopg.errors.CheckViolation):
        shop.execute(f"insert into backoffice.audit_entry (id, {columns}) values (gen_random_uuid(), {values})")


def test_the_shops_role_has_what_it_needs_of_every_table_and_no_more(shop, owner):
    tables = owner.execute(
        """
        select n.nspname, c.relname, array(
            select each from unnest(%s::text[]) as each where has_table_privilege(%s, c.oid, each)
        )
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        """,
        [list(database_roles.OF_TABLES), shop.info.user],
    ).fetchall()
    held = {f"{schema}.{name}": set(privileges) for schema, name, privileges in tables}
    assert len(held) > 50
    assert held.pop("backoffice.audit_entry") == held.pop("wallet.entry") == {"SELECT", "INSERT"}
    assert held.pop("public.alembic_version") == {"SELECT"}
    assert {name: privileges for name, privileges in held.items() if privileges != ROWS} == {}


def test_the_shops_role_owns_nothing_and_is_nothing_special(shop, owner):
    assert shop.info.user != owner.info.user
    special = shop.execute(
        "select rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls from pg_roles where rolname = current_user"
    ).fetchone()
    assert special == (False,) * 5
    assert shop.execute("select count(*) from pg_class where relowner = current_user::regrole").fetchone() == (0,)
    assert shop.execute("select pg_has_role(current_user, %s, 'member')", [owner.info.user]).fetchone() == (False,)
    assert shop.execute("select count(*) from pg_auth_members where member = current_user::regrole").fetchone() == (0,)
    for statement in ("create schema mine", "create table public.mine (id int)", "create table kernel.mine (id int)"):
        with pytest.raises(InsufficientPrivilege):
            shop.execute(statement)


def test_a_table_that_comes_later_can_be_used_at_once(empty_database):
    owner_url, url = database_url(empty_database), shop_url(empty_database)
    migrate.upgrade(owner_url, url)
    with psycopg.connect(owner_url) as owner:
        owner.execute("create table catalog.later (id int generated always as identity, name text)")
    with psycopg.connect(url) as shop:
        shop.execute("insert into catalog.later (name) values ('x')")
        assert shop.execute("update catalog.later set name = 'y' returning name").fetchall() == [("y",)]


def test_what_was_granted_too_much_is_taken_back_and_a_missing_grant_mended_by_the_next_start(empty_database):
    owner_url, url = database_url(empty_database), shop_url(empty_database)
    migrate.upgrade(owner_url, url)
    role = database_roles.user_of(url)
    with psycopg.connect(owner_url) as owner:
        owner.execute(f"grant update, delete on backoffice.audit_entry to {role}")
        owner.execute(f"revoke all on catalog.product from {role}")
    migrate.upgrade(owner_url, url)
    with psycopg.connect(url, autocommit=True) as shop:
        with pytest.raises(InsufficientPrivilege):
            shop.execute("delete from backoffice.audit_entry")
        assert shop.execute("select count(*) from catalog.product").fetchone() == (0,)


def test_a_shop_of_one_role_gets_its_second_where_it_stands(empty_database, role):
    """As a data folder from before does: everything is there and belongs to the one role."""
    owner_url = database_url(empty_database)
    migrate.upgrade(owner_url)
    with psycopg.connect(owner_url) as owner:
        owner.execute("insert into kernel.job (name) values ('of before')")
    url = as_role(owner_url, role)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url).close()
    migrate.upgrade(owner_url, url)
    with psycopg.connect(url, autocommit=True) as shop:
        assert shop.execute("update kernel.job set last_error = 'x' returning name").fetchall() == [("of before",)]
        shop.execute(ENTRY, [new_id()])
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(f'drop owned by "{role}"')


def test_a_role_is_made_with_its_password_and_the_server_never_sees_it(empty_database, role):
    url = as_role(database_url(empty_database), f"{role}:of%20the%20shop")
    migrate.upgrade(database_url(empty_database), url)
    with psycopg.connect(database_url(empty_database), autocommit=True) as owner:
        kept = owner.execute("select rolpassword, rolcanlogin from pg_authid where rolname = %s", [role]).fetchone()
        owner.execute(f'drop owned by "{role}"')
    assert kept is not None
    assert kept[0].startswith("SCRAM-SHA-256$")
    assert kept[1] is True


def test_an_owner_who_may_make_no_roles_says_which_line_does(empty_database, role):
    owner_url = database_url(empty_database)
    migrate.upgrade(owner_url, shop_url(empty_database))
    with pytest.raises(database_roles.RoleMissing, match=f"create role {role} login password"):
        database_roles.grant(shop_url(empty_database), as_role(owner_url, role))


def test_a_role_that_may_not_migrate_finds_nothing_to_do_or_says_who_may(empty_database, monkeypatch):
    owner_url, url = database_url(empty_database), shop_url(empty_database)
    migrate.upgrade(owner_url, url)
    migrate.upgrade(url)
    with psycopg.connect(owner_url) as owner:
        owner.execute("update public.alembic_version set version_num = '0014_accounts'")
    with pytest.raises(migrate.NotTheOwner, match="SHOP_DATABASE_OWNER_URL"):
        migrate.upgrade(url)


def test_the_start_warns_where_the_shop_owns_its_audit_log(db, monkeypatch):
    assert migrate.warning() is None
    name = psycopg.conninfo.conninfo_to_dict(settings().database_url)["dbname"]
    monkeypatch.setenv("SHOP_DATABASE_URL", database_url(str(name)))
    settings.cache_clear()
    try:
        told = migrate.warning()
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    assert told is not None
    assert "SHOP_DATABASE_OWNER_URL" in told
    assert "\n" not in told
