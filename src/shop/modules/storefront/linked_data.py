"""Who this shop is, as search engines read it (schema.org in JSON-LD)."""

from typing import Any, Final

import msgspec
from markupsafe import Markup

from shop.kernel.config import settings
from shop.kernel.http.static import static_url

_ESCAPES: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def as_linked_data(value: Any) -> Markup:
    """JSON that may stand in a script element: nothing in it can end the element."""
    json = msgspec.json.encode(value).decode()
    return Markup("".join(_ESCAPES.get(character, character) for character in json))  # noqa: S704  # escaped just now


def shop_as_linked_data() -> Markup:
    """The organisation, and its web site with the address of its search."""
    shop = settings()
    home = f"{shop.public_url}/"
    organisation = {
        "@type": "Organization",
        "@id": f"{home}#organization",
        "name": shop.name,
        "url": home,
        "logo": f"{shop.public_url}{static_url('icons/icon-512.png')}",
    }
    search = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": f"{shop.public_url}/search?q={{search_term_string}}"},
        "query-input": "required name=search_term_string",
    }
    site = {
        "@type": "WebSite",
        "@id": f"{home}#website",
        "name": shop.name,
        "url": home,
        "inLanguage": "en",
        "publisher": {"@id": organisation["@id"]},
        "potentialAction": search,
    }
    return as_linked_data({"@context": "https://schema.org", "@graph": [organisation, site]})
