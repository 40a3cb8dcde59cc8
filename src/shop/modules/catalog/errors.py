"""Refusals that only the catalogue itself and its own pages meet."""

from shop.kernel.errors import Conflict, NotFound


class CategoryNotFound(NotFound):
    code = "category_not_found"
    title = "There is no such category"


class SkuTaken(Conflict):
    code = "sku_taken"
    title = "Another product has taken one of these SKUs at the same moment; please try again"
