"""Whoever holds something on persons answers for it: no column of free text comes in without somebody having decided."""

from sqlalchemy import ARRAY, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSON, JSONB

from shop.contracts.identity import PersonalData
from shop.wiring import MODULES

ABOUT_GOODS = {"catalog", "inventory", "pricing", "shipping"}
"""Of their columns only those that hold ids of accounts matter."""
IMPERSONAL = {
    "identity.role": "code title permissions",
    "identity.account_role": "role",
    "identity.session": "token_hash data methods",
    "identity.mail_link": "token_hash purpose",
    "identity.address": "country",
    "identity.consent": "purpose",
    "identity.totp": "secret",
    "identity.recovery_code": "code_hash",
    "identity.passkey": "credential_id public_key transports",
    "identity.spent_challenge": "challenge_hash",
    "identity.federated_identity": "issuer provider",
    "identity.signing_key": "kid algorithm private_key public_key",
    "identity.oauth_client": "id name secret_hash signing_secret redirect_uris scopes",
    "identity.token_family": "client_id scopes methods",
    "identity.refresh_token": "token_hash",
    "identity.oauth_code": "token_hash client_id redirect_uri scopes code_challenge methods",
    "identity.oauth_consent": "client_id scopes",
    "identity.api_key": "key_hash hint scopes",
    "cart.cart": "token currency status",
    "orders.sales_order": "number checkout_key status fulfilment_status currency shipping_method shipping_label retry_key",
    "orders.order_line": "sku title options image url",
    "orders.order_history": "status note",
    "orders.order_refund": "destination reason lines",
    "payments.payment": "provider provider_ref currency status failure staff_note capture_ref instructions",
    "payments.refund": "status destination reason provider_ref failure",
    "payments.payer": "provider",
    "payments.stored_method": "provider",
    "payments.method_setup": "provider failure",
    "payments.dispute": "provider provider_ref currency reason status",
    "payments.reconciliation": "status message",
    "payments.discrepancy": "kind subject provider provider_ref ours theirs reason state",
    "payments.provider_event": "provider event_id type provider_ref dispute_ref",
    "payments.sandbox_charge": "currency token status failure",
    "wallet.account": "kind code currency",
    "wallet.transaction": "operation status authority dispute_ref",
    "wallet.entry": "currency",
    "wallet.last_check": "report",
    "wallet.payout": "provider status",
    "wallet.gift_card": "code_hash hint currency",
    "wallet.wish": "digest refusal",
    "wallet.statement": "currency status",
    "notifications.message": "channel template subject_key status",
    "webhooks.received_event": "source event_id type content_hash",
    "backoffice.audit_entry": "actor_kind actor_id program_id permission action subject_kind subject_id details request_id"
    " method route",
}
"""Looked at: ids, codes, hashes, words of ours and what is sold; nothing that tells of a person beyond the ids."""
ACCOUNT_COLUMNS = {"account_id", "customer_id", "actor_id", "created_by", "started_by"}


def columns():
    for manifest in MODULES:
        for table in manifest.metadata.tables.values() if manifest.metadata is not None else ():
            for column in table.columns:
                yield manifest, table, column


def test_a_module_with_personal_columns_answers_for_them():
    holding = {manifest.name for manifest, _, column in columns() if "personal" in column.info}
    holding |= {manifest.name for manifest, _, column in columns() if column.name in ACCOUNT_COLUMNS}
    answering = {name for manifest in MODULES for name in manifest.provides_many.get(PersonalData, {})}
    assert {"identity", "cart", "catalog", "orders", "payments", "notifications", "backoffice"} <= holding
    assert holding == answering


def test_of_every_column_that_could_tell_of_a_person_somebody_has_decided():
    undecided = [
        f"{table.fullname}.{column.name}"
        for manifest, table, column in columns()
        if manifest.name not in ABOUT_GOODS
        and isinstance(column.type, Text | LargeBinary | ARRAY | JSON | JSONB)
        and "personal" not in column.info
        and column.name not in IMPERSONAL.get(table.fullname, "").split()
    ]
    assert undecided == [], (
        "mark them with kernel.tables.PERSONAL, SECRET or KEPT, or say here that they are impersonal"
    )


def test_what_was_looked_at_is_still_there():
    there = {(table.fullname, column.name) for _, table, column in columns()}
    told = {(table, name) for table, names in IMPERSONAL.items() for name in names.split()}
    assert told - there == set()
