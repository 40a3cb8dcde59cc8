"""The page behind an invitation to the staff: choose a password, and be in."""

from typing import Any, Final

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.contracts.identity import LinkExpired
from shop.kernel.db import read, write
from shop.kernel.errors import Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import public
from shop.kernel.http.ratelimit import AUTH
from shop.kernel.http.sessions import session_of
from shop.kernel.http.templating import HTMLPage, page
from shop.modules.identity.pages.forms import form_page, typed_form
from shop.modules.identity.passwords import check_new_password, hash_password
from shop.modules.identity.schemas import PasswordForm
from shop.modules.identity.service import mail_links, staff_members

ShopRequest = Request[Any, Any, Any]


@get("/invite/{token:str}", guards=[public], include_in_schema=False)
async def invitation_page(request: ShopRequest, token: FromPath[str]) -> HTMLPage:
    if not await read(mail_links.is_link_good, token, "invite"):
        return await _expired_page(request)
    return await form_page(request, "identity/invitation.html", {})


@post("/invite/{token:str}", guards=[public], opt=AUTH, include_in_schema=False)
async def accept_from_form(request: ShopRequest, token: FromPath[str]) -> HTMLPage | Redirect:
    form = await typed_form(request)
    if not await read(mail_links.is_link_good, token, "invite"):
        return await _expired_page(request)
    try:
        wanted = fields.check(PasswordForm, form)
        owner = await read(mail_links.find_owner_of_link, token, "invite")
        check_new_password(wanted.password, email=owner.email, name=owner.name)
        await write(staff_members.accept_invitation, token, await hash_password(wanted.password))
    except Invalid as refusal:
        return await form_page(request, "identity/invitation.html", {}, refusal.errors)
    except LinkExpired:
        return await _expired_page(request)
    (await session_of(request)).flash("success", "Welcome. Please sign in with your new password.")
    return Redirect("/signin?next=/admin", status_code=303)


async def _expired_page(request: ShopRequest) -> HTMLPage:
    return await page(request, "identity/link_expired.html", {"purpose": "invite"}, status=404)


ROUTES: Final = (invitation_page, accept_from_form)
