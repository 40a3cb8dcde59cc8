"""Authlib's authorization server over one unit of work.

Authlib is synchronous. `answered` runs it in a greenlet, from which `wait` hands each statement back to the event loop, as
SQLAlchemy's AsyncConnection.run_sync does: a token request is one transaction, and no thread waits for it.
"""
# ruff: noqa: ARG002  # Authlib's signatures

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from authlib.oauth2 import AuthorizationServer, OAuth2Error
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc9207 import IssuerParameter
from sqlalchemy.util import await_only, greenlet_spawn

from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.ids import new_id, new_token
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.oauth_client import OAuthClient
from shop.modules.identity.repository import oauth_clients, tokens
from shop.modules.identity.repository.tokens import Family
from shop.modules.identity.rules import ACCESS_TOKEN_LIFE, REFRESH_TOKEN_LIFE, token_hash, uuid_of
from shop.modules.identity.service.access_tokens import sign_access_token
from shop.modules.identity.service.oauth.endpoints import Introspection, Revocation
from shop.modules.identity.service.oauth.grants import ClientCredentials, CodeExchange, Refresh, S256Challenge
from shop.modules.identity.service.oauth.request import Answer, AskedRequest

T = TypeVar("T")

CHALLENGE: Final = 'Basic realm="oauth"'

logging.getLogger("authlib.oauth2").setLevel(logging.INFO)  # below that it writes down every token it issues


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """One for each request."""

    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__()
        self.uow = uow
        self.now: datetime = clock.now()
        self.issuer = Issuer()
        self.register_extension(self.issuer)
        self.register_grant(CodeExchange, [S256Challenge()])
        self.register_grant(Refresh)
        self.register_grant(ClientCredentials)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)
        self.register_token_generator(
            "default",
            BearerTokenGenerator(
                self._sign_access_token, self._make_refresh_token, int(ACCESS_TOKEN_LIFE.total_seconds())
            ),
        )

    def wait(self, work: Awaitable[T]) -> T:
        """Of a repository or service, in the middle of what Authlib does."""
        done: T = await_only(work)
        return done

    def query_client(self, client_id: str) -> OAuthClient | None:
        if uuid_of(client_id) is None:
            return None
        return self.wait(oauth_clients.find_client(self.uow, client_id))

    def save_token(self, token: Any, request: Any) -> None:
        """Kept by their hashes as they were made; a finished token stands nowhere."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: AskedRequest) -> AskedRequest:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Answer:
        return Answer(status, body, headers)

    def handle_error_response(self, request: AskedRequest, error: OAuth2Error) -> Answer:
        """Whoever fails to show that they are the client they say gets 401, however they tried (RFC 6749, 5.2)."""
        answer: Answer = super().handle_error_response(request, error)
        if error.error == "invalid_client" and answer.location is None:
            answer.status = 401
            answer.headers["WWW-Authenticate"] = CHALLENGE
        return answer

    def refusal(self, request: AskedRequest, error: OAuth2Error) -> Answer:
        """Of the authorization endpoint, with `iss`."""
        answer = self.handle_error_response(request, error)
        self.issuer.add_issuer_parameter(self, answer)
        return answer

    def _sign_access_token(self, client: OAuthClient, grant_type: str, user: Family | None, scope: str) -> str:
        """`user` is what Authlib calls whoever gave leave; here it is the family that grows out of it."""
        scopes = tuple(scope.split())
        family = user or self._own_family(client, scopes)
        if family.scopes != scopes:
            family = msgspec.structs.replace(family, scopes=scopes)
        return self.wait(sign_access_token(self.uow, family, self.now))

    def _make_refresh_token(self, client: OAuthClient, grant_type: str, user: Family, scope: str) -> str:
        renewal = new_token()
        until = min(self.now + REFRESH_TOKEN_LIFE, user.expires_at)
        self.wait(tokens.add_refresh_token(self.uow, token_hash(renewal), user.id, self.now, until))
        return renewal

    def _own_family(self, client: OAuthClient, scopes: tuple[str, ...]) -> Family:
        """Of a program that acts for itself: it asks again when the token is over."""
        family = Family(
            id=new_id(),
            account_id=None,
            client_id=client.id,
            scopes=scopes,
            signed_in_at=self.now,
            expires_at=self.now + ACCESS_TOKEN_LIFE,
        )
        self.wait(tokens.add_family(self.uow, family, self.now))
        return family


class Issuer(IssuerParameter):  # type: ignore[misc]  # Authlib has no types
    def get_issuer(self) -> str:
        return settings().public_url


async def answered(uow: UnitOfWork, work: Callable[[Server], T]) -> T:
    return await greenlet_spawn(work, Server(uow))


async def give_tokens(uow: UnitOfWork, asked: AskedRequest) -> Answer:
    return await answered(uow, lambda server: server.create_token_response(asked))


async def revoke(uow: UnitOfWork, asked: AskedRequest) -> Answer:
    return await answered(uow, lambda server: server.create_endpoint_response(Revocation.ENDPOINT_NAME, asked))


async def introspect(uow: UnitOfWork, asked: AskedRequest) -> Answer:
    return await answered(uow, lambda server: server.create_endpoint_response(Introspection.ENDPOINT_NAME, asked))
