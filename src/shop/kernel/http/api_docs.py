"""The API described: `/openapi.json` for programs, `/docs` for people, both served by the shop itself.

The pages of the shop are no API and are left out.
"""

from functools import lru_cache
from typing import Any, Final

import msgspec
from litestar import Litestar, Request, Response, get

from shop.kernel.http.access import public
from shop.kernel.http.templating import HTMLPage, page


@lru_cache(maxsize=1)
def openapi_document(app: Litestar) -> dict[str, Any]:
    """OpenAPI 3.1."""
    return app.openapi_schema.to_schema()


@get("/openapi.json", guards=[public], include_in_schema=False, sync_to_thread=False)
def openapi_json(request: Request[Any, Any, Any]) -> Response[bytes]:
    return Response(
        msgspec.json.encode(openapi_document(request.app)),
        media_type="application/json",
        headers={"Cache-Control": "public, max-age=60"},
    )


@get("/docs", guards=[public], include_in_schema=False)
async def docs(request: Request[Any, Any, Any]) -> HTMLPage:
    return await page(request, "docs.html", {"document": openapi_document(request.app)}, tags=["docs"])


HANDLERS: Final = (openapi_json, docs)
