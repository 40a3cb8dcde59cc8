"""The customer's page of stored means of payment: what there is, one more, another default, one less."""

import re
from typing import Any, Final
from uuid import UUID, uuid5

import structlog
from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.contracts.payment_providers import ProviderAway
from shop.contracts.payments import PaymentMethod
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.errors import ShopError
from shop.kernel.http.access import customer
from shop.kernel.http.ratelimit import CHECKOUT
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import Session, session_of, signed_in
from shop.kernel.http.templating import HTMLPage, account_page
from shop.kernel.ids import new_token
from shop.modules.payments.schemas import Setup
from shop.modules.payments.service import stored_methods
from shop.modules.payments.service.open_payment import offered_methods

ShopRequest = Request[Any, Any, Any]
log = structlog.get_logger(__name__)

PAGE: Final = "/account/payment-methods"
ATTEMPT: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
REACHABLE: Final = re.compile(r"https?://[!-~]+")
"""What a header may carry."""
NOT_YET: Final = "Your provider has not confirmed it yet. It appears here as soon as it has."


@get(PAGE, guards=[customer], include_in_schema=False)
async def list_page(request: ShopRequest) -> HTMLPage:
    account_id = (await signed_in(request)).account_id
    offered = {method.provider: method for method in offered_methods()}
    context = {
        "methods": await read(stored_methods.list_methods, account_id),
        "labels": {name: method.label for name, method in offered.items()},
        "vaults": [offered[name] for name in stored_methods.vaults() if name in offered],
        "attempt": new_token(),
    }
    return await account_page(request, "payments/methods.html", context)


@post(PAGE, guards=[customer], opt=CHECKOUT, include_in_schema=False)
async def begin_from_form(request: ShopRequest) -> Redirect:
    """The same form sent twice goes on with the same setup."""
    account_id, form = (await signed_in(request)).account_id, await form_fields(request)
    attempt = form.get("attempt", "")
    setup_id = uuid5(account_id, attempt if ATTEMPT.fullmatch(attempt) else new_token())
    try:
        setup = await stored_methods.begin_setup(account_id, form.get("provider", ""), setup_id)
    except ShopError as refusal:
        return await _back(request, "error", refusal.detail)
    session = await session_of(request)
    own = (setup.redirect_url or "").removeprefix(settings().public_url)
    if own.startswith("/") and not own.startswith(("//", "/\\")):
        return Redirect(own, status_code=303)
    session["leaving"] = str(setup.id)
    return Redirect(f"{PAGE}/{setup.id}", status_code=303)


@get(f"{PAGE}/{{setup_id:uuid}}", guards=[customer], include_in_schema=False)
async def setup_page(request: ShopRequest, setup_id: FromPath[UUID]) -> HTMLPage | Redirect:
    """Where the method is entered: in the provider's form, or by a link to its own site, to which this page leads on by
    itself the first time (a form's answer may not lead there, as our Content-Security-Policy says)."""
    setup = await read(stored_methods.get_setup, setup_id, (await signed_in(request)).account_id)
    method = next((each for each in offered_methods() if each.provider == setup.provider), None)
    if setup.finished_at is not None or method is None:
        return Redirect(PAGE, status_code=303)
    leaving = (await session_of(request)).pop("leaving")
    context = {"setup": setup, "method": method, "return_url": f"{PAGE}/{setup.id}/return"}
    answer = await account_page(request, "payments/method_setup.html", context, csp=_policy_for(method), part_of=PAGE)
    if leaving == str(setup.id) and setup.redirect_url and REACHABLE.fullmatch(setup.redirect_url):
        answer.headers["Refresh"] = f"0; url={setup.redirect_url}"
    return answer


@get(f"{PAGE}/{{setup_id:uuid}}/return", guards=[customer], include_in_schema=False)
async def return_from_provider(request: ShopRequest, setup_id: FromPath[UUID]) -> Redirect:
    """That the customer is back proves nothing: the provider is asked what it has stored."""
    account_id = (await signed_in(request)).account_id
    setup = await read(stored_methods.get_setup, setup_id, account_id)
    try:
        await stored_methods.finish_setup(setup)
    except ProviderAway as away:
        log.warning("method_setup_not_known_yet", provider=setup.provider, reason=str(away)[:200])
    setup = await read(stored_methods.get_setup, setup_id, account_id)
    return await _back(request, *_told(setup))


def _told(setup: Setup) -> tuple[str, str]:
    if setup.finished_at is None:
        return "info", NOT_YET
    return ("error", setup.failure) if setup.failure else ("success", "It is kept for your next order.")


@post(f"{PAGE}/{{method_id:uuid}}/default", guards=[customer], include_in_schema=False)
async def make_default(request: ShopRequest, method_id: FromPath[UUID]) -> Redirect:
    await write(stored_methods.make_default, (await signed_in(request)).account_id, method_id)
    return Redirect(PAGE, status_code=303)


@post(f"{PAGE}/{{method_id:uuid}}/remove", guards=[customer], include_in_schema=False)
async def remove(request: ShopRequest, method_id: FromPath[UUID]) -> Redirect:
    await write(stored_methods.remove_method, (await signed_in(request)).account_id, method_id)
    return await _back(request, "success", "It is removed. Orders that it paid keep its name.")


async def _back(request: ShopRequest, kind: str, words: str) -> Redirect:
    session: Session = await session_of(request)
    session.flash(kind, words)
    return Redirect(PAGE, status_code=303)


def _policy_for(method: PaymentMethod) -> dict[str, str]:
    """Sources that the provider's form loads from, by directive."""
    return {name.removeprefix("csp."): value for name, value in method.public.items() if name.startswith("csp.")}


ROUTES: Final = (list_page, begin_from_form, setup_page, return_from_provider, make_default, remove)
