"""What staff do with an order's money, as JSON."""

from typing import Any, Final
from uuid import UUID, uuid5

from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from shop.contracts.orders import Order, OrderId
from shop.contracts.payments import Payments, Refund
from shop.kernel.db import read
from shop.kernel.http.access import staff
from shop.kernel.http.idempotency import NEEDS_A_KEY, idempotently
from shop.kernel.http.sessions import signed_in
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.repository.money import RefundedLine
from shop.modules.orders.schemas import RefundInput, RefundsView, order_view, refund_view
from shop.modules.orders.service.refund_order import RefundOrder, refund_order
from shop.modules.orders.service.show_orders import get_order

ShopRequest = Request[Any, Any, Any]
TAGS: Final = ["orders"]


@post(
    "/api/v1/admin/orders/{order_id:uuid}/refunds",
    guards=[staff("orders.refund")],
    tags=TAGS,
    operation_id="refundOrder",
    opt=NEEDS_A_KEY,
    status_code=201,
    responses={
        201: ResponseSpec(RefundsView, generate_examples=False, description="The order, and what came of the wish")
    },
)
async def refund(request: ShopRequest, order_id: FromPath[UUID], data: JSONBody[RefundInput]) -> Response[bytes]:
    """Give money back: an `amount`, pieces of `lines`, or all that is left; needs an `Idempotency-Key`. To the original
    method, or at once to the buyer's wallet. Above the shop's limit it waits for a second person (`awaiting_approval`), and a
    program can't ask for it in its own name. 409 `refund_too_large` says what is `refundable`, 409 `line_not_refundable`
    how many pieces are left."""
    by = (await signed_in(request)).account_id

    async def work() -> tuple[int, RefundsView]:
        wish = RefundOrder(
            id=uuid5(order_id, f"{by}:{request.headers['idempotency-key']}"),
            order_id=OrderId(order_id),
            amount=data.amount.money() if data.amount else None,
            lines=tuple(RefundedLine(each.line_id, each.quantity) for each in data.lines or ()),
            to=data.to,
            reason=data.reason,
            by=by,
        )
        return 201, _view(*await refund_order(wish))

    return await idempotently(request, f"refund:{order_id}:{by}", work, required=True)


@get(
    "/api/v1/admin/orders/{order_id:uuid}/refunds",
    guards=[staff("orders.view")],
    tags=TAGS,
    operation_id="listOrderRefunds",
)
async def list_refunds(order_id: FromPath[UUID]) -> RefundsView:
    """All refunds of an order, oldest first."""
    return _view(*await read(_refunds_of, OrderId(order_id)))


async def _refunds_of(uow: UnitOfWork, order_id: OrderId) -> tuple[Order, list[Refund]]:
    return await get_order(uow, order_id), await port(Payments).find_refunds(uow, order_id)


def _view(order: Order, refunds: list[Refund]) -> RefundsView:
    return RefundsView(order_view(order), [refund_view(each) for each in refunds])


ROUTES: Final = (refund, list_refunds)
