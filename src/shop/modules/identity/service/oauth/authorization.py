"""The question that a program has somebody asked, and what becomes of the answer."""

from uuid import UUID

import msgspec
from authlib.oauth2 import OAuth2Error

from shop.kernel import audit
from shop.kernel.errors import NotSignedIn
from shop.kernel.rights import permissions, scopes
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import AuthorizationRefused
from shop.modules.identity.oauth_client import OAuthClient
from shop.modules.identity.redirect_uris import proves_its_program
from shop.modules.identity.repository import accounts, oauth_clients, oauth_codes
from shop.modules.identity.repository.oauth_codes import SignInOf
from shop.modules.identity.service.oauth.request import Answer, AskedRequest
from shop.modules.identity.service.oauth.server import Server, answered


class Question(msgspec.Struct, frozen=True):
    """May `client` do what `scopes` say? It is `answered` when its owner allowed as much before, and the answer can reach
    nobody but the program itself."""

    client: OAuthClient
    redirect_uri: str
    scopes: tuple[str, ...]
    answered: bool

    @property
    def staff_scopes(self) -> tuple[str, ...]:
        return tuple(scope for scope in self.scopes if scope in permissions())

    def in_words(self) -> list[str]:
        words = {**scopes(), **permissions()}
        return [words[scope] for scope in self.scopes]


async def examine(uow: UnitOfWork, asked: AskedRequest) -> Question | Answer:
    """Raises AuthorizationRefused where nothing may be sent on: the program or its address is not known. Other refusals
    are answers for the program."""
    return await answered(uow, lambda server: _examine(server, asked))


async def allow(uow: UnitOfWork, asked: AskedRequest) -> Answer:
    """A code for the program; the consent is remembered. Raises AuthorizationRefused, and NotSignedIn when the session has
    ended meanwhile: after a change of password no code may come to life."""
    who, sign_in = asked.giver, None
    if await accounts.lock_account(uow, who.account_id) is not None and who.session_id is not None:
        sign_in = await oauth_codes.find_sign_in(uow, who.account_id, who.session_id)
    if sign_in is None:
        raise NotSignedIn
    return await answered(uow, lambda server: _answer(server, asked, sign_in))


async def deny(uow: UnitOfWork, asked: AskedRequest) -> Answer:
    """Raises AuthorizationRefused."""
    return await answered(uow, lambda server: _answer(server, asked, None))


def _examine(server: Server, asked: AskedRequest) -> Question | Answer:
    try:
        grant = server.get_consent_grant(asked, asked.giver)
    except OAuth2Error as error:
        return _refused(server, asked, error)
    client: OAuthClient = asked.client
    wanted = tuple(asked.scope.split())
    known = server.wait(oauth_clients.find_consent(server.uow, asked.giver.account_id, client.id))
    assured = client.confidential or proves_its_program(grant.redirect_uri)
    return Question(client, grant.redirect_uri, wanted, assured and set(wanted) <= known)


def _answer(server: Server, asked: AskedRequest, sign_in: SignInOf | None) -> Answer:
    try:
        grant = server.get_consent_grant(asked, asked.giver)
    except OAuth2Error as error:
        return _refused(server, asked, error)
    if sign_in is not None:
        given = asked.scope.split()
        account_id, client_id = asked.giver.account_id, asked.client.id
        server.wait(oauth_clients.remember_consent(server.uow, account_id, client_id, given, server.now))
        if rights := tuple(scope for scope in given if scope in permissions()):
            server.wait(_tell(server.uow, account_id, client_id, rights))
    answer: Answer = server.create_authorization_response(asked, sign_in, grant)
    return answer


def _refused(server: Server, asked: AskedRequest, error: OAuth2Error) -> Answer:
    """Raises AuthorizationRefused where nobody may be sent on."""
    if error.redirect_uri is None:
        raise AuthorizationRefused(error.description or None)
    return server.refusal(asked, error)


async def _tell(uow: UnitOfWork, account_id: UUID, client_id: str, rights: tuple[str, ...]) -> None:
    """Each time that a program gets rights of staff."""
    actor, subject = audit.Actor("account", str(account_id)), ("oauth_client", client_id)
    await audit.record(uow, action="oauth_consent.given", subject=subject, actor=actor, permissions=rights[:20])
