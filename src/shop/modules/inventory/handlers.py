"""What inventory does when others tell facts."""

from shop.contracts.orders import OrderPaid
from shop.kernel.uow import UnitOfWork
from shop.modules.inventory import service


async def when_order_paid_commit_stock(uow: UnitOfWork, event: OrderPaid) -> None:
    await service.commit_sold(uow, event.order_id)
