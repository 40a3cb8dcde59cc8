"""An OpenID Connect provider of our own making, run as a process: stateful and strict as a real one (codes good once, PKCE,
exact redirect addresses, client secrets), and by order of a test as bad as an attacker's.

`python -m tests.fakes.oidc_provider PORT` serves one; `POST /control` gives it its next behaviour, `GET /control` counts.
"""

import base64
import hashlib
import hmac
import secrets
import sys
import time
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

CLIENT_ID: Final = "shop"
CLIENT_SECRET: Final = "a secret that the shop keeps"
GOOD: Final[dict[str, Any]] = {
    "user": {"sub": "248289761001", "email": "ada@example.com", "email_verified": True, "name": "Ada Lovelace"},
    "away": False,
    "denies": False,
    "tampers": "",
    "claims_in": "token",
    "told_sub": None,
    "iss": "own",
    "announces_iss": True,
    "described_as": None,
    "auth_methods": ["client_secret_basic"],
}


class Provider:
    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.keys = [RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)]
        self.behaviour = dict(GOOD)
        self.counts = dict.fromkeys(("description", "keys", "token", "userinfo"), 0)
        self.codes: dict[str, dict[str, str]] = {}
        self.access_tokens: dict[str, dict[str, Any]] = {}

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/.well-known/openid-configuration", self.describe),
                web.get("/keys", self.show_keys),
                web.get("/authorize", self.authorize),
                web.post("/token", self.token),
                web.get("/userinfo", self.userinfo),
                web.get("/control", self.count),
                web.post("/control", self.control),
            ]
        )
        return app

    async def control(self, request: web.Request) -> web.Response:
        orders = await request.json()
        if orders.pop("new_key", False):
            self.keys = [RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)]
        self.behaviour = {**GOOD, **orders}
        self.counts = dict.fromkeys(self.counts, 0)
        return web.json_response({})

    async def count(self, _request: web.Request) -> web.Response:
        return web.json_response(self.counts)

    async def describe(self, _request: web.Request) -> web.Response:
        self.counts["description"] += 1
        self._answer_at_all()
        return web.json_response(
            {
                "issuer": self.behaviour["described_as"] or self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": self.behaviour["auth_methods"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": self.behaviour["announces_iss"],
            }
        )

    async def show_keys(self, _request: web.Request) -> web.Response:
        self.counts["keys"] += 1
        self._answer_at_all()
        return web.json_response({"keys": [key.as_dict(private=False) for key in self.keys]})

    async def authorize(self, request: web.Request) -> web.Response:
        asked = request.query
        wanted = {"client_id": CLIENT_ID, "response_type": "code", "code_challenge_method": "S256"}
        wrong = [name for name, value in wanted.items() if asked.get(name) != value]
        missing = [name for name in ("redirect_uri", "state", "nonce", "code_challenge") if not asked.get(name)]
        if wrong or missing or "openid" not in asked.get("scope", "").split():
            return web.Response(status=400, text=f"wrong {wrong}, missing {missing}")
        answer = {"state": asked["state"]}
        if self.behaviour["denies"]:
            answer["error"] = "access_denied"
        else:
            code = secrets.token_urlsafe(24)
            self.codes[code] = {name: asked[name] for name in ("redirect_uri", "nonce", "code_challenge")}
            answer["code"] = code
        if self.behaviour["iss"] != "none":
            answer["iss"] = self.issuer if self.behaviour["iss"] == "own" else "https://evil.example"
        return web.Response(status=302, headers={"Location": f"{asked['redirect_uri']}?{urlencode(answer)}"})

    async def token(self, request: web.Request) -> web.Response:
        self.counts["token"] += 1
        self._answer_at_all()
        form = await request.post()
        code = self.codes.pop(str(form.get("code")), None)
        challenge = hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest()
        if not self._is_client(request, form):
            return web.json_response({"error": "invalid_client"}, status=401)
        if (
            code is None
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != code["redirect_uri"]
            or _base64url(challenge) != code["code_challenge"]
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        access_token = secrets.token_urlsafe(24)
        self.access_tokens[access_token] = self.behaviour["user"]
        return web.json_response(
            {
                "access_token": access_token,
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": self._id_token(code["nonce"], access_token),
            }
        )

    async def userinfo(self, request: web.Request) -> web.Response:
        self.counts["userinfo"] += 1
        self._answer_at_all()
        user = self.access_tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if user is None:
            return web.Response(status=401)
        return web.json_response({**user, "sub": self.behaviour["told_sub"] or user["sub"]})

    def _is_client(self, request: web.Request, form: Any) -> bool:
        if "client_secret_basic" in self.behaviour["auth_methods"]:
            basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
            return request.headers.get("authorization") == f"Basic {basic}"
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)

    def _answer_at_all(self) -> None:
        if self.behaviour["away"]:
            raise web.HTTPServiceUnavailable

    def _id_token(self, nonce: str, access_token: str) -> str:
        now, user = int(time.time()), self.behaviour["user"]
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": user.get("sub"),
            "nonce": nonce,
            "iat": now,
            "exp": now + 300,
            "at_hash": _base64url(half),
        }
        if self.behaviour["claims_in"] == "token":
            claims |= user
        header, key = {"alg": "RS256", "kid": self.keys[0].kid}, self.keys[0]
        return self._tampered(self.behaviour["tampers"], header, claims, key)

    def _tampered(self, how: str, header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
        other = RSAKey.generate_key(2048, auto_kid=True) if "key" in how else key
        changed: dict[str, dict[str, Any]] = {
            "issuer": {"iss": "https://evil.example"},
            "audience": {"aud": "another-shop"},
            "audiences without azp": {"aud": [CLIENT_ID, "another-shop"]},
            "azp": {"aud": [CLIENT_ID, "another-shop"], "azp": "another-shop"},
            "nonce": {"nonce": "of-another-attempt"},
            "no nonce": {"nonce": None},
            "expired": {"iat": int(time.time()) - 900, "exp": int(time.time()) - 300},
            "no expiry": {"exp": None},
            "not yet": {"nbf": int(time.time()) + 600},
            "access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
            "no subject": {"sub": None},
            "subject of another type": {"sub": 12},
            "long subject": {"sub": "x" * 256},
        }
        claims = {name: value for name, value in {**claims, **changed.get(how, {})}.items() if value is not None}
        if how == "no signature":
            return f"{_unsigned(header, 'none', claims)}."
        if how == "public key as a secret":  # by hand, as libraries refuse to help with it
            unsigned = _unsigned(header, "HS256", claims)
            mac = hmac.digest(self.keys[0].as_pem(private=False), unsigned.encode(), hashlib.sha256)
            return f"{unsigned}.{_base64url(mac)}"
        if how == "client secret as a key":
            secret = OctKey.import_key(CLIENT_SECRET.encode())
            return jwt.encode({**header, "alg": "HS256"}, claims, secret, algorithms=["HS256"])
        if how == "another algorithm":
            return jwt.encode({**header, "alg": "ES256"}, claims, ECKey.generate_key("P-256"), algorithms=["ES256"])
        if how == "another key by a known name":
            return jwt.encode(header, claims, other, algorithms=["RS256"])
        if how == "a key of its own":
            header |= {"kid": other.kid, "jwk": other.as_dict(private=False)}
            return jwt.encode(header, claims, other, algorithms=["RS256"])
        token = jwt.encode(header, claims, key, algorithms=["RS256"])
        return token[:-8] + ("AAAAAAAA" if token[-8:] != "AAAAAAAA" else "BBBBBBBB") if how == "signature" else token


def _unsigned(header: dict[str, Any], algorithm: str, claims: dict[str, Any]) -> str:
    return f"{_base64url(msgspec.json.encode({**header, 'alg': algorithm}))}.{_base64url(msgspec.json.encode(claims))}"


def _base64url(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


if __name__ == "__main__":
    web.run_app(Provider(int(sys.argv[1])).app(), host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
