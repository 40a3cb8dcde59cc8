"""The manifest of cart."""

from shop.contracts.cart import CartLineAdded, Carts
from shop.contracts.catalog import Variants
from shop.contracts.identity import PersonalData, SignInStep
from shop.contracts.inventory import Stock
from shop.contracts.pricing import Prices
from shop.contracts.shipping import Shipping
from shop.kernel.manifest import Manifest
from shop.modules.cart import api, jobs, pages
from shop.modules.cart.models import METADATA
from shop.modules.cart.ports import CartShare, DatabaseCarts
from shop.modules.cart.service.merge_carts import CartSignInStep

MANIFEST = Manifest(
    name="cart",
    provides={Carts: DatabaseCarts()},
    provides_many={SignInStep: {"cart": CartSignInStep()}, PersonalData: {"cart": CartShare()}},
    requires=(Variants, Stock, Prices, Shipping),
    emits=(CartLineAdded,),
    routes=(*api.ROUTES, *pages.ROUTES),
    jobs=jobs.JOBS,
    page_context=(pages.count_in_header,),
    scopes={"cart.use": "Fill your cart"},
    metadata=METADATA,
)
