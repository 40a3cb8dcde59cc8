"""How programs find the OAuth server and what it can do (RFC 8414)."""

from typing import Any

from shop.kernel.config import settings
from shop.kernel.rights import permissions, scopes
from shop.modules.identity.oauth_client import SECRET_METHODS


def server_metadata() -> dict[str, Any]:
    shop = settings().public_url
    return {
        "issuer": shop,
        "authorization_endpoint": f"{shop}/oauth/authorize",
        "token_endpoint": f"{shop}/oauth/token",
        "jwks_uri": f"{shop}/oauth/jwks",
        "scopes_supported": sorted({*scopes(), *permissions()}),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "token_endpoint_auth_methods_supported": [*SECRET_METHODS, "none"],
        "service_documentation": f"{shop}/docs",
        "revocation_endpoint": f"{shop}/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": [*SECRET_METHODS, "none"],
        "introspection_endpoint": f"{shop}/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": list(SECRET_METHODS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }
