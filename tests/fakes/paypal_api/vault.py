"""Vault v3: setup tokens that a payer approves, and the payment tokens they become."""

import secrets
from typing import Any, Final

from tests.fakes.paypal_api.books import moment, stamp
from tests.fakes.paypal_api.desk import Answer, Call, Desk, link
from tests.fakes.paypal_api.refusals import malformed, not_found, not_permitted, unprocessable

SETUP_SECONDS: Final = 3 * 86_400
WALLET: Final[dict[str, Any]] = {
    "email_address": "ada@example.com",
    "account_id": "QYR5Z8XDVJNXQ",
    "name": {"given_name": "Ada", "surname": "Lovelace"},
    "usage_type": "MERCHANT",
    "customer_type": "CONSUMER",
}


def read_instruction(desk: Desk, attributes: dict[str, Any]) -> dict[str, Any] | None:
    """Whether an order's payer is to be kept, and for whom."""
    wanted = attributes.get("vault")
    if wanted is None:
        return None
    if not desk.control.vault_allowed:
        raise not_permitted()
    if wanted.get("store_in_vault") != "ON_SUCCESS" or wanted.get("usage_type") not in {"MERCHANT", "PLATFORM"}:
        raise malformed("INVALID_PARAMETER_VALUE", "/payment_source/paypal/attributes/vault")
    return {"customer": _read_customer(attributes.get("customer") or {})}


def _read_customer(customer: dict[str, Any]) -> dict[str, str]:
    read = {name: str(customer[name]) for name in ("id", "merchant_customer_id") if customer.get(name)}
    return {"id": secrets.token_urlsafe(8).replace("-", "a").replace("_", "b")[:10], **read}


def names_token(source: dict[str, Any]) -> str | None:
    wallet = source.get("paypal") or {}
    found = wallet.get("vault_id") or (source.get("token") or {}).get("id")
    return str(found) if found else None


def get_token(desk: Desk, token_id: str) -> dict[str, Any]:
    token = desk.books.get("payment_token", token_id)
    if token is None:
        raise not_found()
    return token


def store_buyer(desk: Desk, order_id: str, instruction: dict[str, Any]) -> dict[str, Any]:
    """The payer of an order, kept because the order asked for it; as the order's answer tells it."""
    token = _make_token(desk, instruction["customer"], {"order_id": order_id})
    own = f"/v3/vault/payment-tokens/{token['id']}"
    links = [link(desk.base, own, "self"), link(desk.base, own, "delete", "DELETE")]
    return {"id": token["id"], "status": "VAULTED", "customer": instruction["customer"], "links": links}


def create_setup_token(desk: Desk, call: Call) -> Answer:
    if not desk.control.vault_allowed:
        raise not_permitted()
    source = call.body.get("payment_source") or {}
    wallet = source.get("paypal")
    if not isinstance(wallet, dict):
        raise malformed("MISSING_REQUIRED_PARAMETER", "/payment_source/paypal")
    context = wallet.get("experience_context") or {}
    if wallet.get("usage_type") not in {"MERCHANT", "PLATFORM"}:
        raise malformed("MISSING_REQUIRED_PARAMETER", "/payment_source/paypal/usage_type")
    if not context.get("return_url") or not context.get("cancel_url"):
        raise malformed("MISSING_REQUIRED_PARAMETER", "/payment_source/paypal/experience_context/return_url")
    setup = {
        "id": desk.books.new_id(),
        "status": "PAYER_ACTION_REQUIRED",
        "customer": _read_customer(call.body.get("customer") or {}),
        "context": context,
        "create_time": stamp(desk.books.now()),
    }
    desk.books.put("setup_token", setup)
    return Answer(201, shown_setup(desk, setup), ("setup_token", setup["id"]))


def get_setup(desk: Desk, setup_id: str) -> dict[str, Any]:
    setup = desk.books.get("setup_token", setup_id)
    if setup is None or desk.books.now() > moment(setup["create_time"]) + SETUP_SECONDS:
        raise not_found()
    return setup


def approve_setup(desk: Desk, setup_id: str) -> dict[str, Any]:
    setup = get_setup(desk, setup_id)
    if setup["status"] == "PAYER_ACTION_REQUIRED":
        setup["status"] = "APPROVED"
        desk.books.put("setup_token", setup)
    return setup


def shown_setup(desk: Desk, setup: dict[str, Any]) -> dict[str, Any]:
    own = f"/v3/vault/setup-tokens/{setup['id']}"
    links = [link(desk.base, own, "self")]
    if setup["status"] == "PAYER_ACTION_REQUIRED":
        links.insert(0, link(desk.base, f"/agreements/approve?approval_session_id={setup['id']}", "approve"))
    if setup["status"] == "APPROVED":
        links.append(link(desk.base, "/v3/vault/payment-tokens", "confirm", "POST"))
    approved = setup["status"] in {"APPROVED", "VAULTED"}
    return {
        "id": setup["id"],
        "customer": setup["customer"],
        "status": setup["status"],
        "payment_source": {"paypal": WALLET if approved else {"usage_type": "MERCHANT"}},
        "links": links,
    }


def create_payment_token(desk: Desk, call: Call) -> Answer:
    named = (call.body.get("payment_source") or {}).get("token") or {}
    if named.get("type") != "SETUP_TOKEN" or not named.get("id"):
        raise malformed("INVALID_PARAMETER_VALUE", "/payment_source/token")
    setup = get_setup(desk, str(named["id"]))
    if setup["status"] != "APPROVED":
        raise unprocessable("TOKEN_NOT_APPROVED")
    desk.books.put("setup_token", {**setup, "status": "VAULTED"})
    token = _make_token(desk, setup["customer"], {})
    return Answer(201, shown_token(desk, token), ("payment_token", token["id"]))


def _make_token(desk: Desk, customer: dict[str, str], metadata: dict[str, str]) -> dict[str, Any]:
    token: dict[str, Any] = {"id": desk.books.new_id()[:8].lower(), "customer": customer, "metadata": metadata}
    desk.books.put("payment_token", token, customer["id"])
    desk.tell("VAULT.PAYMENT-TOKEN.CREATED", "payment_token", {**shown_token(desk, token), "metadata": metadata})
    return token


def shown_token(desk: Desk, token: dict[str, Any]) -> dict[str, Any]:
    own = f"/v3/vault/payment-tokens/{token['id']}"
    return {
        "id": token["id"],
        "customer": token["customer"],
        "payment_source": {"paypal": WALLET},
        "links": [link(desk.base, own, "self"), link(desk.base, own, "delete", "DELETE")],
    }


def list_tokens(desk: Desk, call: Call) -> Answer:
    customer_id = call.query.get("customer_id", "")
    page, size = _number(call, "page", 1, 10), _number(call, "page_size", 5, 20)
    tokens = desk.books.children("payment_token", customer_id)
    shown = [shown_token(desk, token) for token in tokens[(page - 1) * size : page * size]]
    pages = -(-len(tokens) // size)
    own = f"/v3/vault/payment-tokens?customer_id={customer_id}&page_size={size}&page="
    links = [link(desk.base, f"{own}{page}", "self")]
    if page < pages:
        links.append(link(desk.base, f"{own}{page + 1}", "next"))
    counts = {"total_items": len(tokens), "total_pages": pages} if call.query.get("total_required") == "true" else {}
    return Answer(200, {**counts, "customer": {"id": customer_id}, "payment_tokens": shown, "links": links})


def _number(call: Call, name: str, otherwise: int, most: int) -> int:
    written = call.query.get(name, str(otherwise))
    if not written.isdigit() or not 1 <= int(written) <= most:
        raise malformed("INVALID_PARAMETER_VALUE", f"/{name}")
    return int(written)


def delete_token(desk: Desk, token_id: str) -> Answer:
    """Also when it is gone already, as PayPal does."""
    token = desk.books.get("payment_token", token_id)
    if token is not None and desk.books.delete("payment_token", token_id):
        desk.tell("VAULT.PAYMENT-TOKEN.DELETED", "payment_token", shown_token(desk, token))
    return Answer(204, None)
