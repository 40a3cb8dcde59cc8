"""Staff in the back office: who runs the shop, by which roles; invited, changed, let go."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.kernel.db import read, write
from shop.kernel.errors import Conflict, FieldError, Forbidden, Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import staff
from shop.kernel.http.fields import Email, Line
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import Principal, session_of
from shop.kernel.http.templating import HTMLPage, admin_page
from shop.kernel.manifest import AdminLink
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.check_boxes import chosen
from shop.modules.identity.confirmation import require_recent
from shop.modules.identity.credentials import checked_address
from shop.modules.identity.service import staff_members

ShopRequest = Request[Any, Any, Any]
LINKS: Final = (AdminLink("Staff", "/admin/staff", "users", "staff.view", 90),)


class Invitation(msgspec.Struct, frozen=True):
    email: Email
    name: Line


@get("/admin/staff", guards=[staff("staff.view")], include_in_schema=False)
async def staff_page(request: ShopRequest) -> HTMLPage:
    return await _staff_page(request)


@post("/admin/staff", guards=[staff("staff.manage")], include_in_schema=False)
async def invite_from_form(request: ShopRequest) -> HTMLPage | Redirect:
    giver, form = await require_recent(request), await form_fields(request)
    roles = chosen(form, "role")
    try:
        wanted = fields.check(Invitation, form)
        if not roles:
            raise Invalid.field("roles", "Choose at least one role")
        await write(staff_members.invite, giver, checked_address(wanted.email), wanted.name, roles)
    except Invalid as refusal:
        return await _staff_page(request, form, refusal.errors)
    except Forbidden as refusal:
        return await _staff_page(request, form, [FieldError("", refusal.detail)], 403)
    (await session_of(request)).flash("success", f"The invitation is on its way to {wanted.email}.")
    return Redirect("/admin/staff", status_code=303)


@get("/admin/staff/{account_id:uuid}", guards=[staff("staff.view")], include_in_schema=False)
async def member_page(request: ShopRequest, account_id: FromPath[UUID]) -> HTMLPage:
    return await _member_page(request, account_id)


@post("/admin/staff/{account_id:uuid}/roles", guards=[staff("staff.manage")], include_in_schema=False)
async def set_roles_from_form(request: ShopRequest, account_id: FromPath[UUID]) -> HTMLPage | Redirect:
    giver, form = await require_recent(request), await form_fields(request)
    roles = chosen(form, "role")
    if not roles:
        return await _member_page(request, account_id, [FieldError("roles", "Choose at least one role")])
    return await _set_roles(request, giver, account_id, roles, "The roles are saved; they hold from the next sign-in.")


@post("/admin/staff/{account_id:uuid}/remove", guards=[staff("staff.manage")], include_in_schema=False)
async def remove_from_form(request: ShopRequest, account_id: FromPath[UUID]) -> HTMLPage | Redirect:
    giver = await require_recent(request)
    return await _set_roles(request, giver, account_id, (), "They are off the staff and signed out everywhere.")


@post("/admin/staff/{account_id:uuid}/factors", guards=[staff("staff.manage")], include_in_schema=False)
async def reset_factors_from_form(request: ShopRequest, account_id: FromPath[UUID]) -> HTMLPage | Redirect:
    """For a colleague who has lost phone, passkeys and recovery codes."""
    giver = await require_recent(request)
    words = "Their second factors are gone; they set up new ones when they sign in."
    return await _change(request, giver, staff_members.reset_second_factors, account_id, words)


@post("/admin/staff/{account_id:uuid}/signout", guards=[staff("staff.manage")], include_in_schema=False)
async def sign_out_from_form(request: ShopRequest, account_id: FromPath[UUID]) -> HTMLPage | Redirect:
    giver = await require_recent(request)
    words = "They are signed out everywhere; programs and API keys ended as well."
    return await _change(request, giver, staff_members.sign_out, account_id, words)


async def _change(
    request: ShopRequest,
    giver: Principal,
    change: Callable[[UnitOfWork, Principal, UUID], Awaitable[None]],
    account_id: UUID,
    words: str,
) -> HTMLPage | Redirect:
    try:
        await write(change, giver, account_id)
    except (Conflict, Forbidden) as refusal:
        status = 403 if isinstance(refusal, Forbidden) else 409
        return await _member_page(request, account_id, [FieldError("", refusal.detail)], status)
    (await session_of(request)).flash("success", words)
    return Redirect(f"/admin/staff/{account_id}", status_code=303)


async def _set_roles(
    request: ShopRequest, giver: Principal, account_id: UUID, roles: Sequence[str], words: str
) -> HTMLPage | Redirect:
    try:
        await write(staff_members.set_roles, giver, account_id, roles)
    except Invalid as refusal:
        return await _member_page(request, account_id, refusal.errors)
    except (Conflict, Forbidden) as refusal:
        status = 403 if isinstance(refusal, Forbidden) else 409
        return await _member_page(request, account_id, [FieldError("roles", refusal.detail)], status)
    (await session_of(request)).flash("success", words)
    return Redirect(f"/admin/staff/{account_id}" if roles else "/admin/staff", status_code=303)


async def _staff_page(
    request: ShopRequest, form: Mapping[str, str] | None = None, errors: Sequence[FieldError] = (), status: int = 422
) -> HTMLPage:
    principal = (await session_of(request)).principal
    roles = await read(staff_members.all_roles)
    context = {
        "members": await read(staff_members.list_members),
        "roles": roles,
        "grantable": [
            role for role in roles.values() if principal and staff_members.holds(principal, role.permissions)
        ],
        "form": form or {},
        "errors": errors,
        "error_of": {error.field: error.message for error in errors},
        "may_manage": principal is not None and principal.may("staff.manage"),
    }
    return await admin_page(request, "identity/admin_staff.html", context, status=status if errors else 200)


async def _member_page(
    request: ShopRequest, account_id: UUID, errors: Sequence[FieldError] = (), status: int = 422
) -> HTMLPage:
    principal = (await session_of(request)).principal
    member = await read(staff_members.get_member, account_id)
    roles = await read(staff_members.all_roles)
    own = principal is not None and principal.account_id == account_id
    held = [roles[code] for code in member.roles if code in roles]
    beyond = principal is None or not all(staff_members.holds(principal, role.permissions) for role in held)
    context = {
        "member": member,
        "roles": roles,
        "grantable": [
            role for role in roles.values() if principal and staff_members.holds(principal, role.permissions)
        ],
        "errors": errors,
        "error_of": {error.field: error.message for error in errors},
        "own": own,
        "beyond": beyond,
        "may_manage": principal is not None and principal.may("staff.manage") and not own and not beyond,
    }
    return await admin_page(request, "identity/admin_member.html", context, status=status if errors else 200)


ROUTES: Final = (
    staff_page,
    invite_from_form,
    member_page,
    set_roles_from_form,
    remove_from_form,
    reset_factors_from_form,
    sign_out_from_form,
)
