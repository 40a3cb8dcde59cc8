"""The settings of identity providers: OpenID Connect providers that people may sign in with, SHOP_OIDC_<NAME>_... each."""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

import msgspec

NAME: Final = re.compile(r"[a-z][a-z0-9]{1,29}")
KNOWN: Final = {"google": ("Google", "https://accounts.google.com")}
"""Label and issuer of those that are the same for everybody."""
LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class OidcProvider(msgspec.Struct, frozen=True):
    name: str
    label: str
    """On the button: "Continue with ..."."""
    issuer: str
    """Whose identity documents are believed, character by character."""
    client_id: str
    client_secret: str
    """Empty for a client that keeps none; PKCE is used either way."""


def oidc_providers(names: Sequence[str], env: Mapping[str, str]) -> tuple[tuple[OidcProvider, ...], list[str]]:
    """The providers called `names`, and in words what is wrong with their settings."""
    found, problems = [], []
    for name in names:
        if not NAME.fullmatch(name):
            problems.append(f"SHOP_OIDC_PROVIDERS: {name!r} is no name such as google: small letters and digits")
            continue
        prefix = f"SHOP_OIDC_{name.upper()}_"
        label, issuer = KNOWN.get(name, (name.capitalize(), ""))
        provider = OidcProvider(
            name=name,
            label=env.get(f"{prefix}LABEL", "").strip() or label,
            issuer=env.get(f"{prefix}ISSUER", "").strip() or issuer,
            client_id=env.get(f"{prefix}CLIENT_ID", "").strip(),
            client_secret=env.get(f"{prefix}CLIENT_SECRET", "").strip(),
        )
        if not provider.client_id:
            problems.append(
                f"{prefix}CLIENT_ID: needed with {name} in SHOP_OIDC_PROVIDERS; the provider gives it to you"
            )
        if not _is_issuer(provider.issuer):
            problems.append(
                f"{prefix}ISSUER={provider.issuer!r}: its address such as https://id.example.com/realms/shop"
            )
        found.append(provider)
    if len(set(names)) < len(names):
        problems.append("SHOP_OIDC_PROVIDERS: a name stands there twice")
    return tuple(found), problems


def _is_issuer(url: str) -> bool:
    """Plain HTTP is for a provider on this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    allowed = {"https", "http"} if parts.hostname in LOCAL else {"https"}
    return parts.scheme in allowed and bool(parts.hostname) and not parts.query and not parts.fragment
