"""OpenID Connect providers over the network: where they sign people in, what a code is worth, whom an identity document names.

The flow is that of OpenID Connect Core 1.0 with PKCE (RFC 7636) and the issuer in the answer (RFC 9207), as RFC 9700 wants
it. Authlib writes the requests and checks the claims, joserfc the signatures. Nothing that a provider says is logged: codes,
tokens and claims are secrets or personal.

Gotcha: Authlib's own HTTP client wants `httpx2`; so its parts that know no network are used, over plain httpx.
"""

import asyncio
import ssl
import time
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import msgspec
import structlog
from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from shop.kernel import clock
from shop.kernel.db import refuse_open_transaction
from shop.kernel.oidc_settings import LOCAL, OidcProvider
from shop.modules.identity.errors import ProviderAway, ProviderRefused

log = structlog.get_logger(__name__)

SCOPE: Final = "openid email profile"
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Asymmetric ones alone: with HMAC anybody who knows the client's secret, or takes a public key for one, could sign."""
PATIENCE_SECONDS: Final = 8.0
REMEMBERED_SECONDS: Final = 3600.0
RELOADED_AFTER_SECONDS: Final = 30.0
"""Keys are asked for again for an unknown one, though not for each of many made-up ones."""
LARGEST_ANSWER: Final = 512 * 1024
LEEWAY_SECONDS: Final = 60


class Metadata(msgspec.Struct, frozen=True):
    """What a provider says of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class Grant(msgspec.Struct, frozen=True):
    access_token: str
    id_token: str


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a provider has signed in. `email` is None unless it says for sure that it is theirs."""

    provider: str
    issuer: str
    subject: str
    email: str | None
    name: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What one browser was sent to a provider with; kept on our side until it comes back."""

    state: str
    nonce: str
    verifier: str


class ProviderClient:
    """One provider as this process knows it."""

    def __init__(self, provider: OidcProvider, redirect_uri: str) -> None:
        self._provider = provider
        self._redirect_uri = redirect_uri
        self._metadata: tuple[Metadata, float] | None = None
        self._keys: tuple[KeySet, float] | None = None

    async def authorization_url(self, asked: Asked) -> str:
        """Where to send the browser. Raises ProviderAway."""
        metadata = await self._described()
        url, _ = self._client(metadata).create_authorization_url(
            metadata.authorization_endpoint, state=asked.state, code_verifier=asked.verifier, nonce=asked.nonce
        )
        return str(url)

    async def redeem(self, asked: Asked, code: str, iss: str | None) -> Named:
        """Whom the provider names for the code that the browser came back with. Raises ProviderAway, ProviderRefused."""
        metadata = await self._described()
        if iss != self._provider.issuer and (iss or metadata.authorization_response_iss_parameter_supported):
            raise self._refusal("the answer names another issuer, or none")
        grant = await self._exchange(metadata, asked, code)
        claims = await self._checked_claims(metadata, grant, asked.nonce)
        if "email" not in claims and metadata.userinfo_endpoint is not None:
            claims |= await self._told_besides(metadata.userinfo_endpoint, grant, claims["sub"])
        email = claims.get("email")
        sure = claims.get("email_verified") is True and isinstance(email, str)
        return Named(
            provider=self._provider.name,
            issuer=self._provider.issuer,
            subject=claims["sub"],
            email=email if sure else None,
            name=_readable(claims.get("name")),
        )

    async def _described(self) -> Metadata:
        if self._metadata is not None and self._metadata[1] > time.monotonic():
            return self._metadata[0]
        issuer = self._provider.issuer
        body = await self._ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        try:
            metadata = msgspec.json.decode(body, type=Metadata)
        except msgspec.DecodeError as error:
            raise self._away("its description can't be read") from error
        if metadata.issuer != issuer:
            raise self._away("its description is of another issuer")
        endpoints = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri)
        if not all(_is_as_safe(each, issuer) for each in (*endpoints, metadata.userinfo_endpoint or issuer)):
            raise self._away("its description names an address without TLS")
        self._metadata = metadata, time.monotonic() + REMEMBERED_SECONDS
        return metadata

    async def _exchange(self, metadata: Metadata, asked: Asked, code: str) -> Grant:
        body = prepare_token_request(
            "authorization_code", redirect_uri=self._redirect_uri, code=code, code_verifier=asked.verifier
        )
        client = self._client(metadata)
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        url, headers, body = client.client_auth(client.token_endpoint_auth_method).prepare(
            "POST", metadata.token_endpoint, headers, body
        )
        try:
            return msgspec.json.decode(await self._ask("POST", url, headers=headers, content=body), type=Grant)
        except msgspec.DecodeError as error:
            raise self._refusal("no token for the code") from error

    async def _checked_claims(self, metadata: Metadata, grant: Grant, nonce: str) -> dict[str, Any]:
        """Raises ProviderRefused unless the document is the provider's, for us, of now and of this very attempt."""
        token = await self._verified(metadata, grant.id_token)
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": self._provider.issuer},
                "aud": {"essential": True, "value": self._provider.client_id},
                "sub": {"essential": True},
                "nonce": {"essential": True, "value": nonce},
            },
            {"nonce": nonce, "client_id": self._provider.client_id, "access_token": grant.access_token},
        )
        try:
            claims.validate(now=int(clock.now().timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, TypeError, ValueError) as error:
            raise self._refusal(
                f"an identity document that is not for us or not of now: {type(error).__name__}"
            ) from error
        subject = claims["sub"]
        if (
            not isinstance(subject, str)
            or not 0 < len(subject) <= 255
            or not (subject.isascii() and subject.isprintable())
        ):
            raise self._refusal("a subject that is none")
        return dict(claims)

    async def _verified(self, metadata: Metadata, id_token: str) -> jwt.Token:
        allowed = [name for name in ALGORITHMS if name in metadata.id_token_signing_alg_values_supported]
        try:
            try:
                return jwt.decode(id_token, await self._known_keys(metadata), algorithms=allowed)
            except InvalidKeyIdError:
                return jwt.decode(id_token, await self._known_keys(metadata, again=True), algorithms=allowed)
        except (JoseError, ValueError, TypeError) as error:
            raise self._refusal(f"a signature that does not hold: {type(error).__name__}") from error

    async def _known_keys(self, metadata: Metadata, *, again: bool = False) -> KeySet:
        now = time.monotonic()
        if self._keys is not None:
            age = now - self._keys[1]
            if age < (RELOADED_AFTER_SECONDS if again else REMEMBERED_SECONDS):
                return self._keys[0]
        body = await self._ask("GET", metadata.jwks_uri)
        try:
            keys = KeySet.import_key_set(msgspec.json.decode(body))
        except (JoseError, msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
            raise self._away("its keys can't be read") from error
        self._keys = keys, now
        return keys

    async def _told_besides(self, url: str, grant: Grant, subject: str) -> dict[str, Any]:
        """Of the address, for providers that leave it out of the identity document."""
        body = await self._ask("GET", url, headers={"Authorization": f"Bearer {grant.access_token}"})
        try:
            told = msgspec.json.decode(body, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise self._refusal("claims that can't be read") from error
        if told.get("sub") != subject:
            raise self._refusal("claims about somebody else")
        return {name: told[name] for name in ("email", "email_verified", "name") if name in told}

    async def _ask(self, method: str, url: str, **more: Any) -> bytes:
        """The body of a successful answer. Raises ProviderAway; ProviderRefused where the provider blames the request."""
        refuse_open_transaction("asking an identity provider")
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), _http() as http, http.stream(method, url, **more) as answer:
                body = b""
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > LARGEST_ANSWER:
                        raise self._away("an answer without an end")
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
            raise self._away(type(error).__name__) from error
        if answer.status_code == 200:
            return body
        if method == "POST" and 400 <= answer.status_code < 500:
            raise self._refusal(f"the code was refused with {answer.status_code}")
        raise self._away(f"it answers {answer.status_code}")

    def _client(self, metadata: Metadata) -> Any:
        method = "none"
        if self._provider.client_secret:
            offered = metadata.token_endpoint_auth_methods_supported
            method = "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"
        return OAuth2Client(
            session=None,
            client_id=self._provider.client_id,
            client_secret=self._provider.client_secret or None,
            token_endpoint_auth_method=method,
            scope=SCOPE,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
        )

    def _away(self, why: str) -> ProviderAway:
        log.warning("identity_provider_away", provider=self._provider.name, reason=why)
        return ProviderAway()

    def _refusal(self, why: str) -> ProviderRefused:
        log.warning("identity_provider_refused", provider=self._provider.name, reason=why)
        return ProviderRefused()


@lru_cache(maxsize=32)
def provider_client(provider: OidcProvider, redirect_uri: str) -> ProviderClient:
    """The one of this process, which remembers description and keys."""
    return ProviderClient(provider, redirect_uri)


def _http() -> httpx.AsyncClient:
    return httpx.AsyncClient(verify=_trust(), timeout=PATIENCE_SECONDS, follow_redirects=False)


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """Reading the authorities takes longer than asking most providers."""
    return httpx.create_ssl_context()


def _is_as_safe(url: str, issuer: str) -> bool:
    """By TLS, or on this machine like the issuer itself."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.hostname in LOCAL and urlsplit(issuer).hostname in LOCAL)


def _readable(name: Any) -> str:
    """A name as our own forms would take it; empty if there is none."""
    if not isinstance(name, str):
        return ""
    return " ".join("".join(each if each.isprintable() else " " for each in name).split())[:200]
