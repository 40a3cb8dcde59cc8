"""Orders in the back office: the list, and the day's figures."""

from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, get
from litestar.params import QueryParameter

from shop.contracts.identity import Account
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.http.access import staff
from shop.kernel.http.fields import PRINTABLE
from shop.kernel.http.paging import Cursor, decode_cursor, encode_cursor
from shop.kernel.http.templating import HTMLPage, admin_page, render_text
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.rules import STATUSES
from shop.modules.orders.service import show_orders

ShopRequest = Request[Any, Any, Any]
PAGE_SIZE: Final = 50
LATEST: Final = 6


@get("/admin/orders", guards=[staff("orders.view")], include_in_schema=False)
async def orders_page(
    request: ShopRequest,
    status: Annotated[str | None, QueryParameter(max_length=40, pattern=PRINTABLE)] = None,
    q: Annotated[str | None, QueryParameter(max_length=254, pattern=PRINTABLE)] = None,
    cursor: Cursor = None,
) -> HTMLPage:
    before = decode_cursor(cursor, UUID)
    known = status if status in STATUSES else None
    wanted = (q or "").strip() or None
    orders = await read(show_orders.search_orders, known, wanted, before[0] if before else None, PAGE_SIZE + 1)
    context = {
        "orders": orders[:PAGE_SIZE],
        "status": known,
        "statuses": STATUSES,
        "q": wanted or "",
        "cursor": cursor,
        "next_cursor": encode_cursor(orders[PAGE_SIZE - 1].id) if len(orders) > PAGE_SIZE else None,
    }
    return await admin_page(request, "orders/admin_orders.html", context)


async def render_today(uow: UnitOfWork, _context: dict[str, Any]) -> str:
    """Fills `admin.dashboard`: what came in since midnight, in the shop's time zone, and the latest orders."""
    local = clock.now().astimezone(ZoneInfo(settings().time_zone))
    day = await show_orders.find_day(uow, local.replace(hour=0, minute=0, second=0, microsecond=0))
    latest = await show_orders.search_orders(uow, None, None, None, LATEST)
    return render_text("orders/_today.html", {"day": day, "latest": latest})


async def render_customer_orders(uow: UnitOfWork, context: dict[str, Any]) -> str:
    """Fills `admin.customer`: the latest orders of the account shown."""
    account: Account = context["account"]
    orders = await show_orders.list_orders_of(uow, account.id, None, LATEST + 1)
    shown = {"orders": orders[:LATEST], "more": len(orders) > LATEST, "account": account}
    return render_text("orders/_customer_orders.html", shown)


ROUTES: Final = (orders_page,)
