"""All that is held on a person, as a file: for the person, and for staff who send it to them."""

from typing import Any

import msgspec
from litestar import Response

from shop.kernel import clock


def personal_file(held: dict[str, Any], name: str) -> Response[bytes]:
    """For reading by people as well: one value a line."""
    return Response(
        msgspec.json.format(msgspec.json.encode(held), indent=2),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}-{clock.now():%Y-%m-%d}.json"'},
    )
