"""Our Request: a body that can't be read is the sender's error (400), never ours (500); forms become plain dicts."""

from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import LitestarException

from shop.kernel.errors import Malformed
from shop.kernel.http import fields


class ShopRequest(Request[Any, Any, Any]):
    async def json(self) -> Any:
        """Raises Malformed also for deep nesting and bad UTF-8, which Litestar lets through as 500; Invalid for text
        where a number belongs, which Litestar would convert ("1e3" to 1000)."""
        try:
            body = await super().json()
        except (LitestarException, RecursionError, ValueError) as error:
            raise Malformed(f"The body is not JSON that can be read: {str(error)[:200]}") from error
        expected = getattr(self.scope.get("route_handler"), "parsed_data_field", None)
        if expected is not None:
            try:
                msgspec.convert(body, expected.annotation)
            except msgspec.ValidationError:
                fields.check(expected.annotation, body, strict=True)
                raise
        return body

    async def form(self) -> Any:
        """Raises Malformed for a body that is no form."""
        try:
            return await super().form()
        except (LitestarException, ValueError, LookupError, AssertionError) as error:
            raise Malformed(f"The form can't be read: {str(error)[:200]}") from error


async def form_fields(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The text fields of a posted form, whitespace around them removed, the last of each name."""
    form = await request.form()
    return {name: value.strip() for name, value in form.multi_items() if isinstance(value, str)}
