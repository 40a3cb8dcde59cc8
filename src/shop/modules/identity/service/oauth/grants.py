"""The three ways to tokens that the shop knows (RFC 9700 leaves no others): a code, a refresh token, a program's own secret.

A refusal that changes something, such as a code that comes twice, is an answer and no exception to the transaction: what
it ends must stay ended.
"""
# ruff: noqa: ARG002  # Authlib's signatures

from datetime import timedelta
from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidScopeError
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from shop.contracts.identity import AccountId
from shop.kernel.http.principals import Principal
from shop.kernel.ids import new_id, new_token
from shop.kernel.rights import permissions, scopes
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.oauth_client import SECRET_METHODS, OAuthClient
from shop.modules.identity.repository import accounts, oauth_codes, tokens
from shop.modules.identity.repository.oauth_codes import Code, SignInOf
from shop.modules.identity.repository.tokens import Family
from shop.modules.identity.rules import FAMILY_LIFE, STAFF_SESSION_AGE, token_hash
from shop.modules.identity.service.api_sessions import end_family

CODE_LIFE: Final = timedelta(seconds=60)
ANY_CLIENT: Final = (*SECRET_METHODS, "none")


class S256Challenge(CodeChallenge):  # type: ignore[misc]  # Authlib has no types
    """PKCE (RFC 7636) for everybody, confidential clients too, and by S256 alone: what may be left out or weakened, an
    attacker leaves out (RFC 9700, 2.1.1 and 4.8)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: Any) -> None:
        given = grant.request.payload.data
        if not given.get("code_challenge"):
            raise InvalidRequestError("PKCE is needed: there is no code_challenge")
        if given.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE is needed: code_challenge_method must be S256")
        super().validate_code_challenge(grant, redirect_uri)

    def get_authorization_code_challenge_method(self, authorization_code: Code) -> str:
        return "S256"


class CodeExchange(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
    TOKEN_ENDPOINT_AUTH_METHODS = ANY_CLIENT

    @staticmethod
    def validate_authorization_redirect_uri(request: Any, client: OAuthClient) -> str:
        asked: str | None = request.payload.redirect_uri
        if not asked or not client.check_redirect_uri(asked):
            raise InvalidRequestError("The redirect_uri is none that this program is registered with")
        return asked

    def validate_authorization_request(self) -> str:
        """Whoever is asked can give no more than is theirs: of staff's scopes only what they may do themselves."""
        redirect_uri: str = super().validate_authorization_request()
        who: Principal = self.request.giver
        given = [scope for scope in self.request.scope.split() if scope in scopes() or who.may(scope)]
        if not given:
            raise InvalidScopeError(redirect_uri=redirect_uri)
        self.request.scope = " ".join(given)
        return redirect_uri

    def generate_authorization_code(self) -> str:
        return new_token()

    def save_authorization_code(self, code: str, request: Any) -> None:
        """`request.user` is how the session that answers was signed in; `authorization.allow` holds its account."""
        sign_in: SignInOf = request.user
        now = self.server.now
        made = Code(
            hashed=token_hash(code),
            client_id=request.client.id,
            account_id=AccountId(request.giver.account_id),
            redirect_uri=request.payload.redirect_uri,
            scopes=tuple(request.scope.split()),
            code_challenge=request.payload.data["code_challenge"],
            methods=sign_in.methods,
            strong=sign_in.strong,
            signed_in_at=sign_in.signed_in_at,
            expires_at=now + CODE_LIFE,
        )
        self.server.wait(oauth_codes.add_code(self.server.uow, made, now))

    def query_authorization_code(self, code: str, client: OAuthClient) -> Code | None:
        found: Code | None = self.server.wait(take_code(self.server.uow, code, client, self.server.now))
        return found

    def authenticate_user(self, authorization_code: Code) -> Family | None:
        family: Family | None = self.server.wait(open_family(self.server.uow, authorization_code, self.server.now))
        return family

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """It stays, used: presented again it tells that it was stolen."""


class Refresh(RefreshTokenGrant):  # type: ignore[misc]  # Authlib has no types
    """Each refresh token is good once, for public and for confidential clients (RFC 9700, 4.14)."""

    TOKEN_ENDPOINT_AUTH_METHODS = ANY_CLIENT
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> "Renewal | None":
        """Whoever asks for too much is refused before the token is used up, or a mistake would cost the whole family."""
        uow: UnitOfWork = self.server.uow
        hashed, client = token_hash(refresh_token), self.request.client
        family: Family | None = self.server.wait(tokens.lock_by_refresh_token(uow, hashed))
        if family is None or family.client_id is None:
            return None
        renewal = Renewal(family)
        if not renewal.check_client(client):
            self.server.wait(end_family(uow, family.id))
            return None
        self._validate_token_scope(renewal)
        if not self.server.wait(tokens.use_refresh_token(uow, hashed, self.server.now)):
            self.server.wait(end_family(uow, family.id))
            return None
        return renewal

    def authenticate_user(self, refresh_token: "Renewal") -> Family | None:
        uow, family = self.server.uow, refresh_token.family
        return family if self.server.wait(tokens.touch_family(uow, family.id, self.server.now)) else None

    def revoke_old_credential(self, refresh_token: "Renewal") -> None:
        """It was used up when it was looked at."""


class ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib has no types
    TOKEN_ENDPOINT_AUTH_METHODS = SECRET_METHODS

    def validate_requested_scope(self) -> None:
        """A program by itself is nobody's customer: of its scopes only those of staff are left."""
        client = self.request.client.for_itself()
        if client.get_allowed_scope(self.request.payload.scope) is None:
            raise InvalidScopeError
        self.request.client = client


class Renewal:
    """A refresh token, with the questions that Authlib asks of it."""

    def __init__(self, family: Family) -> None:
        self.family = family

    def check_client(self, client: OAuthClient) -> bool:
        return self.family.client_id == client.id

    def get_scope(self) -> str:
        return " ".join(self.family.scopes or ())


async def take_code(uow: UnitOfWork, code: str, client: OAuthClient, now: Any) -> Code | None:
    """Uses up a code, which is held from now on, with its account; None when it is no good. Presented a second time, or by
    another program, it was stolen: what it was exchanged for ends, whoever asks (RFC 6749, 4.1.2)."""
    found = await oauth_codes.lock_code(uow, token_hash(code))
    if found is None:
        return None
    if found.used_at is not None:
        if found.family_id is not None:
            await end_family(uow, found.family_id)
        return None
    await oauth_codes.use_code(uow, found.hashed, now)
    return found if found.client_id == client.id and found.expires_at > now else None


async def open_family(uow: UnitOfWork, code: Code, now: Any) -> Family | None:
    """What grows out of a code whose verifier was right; None when its account has closed meanwhile. With any right of staff
    it lives no longer than their own sessions."""
    if await accounts.lock_account(uow, code.account_id) is None:
        return None
    of_staff = not permissions().keys().isdisjoint(code.scopes)
    family = Family(
        id=new_id(),
        account_id=code.account_id,
        client_id=code.client_id,
        scopes=code.scopes,
        methods=code.methods,
        strong=code.strong,
        signed_in_at=code.signed_in_at,
        expires_at=now + (STAFF_SESSION_AGE if of_staff else FAMILY_LIFE),
    )
    await tokens.add_family(uow, family, now)
    await oauth_codes.note_family(uow, code.hashed, family.id)
    return family
