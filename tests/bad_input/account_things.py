"""One of everything that belongs to an account, or to the people and programs that staff look after: made by rows, so that
it is there again at once when a request has used it up, and under the same id."""

from urllib.parse import urlencode
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.ids import new_token
from shop.kernel.sealing import seal
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.rules import token_hash
from shop.modules.identity.service.totp import PURPOSE
from tests.bad_input.wallet_things import give_wallet

PROGRAM = "https://till.example.com/back"
"""Where the program is told the answer of whoever was asked on the page of consent."""
PROVIDER = "club"
SPARE_ROLE = "spare"
"""Made by the shop; nobody has it."""
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def always(name: str) -> UUID:
    """The same id each time, so that a page that names the thing is found again when it was made anew."""
    return uuid5(NAMESPACE_OID, name)


ADDRESS_ID, KEY_ID, CLIENT_ID, PASSKEY_ID = map(always, ("address_id", "key_id", "client_id", "passkey_id"))
STATEMENT_ID = always("statement")
METHOD_ID, SETUP_ID = map(always, ("method_id", "setup_id"))

ASKED_BY_PROGRAM = "/oauth/authorize?" + urlencode(
    {
        "response_type": "code",
        "client_id": str(CLIENT_ID),
        "redirect_uri": PROGRAM,
        "scope": "profile.read",
        "state": "s",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
)

_GONE = tuple(
    text(f"delete from identity.{each}")
    for each in (
        "address",
        "api_key",
        "oauth_client",
        "passkey",
        "totp",
        "federated_identity",
        "role where code not in (select role from identity.account_role)",
    )
)
_ADDRESS = text(
    "insert into identity.address (id, account_id, name, line1, city, postal_code, country, created_at, updated_at)"
    " values (:id, :account_id, 'Ada', 'Unter den Linden 5', 'Berlin', '10117', 'DE', now(), now())"
)
_KEY = text(
    "insert into identity.api_key (id, account_id, name, key_hash, hint, scopes, created_at)"
    " values (:id, :account_id, 'Till', sha256('key'), 'abcd', '{profile.read}', now())"
)
_CLIENT = text(
    "insert into identity.oauth_client (id, name, secret_hash, redirect_uris, scopes, created_at)"
    " values (:id, 'Till', sha256('secret'), :redirect_uris, '{profile.read}', now())"
)
_CONSENT = text("insert into identity.oauth_consent values (:account_id, :client_id, '{profile.read}', now())")
_PASSKEY = text(
    "insert into identity.passkey (credential_id, id, account_id, public_key, sign_count, name, transports, backed_up,"
    " created_at) values (:credential, :id, :account_id, 'key', 0, 'Phone', '{}', false, now())"
)
_ROLE = text(
    "insert into identity.role (code, title, permissions, created_at)"
    " values (:code, 'Spare', '{stock.view}', now()) on conflict do nothing"
)
_APP = text(
    "insert into identity.totp (account_id, secret, confirmed_at, created_at)"
    " values (:account_id, :secret, case when :confirmed then now() end, now())"
)
_PROVIDER = text(
    "insert into identity.federated_identity (issuer, subject, account_id, provider, created_at)"
    " values ('https://club.example', cast(:account_id as text), :account_id, :provider, now())"
)
_STATEMENT_GONE = text("delete from wallet.statement")
_STATEMENT = text(
    "insert into wallet.statement (id, owner_id, currency, from_date, to_date, begins_at, ends_at, mailed)"
    " values (:id, :account_id, 'EUR', '2026-01-01', '2026-06-30', '2025-12-31T23:00Z', '2026-06-30T22:00Z', true)"
)
_METHODS_GONE = text("with setups as (delete from payments.method_setup) delete from payments.stored_method")
_METHODS = text(
    """
    insert into payments.stored_method (id, account_id, provider, provider_ref, method, is_default)
    select id, :account_id, 'sandbox', id::text, '{"kind": "card", "label": "Test card", "last4": "4242"}', id <> :id
    from (values (cast(:id as uuid)), (cast(:setup_id as uuid))) as kept (id)
    """
)
"""Two, the other being the default."""
_SETUP = text(
    "insert into payments.method_setup (id, account_id, provider, provider_ref, redirect_url)"
    " values (:id, :account_id, 'sandbox', 'sandbox_setup_' || replace(cast(:id as text), '-', ''), 'https://club.example')"
)


async def give_things(uow: UnitOfWork, customer: UUID) -> None:
    """To the customer all that an account can hold; to the shop a role and a program."""
    connection = sql(uow)
    for statement in _GONE:
        await connection.execute(statement)
    await connection.execute(_ROLE, {"code": SPARE_ROLE})
    await connection.execute(_ADDRESS, {"id": ADDRESS_ID, "account_id": customer})
    await connection.execute(_KEY, {"id": KEY_ID, "account_id": customer})
    await connection.execute(_CLIENT, {"id": str(CLIENT_ID), "redirect_uris": [PROGRAM]})
    await connection.execute(_CONSENT, {"account_id": customer, "client_id": str(CLIENT_ID)})
    await connection.execute(_PASSKEY, {"id": PASSKEY_ID, "account_id": customer, "credential": PASSKEY_ID.bytes})
    await connection.execute(_PROVIDER, {"account_id": customer, "provider": PROVIDER})
    await connection.execute(_STATEMENT_GONE)
    await connection.execute(_STATEMENT, {"id": STATEMENT_ID, "account_id": customer})
    await connection.execute(_METHODS_GONE)
    await connection.execute(_METHODS, {"id": METHOD_ID, "setup_id": SETUP_ID, "account_id": customer})
    await connection.execute(_SETUP, {"id": SETUP_ID, "account_id": customer})
    await give_wallet(uow, customer)
    await give_app(uow, customer)


async def give_app(uow: UnitOfWork, account_id: UUID, *, confirmed: bool = True) -> None:
    """An authenticator app, or one that is being set up."""
    secret = seal(PURPOSE, TOTP_SECRET.encode(), account_id.bytes)
    await sql(uow).execute(_APP, {"account_id": account_id, "secret": secret, "confirmed": confirmed})


async def link_to_an_address(uow: UnitOfWork, purpose: str, account_id: UUID) -> str:
    """The token of a link that sets the account's address ("change_email") or sets it back ("revert_email")."""
    token = new_token()
    link = text(
        "insert into identity.mail_link (token_hash, account_id, purpose, email, created_at, expires_at)"
        " values (:hash, :account_id, :purpose, 'new@example.com', now(), now() + interval '1 hour')"
    )
    values = {"hash": token_hash(token), "account_id": account_id, "purpose": purpose}
    await sql(uow).execute(link, values)
    return token
