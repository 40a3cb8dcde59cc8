"""Signing in by an identity provider: out to it, back from it, and the links to providers that an account keeps.

The way out ends with a page that goes on by itself, not with a redirect: browsers hold a redirect after a form to the
form-action of our Content-Security-Policy, and that names no other site.
"""

import secrets
from datetime import timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from shop.contracts.identity import WrongCredentials
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.kernel.errors import FieldError, NotFound, ShopError
from shop.kernel.http.access import customer, public
from shop.kernel.http.errors import status_of
from shop.kernel.http.ratelimit import AUTH
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import session_cookie, session_of
from shop.kernel.http.templating import HTMLPage, page
from shop.kernel.ids import new_token
from shop.kernel.oidc_settings import OidcProvider
from shop.modules.identity.confirmation import require_recent
from shop.modules.identity.credentials import signed_in_by
from shop.modules.identity.errors import LastWayIn, LinkedElsewhere, ProviderAway, ProviderRefused
from shop.modules.identity.gateways.identity_providers import Asked, Named, ProviderClient, provider_client
from shop.modules.identity.pages.forms import form_page, without_referrer
from shop.modules.identity.pages.second_factor import after_sign_in, let_in
from shop.modules.identity.rules import local_path
from shop.modules.identity.service import federation, sessions
from shop.modules.identity.service.federation import WaysIn

AnyRequest = Request[Any, Any, Any]

SECURITY: Final = "/account/security"
KEY: Final = "provider"
"""In a session: what it was sent to a provider with."""
LIFE: Final = timedelta(minutes=10)
TOO_LATE: Final = "That took too long, or was begun in another browser. Please try again"
LONGEST: Final = 4096
"""Of what a provider sends along."""
Text = Annotated[str | None, QueryParameter()]


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A browser on its way to a provider and back. `state` is good once."""

    provider: str
    state: str
    nonce: str
    verifier: str
    at: float
    target: str | None = None
    account_id: UUID | None = None
    """The account that wants to be linked; None to sign in."""


@post("/signin/with/{name:str}", guards=[public], opt=AUTH, include_in_schema=False)
async def sign_in_with(request: AnyRequest, name: FromPath[str]) -> HTMLPage | Redirect:
    provider, target = _provider(name), local_path((await form_fields(request)).get("next"))
    principal = (await session_of(request)).principal
    if principal is not None:
        return Redirect(after_sign_in(target, is_staff=principal.is_staff), status_code=303)
    try:
        return await _send(request, provider, target=target)
    except ProviderAway as refusal:
        return await _refused(request, refusal, target)


@get("/signin/with/{name:str}/callback", guards=[public], opt=AUTH, include_in_schema=False)
async def come_back(
    request: AnyRequest,
    name: FromPath[str],
    *,
    code: Text = None,
    given_state: Annotated[str | None, QueryParameter(name="state")] = None,
    iss: Text = None,
    error: Text = None,
) -> HTMLPage | Redirect:
    """To whoever was sent out with this state, once, within ten minutes; to anybody else it says to begin anew."""
    provider, target = _provider(name), None
    try:
        sent = await _take_back(request, provider, given_state)
        target = sent.target
        if error is not None or not code or len(code) > LONGEST:
            return await _given_up(request, provider, sent)
        asked = Asked(state=sent.state, nonce=sent.nonce, verifier=sent.verifier)
        named = await _client(provider).redeem(asked, code, iss)
        if sent.account_id is not None:
            return await _link(request, provider, named, sent.account_id)
        proof = await write(federation.find_or_open_account, named, signed_in_by(request, federation.METHOD))
        return await let_in(request, proof, target)
    except (ProviderAway, ProviderRefused, LinkedElsewhere, NotFound, WrongCredentials) as refusal:
        return await _refused(request, refusal, target)


@post(f"{SECURITY}/providers/{{name:str}}", guards=[customer], include_in_schema=False)
async def link_provider(request: AnyRequest, name: FromPath[str]) -> HTMLPage | Redirect:
    provider, owner = _provider(name), await require_recent(request)
    try:
        return await _send(request, provider, account_id=owner.account_id)
    except ProviderAway as refusal:
        (await session_of(request)).flash("error", refusal.detail)
        return Redirect(SECURITY, status_code=303)


@post(f"{SECURITY}/providers/{{name:str}}/remove", guards=[customer], include_in_schema=False)
async def unlink_provider(request: AnyRequest, name: FromPath[str]) -> Redirect:
    """Also one that the shop no longer offers."""
    owner, session = await require_recent(request), await session_of(request)
    try:
        await write(federation.unlink, owner, name)
        session.flash("success", "Removed. You can't sign in that way any more.")
    except (LastWayIn, NotFound) as refusal:
        session.flash("error", refusal.detail)
    return Redirect(SECURITY, status_code=303)


def shown_providers(ways: WaysIn) -> list[dict[str, Any]]:
    """Those that the shop offers, and those that it no longer does but the account still has."""
    labels = {each.name: each.label for each in settings().sign_in_with}
    linked = {each.provider: each for each in ways.links}
    return [
        {
            "name": name,
            "label": labels.get(name, name.capitalize()),
            "linked_at": linked[name].created_at if name in linked else None,
            "last_used_at": linked[name].last_used_at if name in linked else None,
        }
        for name in dict.fromkeys((*labels, *linked))
    ]


async def _send(
    request: AnyRequest, provider: OidcProvider, *, target: str | None = None, account_id: UUID | None = None
) -> HTMLPage:
    asked = Asked(state=new_token(), nonce=new_token(), verifier=secrets.token_urlsafe(48))
    url = await _client(provider).authorization_url(asked)
    sent = Sent(
        provider=provider.name,
        state=asked.state,
        nonce=asked.nonce,
        verifier=asked.verifier,
        at=clock.now().timestamp(),
        target=target,
        account_id=account_id,
    )
    (await session_of(request))[KEY] = msgspec.to_builtins(sent)
    return without_referrer(await page(request, "identity/leaving.html", {"url": url, "provider": provider}))


async def _take_back(request: AnyRequest, provider: OidcProvider, state: str | None) -> Sent:
    """Raises ProviderRefused for what this browser was not sent out with, or long ago, or came back with before; a
    provider whose answer comes to another one's address mixes them up (RFC 9700, 4.4)."""
    session = await session_of(request) if session_cookie(request) is not None else None
    if session is None or session.token is None or not state or len(state) > LONGEST:
        raise ProviderRefused(TOO_LATE)
    kept = await write(sessions.take_out, session.token, KEY, state)
    if kept is None:
        raise ProviderRefused(TOO_LATE)
    session.data.pop(KEY, None)
    sent = msgspec.convert(kept, Sent)
    if sent.provider != provider.name or sent.at < (clock.now() - LIFE).timestamp():
        raise ProviderRefused(TOO_LATE)
    return sent


async def _link(request: AnyRequest, provider: OidcProvider, named: Named, account_id: UUID) -> Redirect:
    """To the account that was signed in on the way out, and still is."""
    session = await session_of(request)
    if session.principal is None or session.principal.account_id != account_id:
        raise ProviderRefused(TOO_LATE)
    try:
        await write(federation.link, session.principal, named)
        session.flash("success", f"From now on you can sign in with {provider.label} as well.")
    except LinkedElsewhere as refusal:
        session.flash("error", refusal.detail)
    return Redirect(SECURITY, status_code=303)


async def _given_up(request: AnyRequest, provider: OidcProvider, sent: Sent) -> Redirect:
    (await session_of(request)).flash("info", f"{provider.label} did not sign you in. Nothing has changed.")
    return Redirect("/signin" if sent.account_id is None else SECURITY, status_code=303)


async def _refused(request: AnyRequest, refusal: ShopError, target: str | None) -> HTMLPage:
    answer = await form_page(
        request,
        "identity/signin.html",
        {"next": target or ""},
        [FieldError("", refusal.detail)],
        status=status_of(refusal),
    )
    return without_referrer(answer)


def _provider(name: str) -> OidcProvider:
    found = next((each for each in settings().sign_in_with if each.name == name), None)
    if found is None:
        raise NotFound
    return found


def _client(provider: OidcProvider) -> ProviderClient:
    """The provider knows this address letter by letter."""
    return provider_client(provider, f"{settings().public_url}/signin/with/{provider.name}/callback")


ROUTES: Final = (sign_in_with, come_back, link_provider, unlink_provider)
