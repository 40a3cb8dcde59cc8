"""What the address of a list may ask for, the same for pages and programs."""

from typing import Annotated, Final

from litestar.params import QueryParameter

from shop.kernel.config import settings
from shop.kernel.errors import Invalid
from shop.kernel.http.sessions import Connection
from shop.kernel.money import MAX_AMOUNT, is_currency

FILTER_PREFIX: Final = "attr."

SearchText = Annotated[str, QueryParameter(max_length=200)]
Amount = Annotated[int | None, QueryParameter(ge=0, le=MAX_AMOUNT, description="Minor units")]
Currency = Annotated[str | None, QueryParameter(max_length=3, description="ISO 4217; the shop's own when left out")]


def chosen_currency(code: str | None) -> str:
    """Raises Invalid for what is no currency."""
    if code is None:
        return settings().currency
    if not is_currency(code):
        raise Invalid.field("currency", "An ISO 4217 code such as EUR")
    return code


def chosen_attributes(request: Connection) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """`attr.color=Black&attr.color=White&attr.size=M` by code; values of one code are alternatives."""
    if b"attr." not in request.scope["query_string"]:
        return ()
    chosen: dict[str, dict[str, None]] = {}
    for name, value in request.query_params.multi_items():
        if name.startswith(FILTER_PREFIX) and len(name) > len(FILTER_PREFIX) and value:
            chosen.setdefault(name.removeprefix(FILTER_PREFIX), {})[value] = None
    return tuple((code, tuple(values)) for code, values in chosen.items())
