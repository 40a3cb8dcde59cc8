"""Signatures as the specification's own library makes and reads them, held against ours: a program signs with the secret
that it was told, as that library wants it."""

import base64
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from shop.modules.identity.service.oauth.client_secrets import new_secret
from shop.modules.webhooks.rules import read_signature

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@given(st.text(max_size=200).map(str.encode))
def test_what_the_library_signs_is_believed(body):
    secret = new_secret()
    signed = Webhook(secret).sign("msg_1", NOW, body.decode())
    found = read_signature(["msg_1"], [str(int(NOW.timestamp()))], [signed])
    assert found is not None
    assert found.fits([base64.b64decode(secret)], body)
    assert found.fits([base64.b64decode(new_secret()), base64.b64decode(secret)], body)
    assert not found.fits([base64.b64decode(new_secret())], body)
    assert not found.fits([base64.b64decode(secret)], body + b" ")


def test_the_prefix_of_the_specification_changes_nothing():
    secret = new_secret()
    assert Webhook(f"whsec_{secret}").sign("msg_1", NOW, "{}") == Webhook(secret).sign("msg_1", NOW, "{}")
    assert len(base64.b64decode(secret)) >= 24
