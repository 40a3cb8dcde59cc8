"""The account itself: who its owner is."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Request, get, post
from litestar.response import Redirect

from shop.contracts.identity import Account, AccountId
from shop.kernel.db import write
from shop.kernel.errors import FieldError, Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import customer
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import Principal, session_of, signed_in
from shop.kernel.http.templating import HTMLPage
from shop.kernel.http.templating import account_page as account_frame
from shop.modules.identity.schemas import ProfileForm
from shop.modules.identity.service import profile

AnyRequest = Request[Any, Any, Any]

HOME: Final = "/account"


@get("/account", guards=[customer], include_in_schema=False)
async def account_page(request: AnyRequest) -> HTMLPage:
    return await _account_page(request, await signed_in(request))


@post("/account", guards=[customer], include_in_schema=False)
async def change_profile_from_form(request: AnyRequest) -> HTMLPage | Redirect:
    principal, form = await signed_in(request), await form_fields(request)
    try:
        await write(profile.rename, principal.account_id, fields.check(ProfileForm, form).name)
    except Invalid as refusal:
        return await _account_page(request, principal, form, refusal.errors)
    (await session_of(request)).flash("success", "Your details are saved.")
    return Redirect(HOME, status_code=303)


async def _account_page(
    request: AnyRequest, principal: Principal, form: dict[str, str] | None = None, errors: Sequence[FieldError] = ()
) -> HTMLPage:
    account = Account(
        AccountId(principal.account_id), principal.email, principal.name, principal.is_staff, verified=True
    )
    context = {
        "account": account,
        "values": form or {"name": principal.name},
        "errors": {error.field: error.message for error in errors},
    }
    return await account_frame(
        request, "identity/account.html", context, status=422 if errors else 200, slots=("account.main",)
    )


ROUTES: Final = (account_page, change_profile_from_form)
