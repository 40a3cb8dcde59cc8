"""All that is held on a person comes out with an export, and is gone after erasure, but for what the books need: shown by a
canary in every personal column of every table, looked for in a dump of the whole database."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import JSON, Text, text

from shop.contracts.orders import OpenOrders
from shop.contracts.payments import MoneyUnderWay
from shop.kernel import clock
from shop.kernel.db import read, snapshot, sql, write
from shop.kernel.ids import new_id
from shop.kernel.tables import SECRET
from shop.modules.identity import jobs
from shop.modules.identity.service import person
from shop.modules.wallet.rules import customer_account
from shop.wiring import MODULES
from tests.conftest import owner_connection
from tests.factories.catalog import make_product
from tests.factories.identity import bearer, make_account
from tests.factories.orders import ADDRESS, cart_of, check_out, open_shop, status_of

EMAIL = "canary.account.email@example.com"
ADDRESS_CANARIES = {
    "name": "canary buyer name",
    "line1": "canary buyer line1",
    "line2": "canary buyer line2",
    "company": "canary buyer company",
    "city": "canary buyer city",
    "phone": "+49 30 7777001",
}
NOW = clock.now()
LATER = NOW + timedelta(days=1)
PERSONAL = {
    f"{table.fullname}.{column.name}": column
    for manifest in MODULES
    if manifest.metadata is not None
    for table in manifest.metadata.tables.values()
    for column in table.columns
    if "personal" in column.info
}
PUT_BY_USE = {
    "identity.account.email",
    "identity.account.email_key",
    "identity.account.password_hash",
    "orders.sales_order.email",
    "orders.sales_order.addresses",
    "orders.sales_order.access_token",
}
"""Columns that signing up and ordering fill."""


def canary(column):
    return f"canary {column}"


async def run(statement, **values):
    async def use_case(uow):
        return (await sql(uow).execute(text(statement), values)).rowcount

    return await write(use_case)


async def rows(statement, **values):
    async def use_case(uow):
        return (await sql(uow).execute(text(statement), values)).all()

    return await read(use_case)


async def insert(table, **values):
    """A row of `table` with a canary in every personal column that is not named."""
    made = dict(values)
    for name, column in PERSONAL.items():
        if column.table.fullname == table and isinstance(column.type, Text | JSON):
            made.setdefault(column.name, canary(name) if isinstance(column.type, Text) else json.dumps(canary(name)))
    names = ", ".join(made)
    assert await run(f"insert into {table} ({names}) values ({', '.join(f':{name}' for name in made)})", **made) == 1


class Life:
    """Somebody of whom the shop holds all that it can hold."""

    def __init__(self, account_id, orders, message_id):
        self.account_id = account_id
        self.orders = orders
        self.message_id = message_id


@pytest.fixture
async def life(client, db):
    await open_shop()
    mug = await make_product("Mug", price=1999, stock=50)
    account_id = await make_account(EMAIL, name=canary("identity.account.name"))
    headers = await bearer(account_id)
    place = {"email": EMAIL.upper(), "shipping_address": {**ADDRESS, **ADDRESS_CANARIES}}
    own = (await check_out(client, await cart_of(client, (mug, 2)), **place, headers=headers)).json()
    guest = (await check_out(client, await cart_of(client, (mug, 1)), **place)).json()
    orders = [UUID(own["id"]), UUID(guest["id"])]
    await run("update orders.sales_order set status = 'delivered' where id = any(:ids)", ids=orders)
    await run("update cart.cart set account_id = :id", id=account_id)
    message_id = new_id()
    payment_id = UUID(own["payments"][0]["id"])
    stamps = {"account_id": account_id, "created_at": NOW}
    hashes = iter(bytes([number]) * 32 for number in range(20))
    await insert(
        "identity.session",
        token_hash=next(hashes),
        id=new_id(),
        data="{}",
        last_seen_at=NOW,
        signed_in_at=NOW,
        **stamps,
    )
    await insert("identity.mail_link", token_hash=next(hashes), purpose="change_email", expires_at=LATER, **stamps)
    await insert("identity.address", id=new_id(), country="DE", updated_at=NOW, **stamps)
    await insert(
        "identity.passkey",
        credential_id=b"1",
        id=new_id(),
        public_key=b"1",
        sign_count=0,
        transports=[],
        backed_up=False,
        **stamps,
    )
    await insert("identity.federated_identity", issuer="https://id.example", provider="example", **stamps)
    await insert("identity.token_family", id=new_id(), signed_in_at=NOW, last_used_at=NOW, expires_at=LATER, **stamps)
    await insert("identity.api_key", id=new_id(), key_hash=next(hashes), hint="abcd", scopes=[], **stamps)
    await insert(
        "notifications.message", id=message_id, template="password_changed", subject_key="1", account_id=account_id
    )
    await insert("notifications.message", id=new_id(), template="order_expired", subject_key="2", to_address=EMAIL)
    await insert("backoffice.audit_entry", id=new_id(), actor_kind="account", actor_id=str(account_id), action="a.b")
    await run(
        "update payments.payment set token = :token, method_id = :method, client_secret = :secret, redirect_url = :url"
        " where id = :id",
        id=payment_id,
        token=canary("payments.payment.token"),
        method=canary("payments.payment.method_id"),
        secret=canary("payments.payment.client_secret"),
        url=canary("payments.payment.redirect_url"),
    )
    await run(
        "update payments.payment set customer_ref = :customer, method = cast(:method as json) where id = :id",
        id=payment_id,
        customer=canary("payments.payment.customer_ref"),
        method=json.dumps({"kind": "card", "label": canary("payments.payment.method")}),
    )
    await insert("payments.payer", account_id=account_id, provider="stripe")
    shown = json.dumps({"kind": "card", "label": canary("payments.stored_method.method")})
    await insert("payments.stored_method", id=new_id(), account_id=account_id, provider="sandbox", method=shown)
    await insert("payments.method_setup", id=new_id(), account_id=account_id, provider="stripe")
    run_id = new_id()
    await insert("payments.reconciliation", id=run_id, since=NOW, until=LATER, status="done", finished_at=NOW)
    await insert(
        "payments.discrepancy",
        id=new_id(),
        reconciliation_id=run_id,
        kind="wrong_amount",
        subject=str(payment_id),
        provider="sandbox",
        payment_id=payment_id,
        ours="19.99",
        theirs="20.00",
        reason="It differs",
        state="resolved",
    )
    wallet = customer_account(account_id, "EUR")
    await run(
        "insert into wallet.account (id, kind, owner_id, currency, balance) values (:id, 'customer', :owner, 'EUR', 0)",
        id=wallet,
        owner=account_id,
    )
    await insert(
        "wallet.transaction",
        id=new_id(),
        account_id=wallet,
        operation="deposit",
        amount=1,
        incoming=True,
        status="failed",
        authority="staff",
        settled_at=NOW,
    )
    await insert(
        "payments.provider_event",
        provider="stripe",
        event_id="evt_1",
        type="charge.succeeded",
        payment_id=payment_id,
        payload=json.dumps({"billing": canary("payments.provider_event.payload")}).encode(),
    )
    await run(
        "insert into catalog.import_run (id, started_by, file_name, file_size) values (:id, :account, 'goods.csv', 1)",
        id=new_id(),
        account=account_id,
    )
    for field, value in (("account_id", account_id), ("message_id", message_id)):
        await run(
            "insert into kernel.outbox (id, event_id, event, subscriber, payload, state, last_error) values"
            " (:id, :id, 'identity.password_changed.v1', 'nobody', jsonb_build_object(cast(:field as text), cast(:value as text)),"
            " 'dead', 'Refused: canary outbox error')",
            id=new_id(),
            field=field,
            value=str(value),
        )
    return Life(account_id, orders, message_id)


def dump():
    """The whole database as text, bytes in hexadecimal."""
    with owner_connection() as connection:
        tables = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        return {
            name: "\n".join(row[0] for row in connection.execute(f"select t::text from {name} t")) for (name,) in tables
        }


def tables_with(value):
    hidden = value.encode().hex()
    return sorted(name for name, content in dump().items() if value.lower() in content.lower() or hidden in content)


def all_canaries():
    told = {canary(column) for column in PERSONAL if column not in PUT_BY_USE}
    return {*told, EMAIL, *ADDRESS_CANARIES.values()}


def of_kind(kind):
    return {canary(name) for name, column in PERSONAL.items() if column.info["personal"] == kind}


async def half_an_hour_later(*closed):
    """As these accounts would look then."""
    for table in ("orders.sales_order", "notifications.message"):
        await run(f"update {table} set created_at = created_at - interval '31 minutes'")
    shift = "update identity.account set closed_at = closed_at - interval '31 minutes' where id = any(:ids)"
    await run(shift, ids=list(closed))


async def erased(account_id):
    await write(person.close_account, account_id)
    return await write(person.erase_closed, account_id)


async def test_the_canaries_are_where_they_should_be(life):
    """Else the tests below would find nothing in nothing."""
    for each in all_canaries() - of_kind(SECRET["personal"]):
        assert tables_with(each), each
    assert "kernel.idempotency" in tables_with(ADDRESS_CANARIES["name"])
    assert tables_with("canary outbox error") == ["kernel.outbox"]


async def test_an_export_holds_everything_that_is_held(life):
    told = json.dumps(await snapshot(person.export_account, life.account_id), ensure_ascii=False).lower()
    hidden = of_kind(SECRET["personal"])
    missing = [each for each in all_canaries() - hidden if each.lower() not in told]
    assert missing == []
    assert [each for each in hidden if each.lower() in told] == [], "no secret leaves"
    for each in (*life.orders, life.account_id):
        assert str(each) in told


async def test_after_erasure_nothing_is_left_but_what_is_kept_on_purpose(life, drain_outbox):
    kept = await erased(life.account_id)
    method = canary("payments.stored_method.provider_ref")
    assert tables_with(method) == ["kernel.outbox"], "until its provider has been told to forget it"
    await drain_outbox()
    left = {each: tables_with(each) for each in {*all_canaries(), "canary outbox error"}}
    assert {each: tables for each, tables in left.items() if tables} == {
        canary("backoffice.audit_entry.network"): ["backoffice.audit_entry"],
        canary("wallet.transaction.reason"): ["wallet.transaction"],
        canary("wallet.transaction.failure"): ["wallet.transaction"],
    }
    assert tables_with(str(life.account_id)) == ["backoffice.audit_entry", "wallet.account"]
    assert [each.what.split()[0] for each in kept] == ["Orders", "Payments", "Transactions", "Entries"]


async def test_an_export_by_address_tells_the_same_and_erasure_by_address_erases_at_once(life):
    told = json.dumps(await snapshot(person.export_by_address, EMAIL)).lower()
    assert canary("identity.passkey.name") in told
    await write(person.erase_by_address, EMAIL)
    assert tables_with(EMAIL) == []


async def test_a_guest_who_never_had_an_account_is_told_and_erased_too(client, db):
    await open_shop()
    mug = await make_product("Mug", price=1999, stock=50)
    order = (await check_out(client, await cart_of(client, (mug, 1)), email="guest@example.com")).json()
    await run("update orders.sales_order set status = 'delivered'")
    told = await snapshot(person.export_by_address, "guest@example.com")
    assert [each["id"] for each in told["data"]["orders"]["orders"]] == [order["id"]]
    await write(person.erase_by_address, "guest@example.com")
    assert tables_with("guest@example.com") == []
    assert (
        await client.get(f"/api/v1/orders/{order['id']}", headers={"Order-Token": order["access_token"]})
    ).status_code == 404


BOOKS = """
    select o.id, o.number, o.status, o.currency, o.items, o.discount, o.shipping, o.tax, o.total, o.tax_included, o.created_at,
        o.paid_at, o.addresses #>> '{shipping,country}' as country, o.addresses #>> '{shipping,region}' as region,
        (select array_agg((l.sku, l.title, l.quantity, l.unit_price, l.total, l.tax, l.tax_rate)::text order by l.position)
            from orders.order_line l where l.order_id = o.id) as lines,
        (select array_agg((p.id, p.provider, p.provider_ref, p.amount, p.currency, p.status, p.refunded_amount)::text
            order by p.id) from payments.payment p where p.order_id = o.id) as payments
    from orders.sales_order o order by o.id
"""


async def test_the_books_are_the_same_before_and_after(life):
    before = await rows(BOOKS)
    assert len(before) == 2
    await erased(life.account_id)
    assert await rows(BOOKS) == before
    [codes] = {
        row.codes
        for row in await rows("select addresses #>> '{shipping,postal_code}' as codes from orders.sales_order")
    }
    assert codes == "10"


async def test_an_orders_link_in_an_old_mail_leads_nowhere_after_erasure(client, life):
    [token] = [
        row.access_token for row in await rows("select access_token from orders.sales_order order by id limit 1")
    ]
    await erased(life.account_id)
    answer = await client.get(f"/api/v1/orders/{life.orders[0]}", headers={"Order-Token": token})
    assert answer.status_code == 404


@pytest.mark.parametrize("status", ["pending_payment", "payment_failed", "paid", "processing", "shipped"])
async def test_an_order_on_its_way_holds_up_the_end(life, status):
    await run(
        "update orders.sales_order set status = :status, paid_at = null where id = :id",
        status=status,
        id=life.orders[1],
    )
    with pytest.raises(OpenOrders) as refused:
        await write(person.close_account, life.account_id)
    assert refused.value.code == "open_orders"
    assert await rows("select 1 from identity.account where closed_at is not null") == []
    with pytest.raises(OpenOrders):
        await write(person.erase_by_address, EMAIL)
    assert tables_with(EMAIL)


async def test_money_on_its_way_holds_up_the_end(life):
    await run("update payments.payment set status = 'requires_action' where order_id = :id", id=life.orders[0])
    with pytest.raises(MoneyUnderWay):
        await write(person.close_account, life.account_id)


async def test_the_job_erases_what_was_closed_a_while_ago_and_waits_with_the_rest(life):
    other = await make_account("other@example.com")
    await write(person.close_account, life.account_id)
    await write(person.close_account, other)
    await half_an_hour_later(life.account_id)
    await jobs.erase_closed_accounts()
    assert [row.id for row in await rows("select id from identity.account")] == [other]
    assert tables_with(EMAIL) == []


async def test_an_order_that_came_in_with_the_closing_puts_erasure_off_and_holds_up_nobody_else(life):
    other = await make_account("other@example.com")
    for each in (life.account_id, other):
        await write(person.close_account, each)
    await half_an_hour_later(life.account_id, other)
    await run("update orders.sales_order set status = 'paid' where id = :id", id=life.orders[0])
    await jobs.erase_closed_accounts()
    assert [row.id for row in await rows("select id from identity.account")] == [life.account_id]
    assert await status_of(life.orders[0]) == "paid"


async def test_an_account_whose_address_was_never_confirmed_gets_no_guests_orders(client, db):
    """Anybody could sign up under that address to read them."""
    await open_shop()
    mug = await make_product("Mug", price=1999, stock=50)
    await check_out(client, await cart_of(client, (mug, 1)), email="victim@example.com")
    account_id = await make_account("victim@example.com", verified=False)
    assert "orders" not in (await snapshot(person.export_account, account_id))["data"]


async def test_who_takes_the_free_address_keeps_what_they_order(client, life):
    await write(person.close_account, life.account_id)
    mug = await make_product("Cup", price=500, stock=5)
    later = (await check_out(client, await cart_of(client, (mug, 1)), email=EMAIL)).json()
    await run("update orders.sales_order set status = 'delivered'")
    await write(person.erase_closed, life.account_id)
    [row] = await rows("select email from orders.sales_order where id = :id", id=UUID(later["id"]))
    assert row.email == EMAIL
