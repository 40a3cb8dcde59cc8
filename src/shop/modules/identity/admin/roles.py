"""Roles in the back office: what each may do, and those that the shop makes for itself."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.kernel.db import read, write
from shop.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from shop.kernel.http import fields
from shop.kernel.http.access import staff
from shop.kernel.http.fields import ShortLine
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import Principal, session_of
from shop.kernel.http.templating import HTMLPage, admin_page
from shop.kernel.rights import permissions
from shop.modules.identity.check_boxes import chosen
from shop.modules.identity.confirmation import require_recent
from shop.modules.identity.rules import ROLE_CODE
from shop.modules.identity.service import staff_members, staff_roles

ShopRequest = Request[Any, Any, Any]
AREAS: Final = {"clients": "Programs", "backoffice": "Back office", "audit": "Audit log"}
"""Whose first word is not what the back office calls them."""


class NewRole(msgspec.Struct, frozen=True):
    code: Annotated[str, msgspec.Meta(pattern=ROLE_CODE)]
    title: ShortLine


class RoleTitle(msgspec.Struct, frozen=True):
    title: ShortLine


@get("/admin/roles", guards=[staff("staff.view")], include_in_schema=False)
async def roles_page(request: ShopRequest) -> HTMLPage:
    return await _roles_page(request)


@post("/admin/roles", guards=[staff("staff.manage")], include_in_schema=False)
async def make_role_from_form(request: ShopRequest) -> HTMLPage | Redirect:
    giver, form = await require_recent(request), await form_fields(request)
    try:
        wanted = fields.check(NewRole, form)
        await write(staff_roles.make_role, giver, wanted.code, wanted.title, chosen(form, "permission"))
    except Invalid as refusal:
        return await _roles_page(request, form, refusal.errors)
    except (Conflict, Forbidden) as refusal:
        status = 403 if isinstance(refusal, Forbidden) else 409
        return await _roles_page(request, form, [FieldError("code", refusal.detail)], status)
    (await session_of(request)).flash("success", f"The role {wanted.title} is made.")
    return Redirect(f"/admin/roles/{wanted.code}", status_code=303)


@get("/admin/roles/{code:str}", guards=[staff("staff.view")], include_in_schema=False)
async def role_page(request: ShopRequest, code: FromPath[str]) -> HTMLPage:
    return await _role_page(request, code)


@post("/admin/roles/{code:str}", guards=[staff("staff.manage")], include_in_schema=False)
async def change_role_from_form(request: ShopRequest, code: FromPath[str]) -> HTMLPage | Redirect:
    giver, form = await require_recent(request), await form_fields(request)
    try:
        wanted = fields.check(RoleTitle, form)
        await write(staff_roles.change_role, giver, _known(code), wanted.title, chosen(form, "permission"))
    except Invalid as refusal:
        return await _role_page(request, code, form, refusal.errors)
    except Forbidden as refusal:
        return await _role_page(request, code, form, [FieldError("", refusal.detail)], 403)
    (await session_of(request)).flash("success", "The role is saved; whoever has it signs in again.")
    return Redirect(f"/admin/roles/{code}", status_code=303)


@post("/admin/roles/{code:str}/delete", guards=[staff("staff.manage")], include_in_schema=False)
async def delete_role_from_form(request: ShopRequest, code: FromPath[str]) -> HTMLPage | Redirect:
    giver = await require_recent(request)
    try:
        await write(staff_roles.delete_role, giver, _known(code))
    except (Conflict, Forbidden) as refusal:
        status = 403 if isinstance(refusal, Forbidden) else 409
        return await _role_page(request, code, None, [FieldError("", refusal.detail)], status)
    (await session_of(request)).flash("success", "The role is deleted.")
    return Redirect("/admin/roles", status_code=303)


def _known(code: str) -> str:
    """Raises NotFound for what can be no role's code."""
    try:
        return fields.check(NewRole, {"code": code, "title": code[:80]}).code
    except Invalid:
        raise NotFound("There is no such role") from None


async def _roles_page(
    request: ShopRequest, form: Mapping[str, str] | None = None, errors: Sequence[FieldError] = (), status: int = 422
) -> HTMLPage:
    principal, roles = (await session_of(request)).principal, await read(staff_roles.list_roles)
    context = {
        "roles": roles,
        "areas_of": {role.code: areas(role.permissions) for role in roles},
        "all_permissions": len(permissions()),
        "grantable": areas(_grantable(principal)),
        "form": form or {},
        "errors": errors,
        "error_of": {error.field: error.message for error in errors},
        "may_manage": principal is not None and principal.may("staff.manage"),
    }
    return await admin_page(request, "identity/admin_roles.html", context, status=status if errors else 200)


async def _role_page(
    request: ShopRequest,
    code: str,
    form: Mapping[str, str] | None = None,
    errors: Sequence[FieldError] = (),
    status: int = 422,
) -> HTMLPage:
    principal = (await session_of(request)).principal
    role = await read(staff_roles.get_role, _known(code))
    beyond = principal is None or not staff_members.holds(principal, frozenset(role.permissions))
    may_manage = principal is not None and principal.may("staff.manage") and not role.built_in and not beyond
    context = {
        "role": role,
        "held": areas(role.permissions),
        "grantable": areas(_grantable(principal)),
        "ticked": set(chosen(form, "permission")) if form else set(role.permissions),
        "title": (form or {}).get("title", role.title),
        "errors": errors,
        "error_of": {error.field: error.message for error in errors},
        "may_manage": may_manage,
    }
    return await admin_page(request, "identity/admin_role.html", context, status=status if errors else 200)


class Area(msgspec.Struct, frozen=True):
    """Permissions that begin with the same word, with their words."""

    title: str
    permissions: dict[str, str]


def areas(codes: Iterable[str]) -> list[Area]:
    """What each module declares stands together, in the order of modules."""
    wanted, found = set(codes), dict[str, dict[str, str]]()
    for code, words in permissions().items():
        if code in wanted:
            found.setdefault(code.partition(".")[0], {})[code] = words
    return [Area(AREAS.get(area, area.replace("_", " ").capitalize()), held) for area, held in found.items()]


def _grantable(principal: Principal | None) -> list[str]:
    """Permissions that this member of staff may give."""
    return [
        code for code in permissions() if principal is not None and staff_members.holds(principal, frozenset({code}))
    ]


ROUTES: Final = (roles_page, make_role_from_form, role_page, change_role_from_form, delete_role_from_form)
