"""Ids sort by time; tokens can't be guessed; cursors are ours or refused."""

from uuid import UUID

import pytest

from shop.kernel.errors import Invalid
from shop.kernel.http.paging import decode_cursor, encode_cursor
from shop.kernel.ids import new_id, new_token


def test_ids_are_version_7_unique_and_increasing():
    ids = [new_id() for _ in range(10_000)]
    assert ids == sorted(set(ids))
    assert {each.version for each in ids} == {7}
    assert {each.variant for each in ids} == {"specified in RFC 4122"}


def test_tokens_hold_192_bits_and_never_repeat():
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert {len(token) for token in tokens} == {32}


def test_a_cursor_comes_back_as_it_was():
    key = (1999, UUID(int=5))
    assert decode_cursor(encode_cursor(*key), int, UUID) == key


def test_no_cursor_is_no_key():
    assert decode_cursor(None, int) is None


@pytest.mark.parametrize("cursor", ["x", "äöü", "e30", "W10", "WyJhIl0", "!" * 50, "WzEsMl0", "A" * 499])
def test_a_cursor_that_is_not_ours_is_refused(cursor):
    with pytest.raises(Invalid, match="next_cursor"):
        decode_cursor(cursor, int)
