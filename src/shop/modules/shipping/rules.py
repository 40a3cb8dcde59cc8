"""Which methods carry a parcel, and for how much."""

from collections.abc import Sequence

import msgspec

from shop.contracts.shipping import DeliveryDays, Parcel, ShippingMethod
from shop.kernel.money import Money


class Rate(msgspec.Struct, frozen=True):
    """A price that `code` asks for parcels up to a weight, worth at least `min_items_total`."""

    code: str
    label: str
    delivery_days: DeliveryDays
    max_weight_grams: int
    min_items_total: Money
    amount: Money

    def fits(self, parcel: Parcel) -> bool:
        return self.carries(parcel) and parcel.items_total.amount >= self.min_items_total.amount

    def carries(self, parcel: Parcel) -> bool:
        """Whatever its items are worth."""
        return self.amount.currency == parcel.items_total.currency and parcel.weight_grams <= self.max_weight_grams


def methods_for(parcel: Parcel, rates: Sequence[Rate]) -> list[ShippingMethod]:
    """One per method that carries the parcel, at the lowest of its rates that fit; cheapest first, then fastest."""
    lowest: dict[str, Rate] = {}
    for rate in rates:
        if rate.fits(parcel) and (rate.code not in lowest or rate.amount.amount < lowest[rate.code].amount.amount):
            lowest[rate.code] = rate
    methods = [ShippingMethod(rate.code, rate.label, rate.amount, rate.delivery_days) for rate in lowest.values()]
    return sorted(methods, key=lambda method: (method.price.amount, method.delivery_days.max, method.code))


def free_from(parcel: Parcel, rates: Sequence[Rate]) -> Money | None:
    """The least worth of items from which some rate carries this weight for nothing."""
    free = [rate.min_items_total for rate in rates if rate.carries(parcel) and not rate.amount.amount]
    return min(free, key=lambda worth: worth.amount, default=None)
