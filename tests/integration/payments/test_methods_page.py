"""The page of stored means of payment, as a browser without JavaScript uses it."""

import msgspec
import pytest

from shop.contracts.payment_providers import MethodSetup, ProviderAway, ProviderRefused, VaultedMethod
from shop.contracts.payments import MethodShown, Payments
from shop.kernel.db import read, write
from shop.kernel.ports import port
from shop.modules.payments.ports import SANDBOX
from shop.modules.payments.repository import stored_methods
from tests.factories.forms import Form, words
from tests.factories.identity import make_account, sign_in_browser
from tests.factories.payments import scalar

pytestmark = pytest.mark.usefixtures("db")
PAGE = "/account/payment-methods"


@pytest.fixture
async def ada(client):
    account_id = await make_account()
    await sign_in_browser(client, account_id)
    return account_id


async def keep(account_id, name="pm_1", last4="4242"):
    method = VaultedMethod(name, None, MethodShown("card", "Visa", last4=last4, expires="12/2030"))
    await write(stored_methods.keep, account_id, "sandbox", method, None)


async def kept(account_id):
    return await read(port(Payments).stored_methods, account_id)


async def form_to_add(client):
    """Its buttons carry the provider's name."""
    form = Form((await client.get(PAGE)).text, PAGE)
    form.names.add("provider")
    return form


async def add(client):
    return await (await form_to_add(client)).send(client, provider="sandbox")


@pytest.fixture
def elsewhere(monkeypatch):
    """A provider whose site asks the customer."""

    async def begin(_owner, setup_id, _return_url):
        return MethodSetup(f"sandbox_setup_{setup_id.hex}", None, redirect_url="https://pay.example/agree?token=1")

    monkeypatch.setattr(SANDBOX, "begin", begin)


async def test_one_is_added_and_told(client, ada):
    begun = await add(client)
    assert begun.status_code == 303
    done = await client.get(begun.headers["location"])
    assert (done.status_code, done.headers["location"]) == (303, PAGE)
    seen = words((await client.get(PAGE)).text)
    assert "It is kept for your next order" in seen
    assert "Test card •••• 4242 Default Expires 12/2030" in seen


async def test_the_form_sent_twice_begins_one_setup(client, ada, elsewhere):
    form = await form_to_add(client)
    first, again = await form.send(client, provider="sandbox"), await form.send(client, provider="sandbox")
    assert first.headers["location"] == again.headers["location"]
    assert await scalar("select count(*) from payments.method_setup") == 1


async def test_a_providers_own_site_is_led_to_once_and_by_a_link(client, ada, elsewhere):
    setup = (await add(client)).headers["location"]
    assert setup.startswith(PAGE)
    first = await client.get(setup)
    assert first.headers["refresh"] == "0; url=https://pay.example/agree?token=1"
    again = await client.get(setup)
    assert "refresh" not in again.headers
    assert 'href="https://pay.example/agree?token=1"' in again.text
    await client.get(f"{setup}/return")
    assert len(await kept(ada)) == 1
    assert (await client.get(setup)).headers["location"] == PAGE


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ProviderRefused("Your card was declined."), "Your card was declined."),
        (ProviderAway("x"), "not confirmed it yet"),
    ],
)
async def test_what_comes_of_it_is_told_in_plain_words(client, ada, elsewhere, monkeypatch, error, told):
    async def fail(_owner, _ref):
        raise error

    setup = (await add(client)).headers["location"]
    monkeypatch.setattr(SANDBOX, "finish", fail)
    await client.get(f"{setup}/return")
    assert told in words((await client.get(PAGE)).text)
    assert await kept(ada) == []


@pytest.mark.parametrize("provider", ["bank_transfer", "nobody", ""])
async def test_who_keeps_no_methods_is_refused(client, ada, provider):
    form = await form_to_add(client)
    assert (await form.send(client, provider=provider)).headers["location"] == PAGE
    assert "not offered" in words((await client.get(PAGE)).text)
    assert await scalar("select count(*) from payments.method_setup") == 0


async def test_another_default_and_a_removal_that_asks_first(client, ada):
    await keep(ada, "pm_1", "1111")
    await keep(ada, "pm_2", "2222")
    _, other = await kept(ada)
    shown = (await client.get(PAGE)).text
    await Form(shown, f"{PAGE}/{other.id}/default").send(client)
    assert [each.method.last4 for each in await kept(ada)] == ["2222", "1111"]
    assert "Remove Visa •••• 2222?" in words(shown), "asked without JavaScript"
    await Form(shown, f"{PAGE}/{other.id}/remove").send(client)
    assert [(each.method.last4, each.default) for each in await kept(ada)] == [("1111", True)]


async def test_anothers_is_not_there(client, ada, elsewhere):
    eve = await make_account("eve@example.com")
    await keep(eve, "pm_eve")
    [theirs] = await kept(eve)
    await keep(ada)
    [mine] = await kept(ada)
    token = Form((await client.get(PAGE)).text, f"{PAGE}/{mine.id}/remove").fields
    for deed in ("default", "remove"):
        assert (await client.post(f"{PAGE}/{theirs.id}/{deed}", data=token)).status_code == 404
    assert [each.id for each in await kept(eve)] == [theirs.id]
    setup = (await add(client)).headers["location"]
    await sign_in_browser(client, eve)
    assert (await client.get(setup)).status_code == 404
    assert (await client.get(f"{setup}/return")).status_code == 404
    assert len(await kept(ada)) == 1


async def test_a_providers_form_gets_what_it_loads_from(client, ada, monkeypatch):
    async def begin(_owner, setup_id, _return_url):
        return MethodSetup(f"seti_{setup_id.hex}", "cus_1", client_secret="seti_1_secret_2")

    offer = SANDBOX.offer()
    template = msgspec.structs.replace(
        offer,
        setup_template="payments/stripe_setup.html",
        public={"publishable_key": "pk", "csp.frame-src": "https://js.example"},
    )
    monkeypatch.setattr(SANDBOX, "begin", begin)
    monkeypatch.setattr(SANDBOX, "offer", lambda: template)
    shown = await client.get((await add(client)).headers["location"])
    assert 'data-client-secret="seti_1_secret_2"' in shown.text
    assert "frame-src https://js.example" in shown.headers["content-security-policy"].replace("'self' ", "")


async def test_guests_are_asked_to_sign_in(client):
    answer = await client.get(PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=%2Faccount%2Fpayment-methods")


async def test_the_page_takes_few_statements(client, ada, record_statements):
    await keep(ada)
    with record_statements() as sent:
        assert (await client.get(PAGE)).status_code == 200
    assert len(sent) <= 5, sent
