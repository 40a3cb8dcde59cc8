"""The key set by which programs of others check access tokens (RFC 7517)."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Response, get

from shop.kernel.db import read
from shop.kernel.http.access import public
from shop.modules.identity.service.signing_keys import published_keys

CACHING: Final = "public, max-age=300"
"""Keys are published a day ahead; a cache may only keep one alive for so long that was replaced because it leaked."""


class KeySet(msgspec.Struct, frozen=True):
    keys: list[Mapping[str, Any]]


@get("/oauth/jwks", guards=[public], include_in_schema=False)
async def key_set() -> Response[KeySet]:
    """The public keys that access tokens are signed with now, soon, or until lately, as JSON Web Keys."""
    return Response(KeySet(await read(published_keys)), headers={"Cache-Control": CACHING})


ROUTES: Final = (key_set,)
