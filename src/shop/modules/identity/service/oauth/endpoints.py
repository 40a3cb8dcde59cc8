"""Ending a token (RFC 7009) and asking what one is good for (RFC 7662).

Either token stands for its family: access tokens are stored nowhere, so that the life of their family is theirs.
"""
# ruff: noqa: ARG002  # Authlib's signatures

from typing import Any
from uuid import UUID

import msgspec
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from shop.kernel.config import settings
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.oauth_client import SECRET_METHODS, OAuthClient
from shop.modules.identity.repository.oauth_tokens import find_refresh_token
from shop.modules.identity.rules import token_hash
from shop.modules.identity.service.access_tokens import find_token_holder, open_access_token
from shop.modules.identity.service.api_sessions import end_family


class PresentedToken(msgspec.Struct, frozen=True):
    """With the questions that Authlib asks of it (`authlib.oauth2.rfc6749.TokenMixin`)."""

    family_id: UUID
    client_id: str | None
    told: dict[str, Any]
    """What introspection says of it."""

    def check_client(self, client: OAuthClient) -> bool:
        return self.client_id == client.id

    def is_expired(self) -> bool:
        """What is over is found no more."""
        return False

    def is_revoked(self) -> bool:
        return False


class _AnyToken:
    """What both endpoints share. A hint about the kind of token is not needed, so that a wrong one does no harm."""

    server: Any

    def check_params(self, request: Any, client: Any) -> None:
        if "token" not in request.form:
            raise InvalidRequestError("There is no token")

    def query_token(self, token_string: str, token_type_hint: str | None) -> PresentedToken | None:
        server = self.server
        found: PresentedToken | None = server.wait(find_presented(server.uow, token_string, server.now))
        return found


class Revocation(_AnyToken, RevocationEndpoint):  # type: ignore[misc]  # Authlib has no types
    CLIENT_AUTH_METHODS = (*SECRET_METHODS, "none")

    def revoke_token(self, token: PresentedToken, request: Any) -> None:
        self.server.wait(end_family(self.server.uow, token.family_id))


class Introspection(_AnyToken, IntrospectionEndpoint):  # type: ignore[misc]  # Authlib has no types
    """For those that keep a secret, of tokens that they were given themselves: to anybody else none is active."""

    CLIENT_AUTH_METHODS = SECRET_METHODS

    def check_permission(self, token: PresentedToken, client: OAuthClient, request: Any) -> bool:
        return token.check_client(client)

    def introspect_token(self, token: PresentedToken) -> dict[str, Any]:
        return token.told


async def find_presented(uow: UnitOfWork, token: str, now: Any) -> PresentedToken | None:
    """None of one that is unknown, used or over."""
    renewal = await find_refresh_token(uow, token_hash(token), now)
    if renewal is not None:
        told = {
            "scope": " ".join(renewal.scopes),
            "client_id": renewal.client_id,
            "sub": str(renewal.account_id),
            "iss": settings().public_url,
            "exp": int(renewal.expires_at.timestamp()),
        }
        return PresentedToken(renewal.family_id, renewal.client_id, told)
    opened = await open_access_token(token, uow)
    holder = None if opened is None else await find_token_holder(uow, opened)
    if opened is None or holder is None:
        return None
    told = {name: opened.claims[name] for name in ("client_id", "sub", "aud", "iss", "exp", "iat", "jti")}
    told |= {"token_type": "Bearer", "scope": " ".join(sorted(holder.scopes or ()))}
    return PresentedToken(opened.family_id, holder.client_id, told)
