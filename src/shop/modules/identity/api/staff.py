"""Staff and roles as JSON: what the back office can do about them."""

from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody

from shop.kernel.db import read, write
from shop.kernel.http.access import staff
from shop.kernel.http.fields import Email, Line, ShortLine
from shop.modules.identity.confirmation import require_recent
from shop.modules.identity.credentials import checked_address
from shop.modules.identity.repository.staff import Member
from shop.modules.identity.rules import ROLE_CODE
from shop.modules.identity.service import staff_members, staff_roles
from shop.modules.identity.service.staff_roles import RoleInPlace

ShopRequest = Request[Any, Any, Any]
TAGS: Final = ["staff"]
RoleCode = Annotated[str, msgspec.Meta(pattern=ROLE_CODE)]
Permission = Annotated[str, msgspec.Meta(max_length=80, pattern=r"^[a-z_]+\.[a-z_]+$(?!\n)")]


class Members(msgspec.Struct, frozen=True):
    items: list[Member]
    next_cursor: None = None


class Roles(msgspec.Struct, frozen=True):
    items: list[RoleInPlace]
    next_cursor: None = None


class Invitation(msgspec.Struct, frozen=True):
    email: Email
    name: Line
    roles: Annotated[list[RoleCode], msgspec.Meta(min_length=1, max_length=50)]


class RoleChange(msgspec.Struct, frozen=True):
    roles: Annotated[list[RoleCode], msgspec.Meta(max_length=50)]
    """None of them makes a customer of a member of staff."""


class RoleBody(msgspec.Struct, frozen=True):
    title: ShortLine
    permissions: Annotated[list[Permission], msgspec.Meta(min_length=1, max_length=200)]


class NewRole(RoleBody, frozen=True, kw_only=True):
    code: RoleCode


@get("/api/v1/admin/staff", guards=[staff("staff.view")], tags=TAGS, operation_id="listStaff")
async def list_staff() -> Members:
    """Who runs the shop."""
    return Members(await read(staff_members.list_members))


@post("/api/v1/admin/staff", guards=[staff("staff.manage")], tags=TAGS, operation_id="inviteStaff", status_code=201)
async def invite(request: ShopRequest, data: JSONBody[Invitation]) -> Member:
    """Invite somebody by mail. Whoever has an account has the roles at once; again, the mail is sent again."""
    giver = await require_recent(request)
    roles = sorted(set(data.roles))
    account_id = await write(staff_members.invite, giver, checked_address(data.email), data.name.strip(), roles)
    return await read(staff_members.get_member, account_id)


@patch(
    "/api/v1/admin/staff/{account_id:uuid}", guards=[staff("staff.manage")], tags=TAGS, operation_id="changeStaffRoles"
)
async def change_roles(request: ShopRequest, account_id: FromPath[UUID], data: JSONBody[RoleChange]) -> Members:
    """Set somebody's roles; they sign in again. Without any they are a customer. Answers with the staff as it is now."""
    giver = await require_recent(request)
    await write(staff_members.set_roles, giver, account_id, sorted(set(data.roles)))
    return Members(await read(staff_members.list_members))


@delete(
    "/api/v1/admin/staff/{account_id:uuid}/sessions",
    guards=[staff("staff.manage")],
    tags=TAGS,
    operation_id="signOutStaff",
    status_code=204,
)
async def sign_out(request: ShopRequest, account_id: FromPath[UUID]) -> None:
    """Sign a colleague out everywhere; programs and API keys end as well."""
    await write(staff_members.sign_out, await require_recent(request), account_id)


@get("/api/v1/admin/roles", guards=[staff("staff.view")], tags=TAGS, operation_id="listRoles")
async def list_roles() -> Roles:
    """The built-in roles and the shop's own, with what each may do."""
    return Roles(await read(staff_roles.list_roles))


@post("/api/v1/admin/roles", guards=[staff("staff.manage")], tags=TAGS, operation_id="makeRole", status_code=201)
async def make_role(request: ShopRequest, data: JSONBody[NewRole]) -> RoleInPlace:
    """Make a role of permissions that you hold yourself."""
    giver = await require_recent(request)
    await write(staff_roles.make_role, giver, data.code, data.title.strip(), set(data.permissions))
    return await read(staff_roles.get_role, data.code)


@put("/api/v1/admin/roles/{code:str}", guards=[staff("staff.manage")], tags=TAGS, operation_id="changeRole")
async def change_role(request: ShopRequest, code: FromPath[str], data: JSONBody[RoleBody]) -> RoleInPlace:
    """Change one of the shop's own roles; whoever has it signs in again."""
    giver, known = await require_recent(request), await read(staff_roles.get_role, code)
    await write(staff_roles.change_role, giver, known.code, data.title.strip(), set(data.permissions))
    return await read(staff_roles.get_role, code)


@delete("/api/v1/admin/roles/{code:str}", guards=[staff("staff.manage")], tags=TAGS, operation_id="deleteRole")
async def delete_role(request: ShopRequest, code: FromPath[str]) -> None:
    """Delete one of the shop's own roles that nobody has."""
    giver, known = await require_recent(request), await read(staff_roles.get_role, code)
    await write(staff_roles.delete_role, giver, known.code)


ROUTES: Final = (list_staff, invite, change_roles, sign_out, list_roles, make_role, change_role, delete_role)
