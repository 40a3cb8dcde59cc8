"""Payments' share of other pages of the back office: the order's money, what waits for a person, and the last days."""

from typing import Any

from shop.kernel.config import settings
from shop.kernel.http.templating import render_text
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.day_chart import chart_of
from shop.modules.payments.service import back_office


async def render_order_money(uow: UnitOfWork, context: dict[str, Any]) -> str:
    """Fills `admin.order.money`: each payment with what staff can do, its refunds and its disputes."""
    found = await back_office.find_details_of_order(uow, context["order"].id)
    people = await back_office.name_staff(uow, [refund for details in found for refund in details.refunds])
    shared = {name: context[name] for name in ("principal", "csrf_field")}
    return render_text("payments/_admin_order_money.html", {"found": found, "people": people, **shared})


async def render_attention(uow: UnitOfWork, _context: dict[str, Any]) -> str:
    """Fills `admin.attention`: how much of the money needs a person; nothing where none does."""
    attention = await back_office.count_attention(uow)
    return render_text("payments/_admin_attention.html", {"attention": attention}) if attention.total else ""


async def render_days(uow: UnitOfWork, _context: dict[str, Any]) -> str:
    """Fills `admin.dashboard`: what was taken and given back by day; nothing where no money has moved."""
    chart = chart_of(await back_office.sum_days(uow), settings().currency)
    return render_text("payments/_admin_days.html", {"chart": chart}) if chart else ""
