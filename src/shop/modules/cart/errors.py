"""Refusals of the cart that no other module needs to know."""

from shop.kernel.errors import Conflict, NotFound


class LineNotFound(NotFound):
    code = "cart_line_not_found"
    title = "This cart has no such line"


class CartFull(Conflict):
    code = "cart_full"
    title = "This cart holds as many different articles as a cart can"
