"""The pages of orders: the checkout, and the orders of whoever looks."""

from typing import Final

from shop.modules.orders.pages import checkout, orders

ROUTES: Final = (*checkout.ROUTES, *orders.ROUTES)
