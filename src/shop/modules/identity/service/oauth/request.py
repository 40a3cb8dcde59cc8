"""What a program sent to the OAuth server, as Authlib reads it, and the answer that Authlib gives."""

import base64
import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidRequestError

from shop.kernel.config import settings
from shop.kernel.http.principals import Principal

MOST_PARAMETERS: Final = 40
_TELLABLE: Final = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]*")
"""What may stand in an error_description, where Authlib repeats some of what was asked (RFC 6749, 5.2)."""
_VISIBLE: Final = re.compile(r"[\x20-\x7e]*")
_FREE: Final = frozenset({"state", "client_secret"})


class Parameters(OAuth2Payload):  # type: ignore[misc]  # Authlib has no types
    """Each is there once."""

    def __init__(self, parameters: dict[str, str]) -> None:
        self._parameters = parameters

    @property
    def data(self) -> dict[str, str]:
        return self._parameters

    @property
    def datalist(self) -> dict[str, list[str]]:
        return {name: [value] for name, value in self._parameters.items()}


class AskedRequest(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """Of the authorization endpoint `giver` is whoever is asked. Raises OAuth2Error where tokens would travel in the clear:
    the shop's address must be https, or this machine's."""

    def __init__(
        self,
        method: str,
        path: str,
        parameters: Iterable[tuple[str, str]],
        *,
        authorization: str | None = None,
        giver: Principal | None = None,
    ) -> None:
        basic = _readable_basic(authorization)
        super().__init__(method, settings().public_url + path, headers={"Authorization": basic} if basic else {})
        self.payload = Parameters(_each_once(parameters))
        if basic and not self._says_the_same():
            raise InvalidRequestError("Show who you are in one way, not in two")
        self._giver = giver

    def _says_the_same(self) -> bool:
        """Whether the body names no other program than the header does, and no secret (RFC 6749, 2.3)."""
        named = self.payload.client_id
        return "client_secret" not in self.form and (named is None or named == client_id_in(self))

    @property
    def giver(self) -> Principal:
        if self._giver is None:
            raise RuntimeError("a request of the token endpoint asks nobody")
        return self._giver

    @property
    def args(self) -> dict[str, str]:
        return self.form

    @property
    def form(self) -> dict[str, str]:
        data: dict[str, str] = self.payload.data
        return data


class Answer:
    """`location` of a redirect; Authlib's extension for `iss` (RFC 9207) adds to it."""

    def __init__(self, status: int, body: Any, headers: Iterable[tuple[str, str]]) -> None:
        self.status = status
        self.body = body
        self.headers = dict(headers)
        self.location: str | None = self.headers.pop("Location", None)


def form_parameters(body: bytes) -> list[tuple[str, str]]:
    """Of application/x-www-form-urlencoded. Raises OAuth2Error."""
    try:
        return parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError:
        raise InvalidRequestError("The body is no form that can be read") from None


def query_parameters(query: str) -> list[tuple[str, str]]:
    """Raises OAuth2Error."""
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise InvalidRequestError("The address can not be read") from None


def client_id_in(asked: AskedRequest) -> str:
    """As it says, before it has shown to be that program; "" when it says nothing."""
    header = asked.headers.get("Authorization")
    if header:
        return base64.b64decode(header.split(None, 1)[1]).decode().partition(":")[0][:100]
    return (asked.payload.client_id or "")[:100]


def _each_once(parameters: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What has no value counts as not sent (RFC 6749, 3.1 and 3.2). Raises OAuth2Error for a name that comes twice."""
    found: dict[str, str] = {}
    for name, value in parameters:
        if name in found:
            raise InvalidRequestError("A parameter is there more than once")
        if not (_VISIBLE if name in _FREE else _TELLABLE).fullmatch(value):
            raise InvalidRequestError("A parameter holds characters that can not stand in it")
        found[name] = value
    return {name: value for name, value in found.items() if value}


def _readable_basic(authorization: str | None) -> str | None:
    """The header, if it is of HTTP Basic and can be decoded: Authlib takes that for granted."""
    scheme, _, encoded = (authorization or "").strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        credentials = base64.b64decode(encoded.strip(), validate=True).decode("ascii")
    except ValueError:
        return None
    return f"Basic {encoded.strip()}" if ":" in credentials else None


__all__ = [
    "Answer",
    "AskedRequest",
    "OAuth2Error",
    "client_id_in",
    "form_parameters",
    "query_parameters",
]
