"""The suggestions below the search box: a fragment of HTML, the same for everybody, so that it may be kept anywhere."""

import asyncio
from typing import Any, Final
from urllib.parse import urlencode

from litestar import MediaType, Request, Response, get

from shop.kernel.cache import cached
from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.http.access import public
from shop.kernel.http.ratelimit import SEARCH
from shop.kernel.http.sessions import extras
from shop.kernel.http.templating import TAGS_KEY, HTMLPage, environment
from shop.modules.catalog.menu import categories_of
from shop.modules.catalog.parameters import SearchText
from shop.modules.catalog.service.spell_words import Vocabulary, load_titles
from shop.modules.catalog.service.suggest_goods import marked, suggest_goods

KEPT: Final = "public, max-age=60"
"""In browsers and proxies; in our own processes until the goods change."""


async def meant_by(typed: str) -> str | None:
    """What a search that found nothing was meant to be; None when it isn't mistyped. The words are kept in memory."""

    async def load() -> Vocabulary:
        titles = await read(load_titles, settings().currency)
        return await asyncio.to_thread(Vocabulary, titles)

    return (await cached(f"catalog.vocabulary:{settings().currency}", ["listing", "categories"], load)).meant(typed)


@get("/search/suggest", guards=[public], opt=SEARCH, include_in_schema=False)
async def suggest_fragment(request: Request[Any, Any, Any], q: SearchText = "") -> HTMLPage:
    """A listbox; nothing at all when nothing matches."""
    tree = await categories_of(request)
    typed = q.strip()
    found = await read(suggest_goods, typed, settings().currency, tree)
    if not (found.categories or found.goods) and (meant := await meant_by(typed)):
        typed = meant
        found = await read(suggest_goods, typed, settings().currency, tree)
    html = ""
    if found.categories or found.goods:
        html = (
            environment()
            .get_template("catalog/_suggestions.html")
            .render(
                categories=found.categories,
                goods=found.goods,
                marked=lambda title: marked(title, typed),
                typed=typed,
                all_url=f"/search?{urlencode({'q': typed})}",
            )
        )
    extras(request.scope)[TAGS_KEY] = frozenset({"listing", "categories"})
    headers = {"Cache-Control": KEPT, "X-Robots-Tag": "noindex"}
    return Response(html, media_type=MediaType.HTML, headers=headers)


HANDLERS: Final = (suggest_fragment,)
"""Beside those of pages.py."""
