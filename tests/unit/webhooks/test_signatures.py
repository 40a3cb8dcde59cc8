"""Signatures of Standard Webhooks: the reference vector is right, whatever differs from it is not, and no header is so odd
that reading it fails."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.modules.webhooks.rules import LONGEST_HEADER, Signature, read_signature
from tests.factories.webhooks import key_of, signature_of

# The vector that the specification's own libraries are tested with.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
KEY = key_of(SECRET)
EXAMPLE = (
    "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= "
    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
)
"""The header that the specification shows."""


def read(message_id: str = ID, timestamp: str = TIMESTAMP, signature: str = SIGNED) -> Signature | None:
    return read_signature([message_id], [timestamp], [signature])


def fits(secrets: tuple[bytes, ...] = (KEY,), body: bytes = BODY, **changes: str) -> bool:
    found = read(**changes)
    return found is not None and found.fits(secrets, body)


def test_the_reference_vector_is_right():
    assert fits()
    assert signature_of(KEY, ID, TIMESTAMP, BODY) == SIGNED


@pytest.mark.parametrize(
    "changes",
    [
        {"body": BODY + b" "},
        {"body": b'{"test":2432232314}'},
        {"message_id": ID + "x"},
        {"timestamp": "1614265331"},
        {"timestamp": "01614265330"},
        {"secrets": (b"another",)},
        {"secrets": ()},
        {"signature": SIGNED.replace("v1,", "v2,")},
        {"signature": SIGNED.replace("v1,", "v1a,")},
        {"signature": SIGNED.removeprefix("v1,")},
        {"signature": SIGNED.replace("g0h", "g0H")},
        {"signature": SIGNED.rstrip("=")},
        {"signature": SIGNED.lower()},
        {"signature": SIGNED.replace(",", ", ")},
    ],
    ids=str,
)
def test_whatever_differs_from_it_is_wrong(changes):
    assert not fits(**changes)


def test_one_of_several_signatures_and_of_several_secrets_is_enough():
    other = signature_of(b"another", ID, TIMESTAMP, BODY)
    assert fits(signature=f"{other} {SIGNED}")
    assert fits(signature=f"{SIGNED} {other}")
    assert fits(signature=f"v1a,xyz {other}  {SIGNED} v9,?")
    assert fits(secrets=(b"another one", KEY))
    assert not fits(signature=f"{other} {other}")


def test_signatures_of_other_schemes_are_passed_over():
    found = read(signature=EXAMPLE)
    assert found is not None
    assert found.candidates == (base64.b64decode("K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="),)
    assert read(signature=EXAMPLE.split(" ")[1]) is None


@pytest.mark.parametrize("message_id", ["", "a.b", "a b", "é", "a\n", "a" * 201, "\x7f"])
def test_a_message_id_that_could_be_read_in_two_ways_is_refused(message_id):
    assert read(message_id=message_id) is None


@pytest.mark.parametrize(
    "timestamp", ["", "-1", "+1614265330", "1614265330.0", "1e9", "0x1", " 1", "1\n", "١", "9" * 12, "1_0"]
)
def test_a_timestamp_is_digits_alone(timestamp):
    assert read(timestamp=timestamp) is None


def test_each_header_is_there_once():
    there = ([ID], [TIMESTAMP], [SIGNED])
    assert read_signature(*there) is not None
    for number in range(3):
        for instead in ([], [*there[number], *there[number]]):
            assert read_signature(*(instead if place == number else each for place, each in enumerate(there))) is None


def test_a_header_without_end_is_refused():
    most = (LONGEST_HEADER + 1) // (len(SIGNED) + 1)
    assert read(signature=" ".join([SIGNED] * most)) is not None
    assert read(signature=" ".join([SIGNED] * (most + 1))) is None


@pytest.mark.parametrize(("seconds", "fresh"), [(0, True), (300, True), (301, False), (-300, True), (-301, False)])
def test_it_is_fresh_for_five_minutes_either_side(seconds, fresh):
    signed_at = datetime.fromtimestamp(int(TIMESTAMP), UTC)
    found = read()
    assert found is not None
    assert found.is_fresh(signed_at + timedelta(seconds=seconds)) is fresh


def test_no_timestamp_is_so_large_that_it_can_not_be_compared():
    found = read(timestamp="9" * 11)
    assert found is not None
    assert not found.is_fresh(datetime.now(UTC))


HEADER = st.one_of(
    st.text(), st.from_regex(r"(v1|v1a|v2)?,?[A-Za-z0-9+/=]{0,50}( v1,[A-Za-z0-9+/]{43}=)*", fullmatch=True)
)


@given(
    ids=st.lists(st.text(), max_size=2),
    timestamps=st.lists(st.text(), max_size=2),
    signatures=st.lists(HEADER, max_size=2),
)
def test_headers_of_any_kind_are_read_or_refused_and_never_fit_by_chance(ids, timestamps, signatures):
    found = read_signature(ids, timestamps, signatures)
    if found is not None:
        assert (found.message_id, found.timestamp) == (ids[0], timestamps[0])
        assert all(len(each) == 32 for each in found.candidates)
        found.is_fresh(datetime.now(UTC))
        assert not found.fits((KEY,), BODY)


@given(
    key=st.binary(min_size=24, max_size=64),
    message_id=st.from_regex(r"[A-Za-z0-9_-]{1,60}", fullmatch=True),
    timestamp=st.integers(0, 10**11 - 1),
    body=st.binary(max_size=500),
    before=st.lists(st.from_regex(r"v1a?,[A-Za-z0-9+/=]{0,60}", fullmatch=True), max_size=5),
)
def test_what_is_signed_by_the_specification_is_found_among_whatever_stands_beside_it(
    key, message_id, timestamp, body, before
):
    good = signature_of(key, message_id, str(timestamp), body)
    found = read_signature([message_id], [str(timestamp)], [" ".join([*before, good])])
    assert found is not None
    assert found.fits((key,), body)
    assert not found.fits((key,), body + b"x")


@given(data=st.data(), place=st.integers(0, 42))
def test_a_signature_with_one_letter_changed_is_wrong(data, place):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    right = SIGNED.removeprefix("v1,")
    letter = data.draw(st.sampled_from([each for each in letters if each != right[place]]))
    changed = f"{right[:place]}{letter}{right[place + 1 :]}"
    # The last letter has two bits more than the bytes need.
    assert fits(signature=f"v1,{changed}") is (base64.b64decode(changed) == base64.b64decode(right))
