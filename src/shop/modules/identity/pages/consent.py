"""The page on which somebody lets a program use the shop in their name, or doesn't.

It can be in no frame, its form carries the session's token, and nothing is taken from it but the answer: what was asked
stands in the address and is examined again. What staff may do is given only by who has just confirmed who they are.
"""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.response import Redirect

from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.errors import SecondFactorRequired
from shop.kernel.http.access import customer
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import Principal, signed_in
from shop.kernel.http.templating import page
from shop.modules.identity.confirmation import require_recent
from shop.modules.identity.errors import AuthorizationRefused, ConfirmationNeeded
from shop.modules.identity.redirect_uris import form_target, shown
from shop.modules.identity.service.oauth import authorization
from shop.modules.identity.service.oauth.authorization import Question
from shop.modules.identity.service.oauth.request import Answer, AskedRequest, OAuth2Error, query_parameters

AnyRequest = Request[Any, Any, Any]
ALLOW: Final = "allow"


@get("/oauth/authorize", guards=[customer], include_in_schema=False)
async def consent_page(request: AnyRequest) -> Response[Any]:
    who = await signed_in(request)
    asked = _asked(request, who)
    found = await read(authorization.examine, asked)
    if isinstance(found, Answer):
        return _sent_on(found)
    await _require_what_staff_need(request, who, found)
    if found.answered and not _comes_from_a_form_of_ours(request):
        return _sent_on(await write(authorization.allow, _asked(request, who)))
    context = {
        "client": found.client,
        "words": found.in_words(),
        "of_staff": bool(found.staff_scopes),
        "goes_to": shown(found.redirect_uri),
        "answered": found.answered,
        "action": _address_of(request),
    }
    return await page(request, "identity/consent.html", context, csp={"form-action": form_target(found.redirect_uri)})


@post("/oauth/authorize", guards=[customer], include_in_schema=False)
async def answer_from_form(request: AnyRequest) -> Response[Any]:
    who, form = await signed_in(request), await form_fields(request)
    found = await read(authorization.examine, _asked(request, who))
    if isinstance(found, Answer):
        return _sent_on(found)
    if form.get("decision") != ALLOW:
        return _sent_on(await read(authorization.deny, _asked(request, who)))
    try:
        await _require_what_staff_need(request, who, found)
    except (SecondFactorRequired, ConfirmationNeeded):
        # The page leads there, and knows the way back with everything that was asked.
        return Redirect(_address_of(request), status_code=303)
    return _sent_on(await write(authorization.allow, _asked(request, who)))


def _address_of(request: AnyRequest) -> str:
    return f"/oauth/authorize?{request.url.query}"


def _asked(request: AnyRequest, who: Principal) -> AskedRequest:
    """Afresh for each use case, for Authlib writes into it. Raises AuthorizationRefused."""
    try:
        return AskedRequest(request.method, "/oauth/authorize", query_parameters(request.url.query), giver=who)
    except OAuth2Error as error:
        raise AuthorizationRefused(error.description) from None


async def _require_what_staff_need(request: AnyRequest, who: Principal, question: Question) -> None:
    """Raises SecondFactorRequired, ConfirmationNeeded."""
    if not question.staff_scopes:
        return
    if not who.strong and settings().second_factor_of_staff == "required":
        raise SecondFactorRequired
    await require_recent(request)


def _comes_from_a_form_of_ours(request: AnyRequest) -> bool:
    """After signing in. Browsers hold a form to its page's policy wherever it leads, so that it can lead no further than
    here; one more click, of a form that may, does."""
    return request.headers.get("sec-fetch-site") == "same-origin"


def _sent_on(answer: Answer) -> Redirect:
    """303, so that no browser sends the form, and the token in it, to the program (RFC 9700, 4.12)."""
    if answer.location is None:
        raise AuthorizationRefused
    return Redirect(answer.location, status_code=303)


ROUTES: Final = (consent_page, answer_from_form)
