"""A program of others that uses the shop in somebody's name or its own, with the questions that Authlib's grants ask of it
(the methods of `authlib.oauth2.rfc6749.ClientMixin`)."""

import hmac
from typing import Final

import msgspec

from shop.kernel.rights import permissions
from shop.modules.identity.redirect_uris import is_registered
from shop.modules.identity.rules import token_hash

SECRET_METHODS: Final = ("client_secret_basic", "client_secret_post")


class OAuthClient(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    secret_hash: bytes | None
    """None of a public client, which can't keep a secret: an app, a script in a browser."""
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    """The most it may ask for."""

    @property
    def confidential(self) -> bool:
        return self.secret_hash is not None

    @property
    def own_scopes(self) -> tuple[str, ...]:
        """What it may do for itself: staff's things alone, since it is nobody's customer."""
        return tuple(scope for scope in self.scopes if scope in permissions())

    def for_itself(self) -> "OAuthClient":
        return msgspec.structs.replace(self, scopes=self.own_scopes)

    def get_client_id(self) -> str:
        return self.id

    def get_default_redirect_uri(self) -> None:
        """Each request names its own."""
        return

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """All when none was asked for; None, which is refused, when one more than allowed was."""
        if scope is None:
            return " ".join(self.scopes)
        asked = list(dict.fromkeys(scope.split()))
        return " ".join(asked) if asked and set(asked) <= set(self.scopes) else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return is_registered(redirect_uri, self.redirect_uris, public=not self.confidential)

    def check_client_secret(self, client_secret: str) -> bool:
        return self.secret_hash is not None and hmac.compare_digest(self.secret_hash, token_hash(client_secret))

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method in SECRET_METHODS if self.confidential else method == "none"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and bool(self.redirect_uris)

    def check_grant_type(self, grant_type: str) -> bool:
        if grant_type == "client_credentials":
            return self.confidential and bool(self.own_scopes)
        return grant_type in {"authorization_code", "refresh_token"} and bool(self.redirect_uris)
