"""What bestsellers does when others tell facts: in a worker, in one transaction with the note that it has been done."""

from shop.contracts.catalog import VariantId, Variants
from shop.contracts.orders import OrderPaid
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop_bestsellers import repository


async def when_order_paid_count_it(uow: UnitOfWork, event: OrderPaid) -> None:
    variants = await port(Variants).find_variants(uow, [VariantId(each) for each in event.variant_ids])
    titles = {variant.product_id: variant.title for variant in variants.values()}
    await repository.count_order(uow, titles)
    uow.invalidate(*(f"product:{product_id}" for product_id in titles))  # their cached pages show the count
