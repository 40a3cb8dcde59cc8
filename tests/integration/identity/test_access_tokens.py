"""Access tokens that somebody else made: none opens anything, and none costs more than a look at its signature."""

import base64
import hashlib
import hmac
import json
import logging
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey

from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.modules.identity.rules import ACCESS_TOKEN_LIFE, audience
from shop.modules.identity.service.signing_keys import signing_key
from tests.conftest import as_owner
from tests.factories.identity import bearer, make_account

OTHER_KEY = ECKey.generate_key("P-256")


async def token_of(account_id) -> str:
    return (await bearer(account_id))["Authorization"].removeprefix("Bearer ")


@pytest.fixture
async def good(client) -> str:
    """A token that opens /api/v1/me, which this process has just been asked with."""
    token = await token_of(await make_account())
    assert await status(client, token) == 200
    return token


async def status(client, token: str) -> int:
    return (await client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})).status_code


def b64(content: Any) -> str:
    octets = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unb64(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def header_of(token: str) -> dict[str, Any]:
    return unb64(token.split(".", maxsplit=1)[0])


def claims_of(token: str) -> dict[str, Any]:
    return unb64(token.split(".")[1])


async def our_key() -> ECKey:
    return await write(signing_key, clock.now())


async def signed(token: str, *, without: tuple[str, ...] = (), **changed: Any) -> str:
    """As the shop itself would sign it, had it ever said so."""
    claims = {name: value for name, value in (claims_of(token) | changed).items() if name not in without}
    return jwt.encode(header_of(token), claims, await our_key(), algorithms=["ES256"])


async def with_header(token: str, key: Any = None, **changed: Any) -> str:
    """By our key where no other is named."""
    header = header_of(token) | changed
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    payload = base64.urlsafe_b64decode(token.split(".")[1] + "==")
    return jws.serialize_compact(header, payload, key or await our_key(), registry=registry)


def mac(header: dict[str, Any], token: str, secret: bytes) -> str:
    said = f"{b64(header)}.{token.split('.')[1]}"
    return f"{said}.{b64(hmac.new(secret, said.encode(), hashlib.sha256).digest())}"


async def test_it_is_what_rfc_9068_says_and_no_more(good, rows):
    [key] = await rows("signing_key")
    [family] = await rows("token_family")
    assert header_of(good) == {"alg": "ES256", "kid": key.kid, "typ": "at+jwt"}
    claims = claims_of(good)
    assert set(claims) == {"iss", "aud", "sub", "client_id", "sid", "jti", "iat", "exp"}
    assert (claims["iss"], claims["aud"]) == (settings().public_url, audience())
    assert (claims["sub"], claims["sid"], claims["client_id"]) == (str(family.account_id), str(family.id), "shop")
    assert claims["exp"] - claims["iat"] == ACCESS_TOKEN_LIFE.total_seconds()


async def test_the_tests_own_tools_make_good_tokens(client, good):
    assert await status(client, await signed(good)) == 200
    assert await status(client, await with_header(good)) == 200


async def test_none_of_these_opens_anything_and_none_asks_the_database(client, good, record_statements):
    header, [said, claims, signature] = header_of(good), good.split(".")
    public = (await our_key()).as_dict(private=False)
    pem = (await our_key()).as_pem(private=False)
    p384, rsa = ECKey.generate_key("P-384"), RSAKey.generate_key(2048)
    changed = b64(claims_of(good) | {"sub": str(uuid4())})
    none = {"alg": "none", "typ": "at+jwt"}
    forged = {
        "alg none": f"{b64(none)}.{claims}.",
        "alg none with our kid": f"{b64(header | {'alg': 'none'})}.{claims}.",
        "alg None": f"{b64(header | {'alg': 'None'})}.{claims}.{signature}",
        "alg none, signature kept": f"{b64(none)}.{claims}.{signature}",
        "alg null": f"{b64(header | {'alg': None})}.{claims}.{signature}",
        "no alg": f"{b64({'kid': header['kid'], 'typ': 'at+jwt'})}.{claims}.{signature}",
        "HS256 by the public key in PEM": mac(header | {"alg": "HS256"}, good, pem),
        "HS256 by the public key as JWK": mac(header | {"alg": "HS256"}, good, json.dumps(public).encode()),
        "HS256 by its x": mac(header | {"alg": "HS256"}, good, public["x"].encode()),
        "HS256 by nothing": mac(header | {"alg": "HS256"}, good, b""),
        "another curve under our kid": await with_header(good, p384, alg="ES384"),
        "another kind of key under our kid": await with_header(good, rsa, alg="RS256"),
        "somebody else's key under our kid": await with_header(good, OTHER_KEY),
        "typ of other tokens": await with_header(good, typ="JWT"),
        "typ of an id token": await with_header(good, typ="id_token+jwt"),
        "no typ": f"{b64({'alg': 'ES256', 'kid': header['kid']})}.{claims}.{signature}",
        "own key in the header": await with_header(good, OTHER_KEY, jwk=OTHER_KEY.as_dict(private=False)),
        "own key set": await with_header(good, OTHER_KEY, jku="https://evil.example/jwks"),
        "own certificate": await with_header(good, OTHER_KEY, x5u="https://evil.example/cert", x5c=["AAAA"]),
        "a key set, signed by us": await with_header(good, jku="https://evil.example/jwks"),
        "something critical": f"{b64(header | {'crit': ['exp'], 'exp': 1})}.{claims}.{signature}",
        "kid that is a number": f"{b64(header | {'kid': 7})}.{claims}.{signature}",
        "kid that is a list": f"{b64(header | {'kid': [header['kid']]})}.{claims}.{signature}",
        "kid that is null": f"{b64(header | {'kid': None})}.{claims}.{signature}",
        "claims changed": f"{said}.{changed}.{signature}",
        "signature cut": good[:-4],
        "signature gone": f"{said}.{claims}.",
        "signature of nought": f"{said}.{claims}.{b64(bytes(64))}",
        "signature in DER": f"{said}.{claims}.{b64(bytes.fromhex('3006020101020101'))}",
        "header not JSON": f"{b64(b'{')}.{claims}.{signature}",
        "header a text": f"{b64('alg')}.{claims}.{signature}",
        "header a list": f"{b64(['alg', 'kid'])}.{claims}.{signature}",
        "header a number": f"{b64(1)}.{claims}.{signature}",
        "header nested deeply": f"{b64(b'[' * 380)}.{claims}.{signature}",
        "header not UTF-8": f"{b64(bytes([255, 254]))}.{claims}.{signature}",
        "no payload": f"{said}..{signature}",
        "five parts": f"{good}.a.b",
        "two parts": f"{said}.{claims}",
        "dots": "..",
        "null": "null",
        "undefined": "undefined",
        "an object": "{}",
        "a UUID": str(uuid4()),
        "a kilobyte of dots": "." * 1000,
        "just short enough": "a" * 4095,
        "too long": f"{good}{'a' * 4096}",
        "huge": "a" * 12_000,
        "two tokens": f"{good}, {good}",
    }
    let_in = []
    with record_statements() as sent:
        for what, token in forged.items():
            if await status(client, token) != 401:
                let_in.append(what)
    assert let_in == []
    assert [each for each in sent if "identity." in each] == []
    assert await status(client, good) == 200


@pytest.mark.parametrize(
    "kid",
    [
        "unknown",
        "",
        "../../../../dev/null",
        "/proc/self/environ",
        "' or 1=1 --",
        "x'; drop table identity.signing_key; --",
        "https://evil.example/key",
        "\x00",
        "a" * 300,
    ],
)
async def test_a_kid_of_others_opens_nothing(client, good, kid):
    assert await status(client, await with_header(good, OTHER_KEY, kid=kid)) == 401
    assert await status(client, await with_header(good, kid=kid)) == 401, "signed by our key, under another name"
    assert await status(client, good) == 200


async def test_made_up_kids_don_t_keep_the_database_busy(client, good, record_statements):
    with record_statements() as sent:
        for number in range(60):
            assert await status(client, await with_header(good, OTHER_KEY, kid=f"made up {number}")) == 401
    looks = [each for each in sent if "identity." in each]
    assert len(looks) <= 5, "it looks once a second at most"
    assert await status(client, good) == 200


async def test_what_we_never_said_is_not_believed_even_under_our_signature(client, good, rows):
    now = int(clock.now().timestamp())
    minute = 60
    wrong = {
        "another issuer": await signed(good, iss="https://evil.example"),
        "our issuer with a slash": await signed(good, iss=f"{settings().public_url}/"),
        "no issuer": await signed(good, without=("iss",)),
        "another audience": await signed(good, aud="https://evil.example/api"),
        "the shop as audience": await signed(good, aud=settings().public_url),
        "a client as audience": await signed(good, aud=str(uuid4())),
        "no audience": await signed(good, without=("aud",)),
        "audience null": await signed(good, aud=None),
        "expired a second ago": await signed(good, exp=now - 1),
        "expired for long": await signed(good, exp=now - 90 * 24 * 3600),
        "never expires": await signed(good, without=("exp",)),
        "exp null": await signed(good, exp=None),
        "exp a text": await signed(good, exp="9999999999"),
        "exp true": await signed(good, exp=True),
        "exp beyond all calendars": await signed(good, exp=10**18),
        "exp infinite": await signed(good, exp=float("inf")),
        "exp not a number": await signed(good, exp=float("nan")),
        "not yet": await signed(good, nbf=now + 10 * minute),
        "issued in the future": await signed(good, iat=now + 10 * minute),
        "no iat": await signed(good, without=("iat",)),
        "no jti": await signed(good, without=("jti",)),
        "no sub": await signed(good, without=("sub",)),
        "no client": await signed(good, without=("client_id",)),
        "no family": await signed(good, without=("sid",)),
        "family null": await signed(good, sid=None),
        "family a number": await signed(good, sid=7),
        "family made up": await signed(good, sid=str(uuid4())),
        "family that is no id": await signed(good, sid="x' or 1=1 --"),
        "claims a list": jws.serialize_compact(header_of(good), b"[]", await our_key(), ["ES256"]),
        "claims a text": jws.serialize_compact(header_of(good), b'"sub"', await our_key(), ["ES256"]),
        "claims not JSON": jws.serialize_compact(header_of(good), b"\xff{", await our_key(), ["ES256"]),
    }
    assert [what for what, token in wrong.items() if await status(client, token) != 401] == []
    assert await status(client, await signed(good, iat=now + 5, nbf=now + 5)) == 200, "clocks differ by seconds"
    assert len(await rows("token_family")) == 1


async def test_another_s_subject_does_not_make_one_that_other(client, good):
    """Who it is stands in the family's row: a claim alone moves nobody."""
    other = await make_account("eve@example.com", name="Eve")
    headers = {"Authorization": f"Bearer {await signed(good, sub=str(other), scope='*')}"}
    assert (await client.get("/api/v1/me", headers=headers)).json()["email"] == "ada@example.com"


async def test_a_token_ends_with_its_account(client, good):
    as_owner("update identity.account set closed_at = now()")
    assert await status(client, good) == 401
    as_owner("update identity.account set closed_at = null")
    assert await status(client, good) == 200
    as_owner("delete from identity.account")
    assert await status(client, good) == 401


async def test_a_token_ends_with_the_key_that_signed_it(client, good):
    """Though the key was looked at a moment ago."""
    as_owner("delete from identity.signing_key")
    assert await status(client, good) == 401


async def test_a_token_ends_with_the_program_it_was_given_to(client, good):
    as_owner(
        "insert into identity.oauth_client (id, name, redirect_uris, scopes, created_at)"
        " values ('c0ffee00-0000-4000-8000-000000000000', 'Till', '{}', '{profile.read}', now())"
    )
    as_owner(
        "update identity.token_family set client_id = 'c0ffee00-0000-4000-8000-000000000000', scopes = '{profile.read}'"
    )
    given = await signed(good, scope="profile.read")
    assert await status(client, given) == 200
    as_owner("update identity.oauth_client set disabled_at = now()")
    assert await status(client, given) == 401
    as_owner("delete from identity.oauth_client")
    assert await status(client, given) == 401


async def test_a_scope_that_its_family_lacks_is_nobody_s_to_claim(client, good):
    """Nor does a family's scope reach a token that was made with fewer."""
    as_owner(
        "insert into identity.oauth_client (id, name, redirect_uris, scopes, created_at)"
        " values ('c0ffee00-0000-4000-8000-000000000000', 'Till', '{}', '{profile.read}', now())"
    )
    as_owner(
        "update identity.token_family set client_id = 'c0ffee00-0000-4000-8000-000000000000', scopes = '{profile.read}'"
    )
    headers = {"Authorization": f"Bearer {await signed(good, scope='profile.read profile.write')}"}
    assert (await client.patch("/api/v1/me", headers=headers, json={"name": "Eve"})).status_code == 403
    assert await status(client, await signed(good, scope="orders.read")) == 403
    assert await status(client, good) == 403


async def test_a_program_in_its_own_right_is_no_customer(client, good):
    program = "c0ffee00-0000-4000-8000-000000000000"
    as_owner(
        "insert into identity.oauth_client (id, name, redirect_uris, scopes, created_at)"
        f" values ('{program}', 'Till', '{{}}', '{{orders.view}}', now())"
    )
    as_owner(f"update identity.token_family set account_id = null, client_id = '{program}', scopes = '{{orders.view}}'")
    headers = {"Authorization": f"Bearer {await signed(good, scope='orders.view')}"}
    assert (await client.get("/api/v1/me", headers=headers)).status_code == 403
    assert (await client.get("/api/v1/admin/orders", headers=headers)).status_code == 200
    assert (await client.get("/api/v1/admin/outbox", headers=headers)).status_code == 403


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_is_written_as_one_likes(client, good, scheme):
    answer = await client.get("/api/v1/me", headers={"Authorization": f"{scheme} {good}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "place", [{"params": True}, {"cookies": True}, {"header": "X-Access-Token"}, {"scheme": "Token"}], ids=str
)
async def test_a_token_elsewhere_opens_nothing(client, good, place):
    """RFC 9700, 4.3.2: addresses are kept in logs and histories."""
    headers, address = {}, "/api/v1/me"
    if "params" in place:
        address += f"?access_token={good}"
    elif "cookies" in place:
        client.cookies.set("shop_session", good, domain="testserver.local")
    elif "header" in place:
        headers[place["header"]] = good
    else:
        headers["Authorization"] = f"{place['scheme']} {good}"
    assert (await client.get(address, headers=headers)).status_code == 401


async def test_a_foreign_token_is_not_told_of_in_logs(client, good, caplog, capsys):
    with caplog.at_level(logging.DEBUG):
        await status(client, await with_header(good, OTHER_KEY))
    told = caplog.text + "".join(capsys.readouterr())
    assert good.split(".")[1] not in told


async def test_two_that_differ_by_their_last_character_alone_are_looked_at_apart(client, good):
    """Base64 has bits to spare at its end: whatever they say, it is the same token or none."""
    for last in "AQgw":
        assert await status(client, good[:-1] + last) in {200, 401}
    assert await status(client, good) == 200


async def test_the_clock_alone_ends_it(client, good):
    with clock.shifted(ACCESS_TOKEN_LIFE + timedelta(seconds=1)):
        assert await status(client, good) == 401


async def test_one_look_is_all_it_costs(client, good, record_statements):
    with record_statements() as sent:
        await client.get("/api/v1/me", headers={"Authorization": f"Bearer {good}"})
    assert len([each for each in sent if "identity.token_family" in each]) == 1
    assert len(sent) == 2, "and who it is"


async def test_keys_are_read_as_they_are_stored(good, rows):
    """Sealed for its own row: moved to another, or read from a copy of the database, it signs nothing."""
    [key] = await rows("signing_key")
    assert b"PRIVATE" not in key.private_key
    assert "d" not in key.public_key
    assert key.private_key != await read(_private_key_again)


async def _private_key_again(uow) -> bytes:
    return (await signing_key(uow, clock.now())).as_pem(private=True)
