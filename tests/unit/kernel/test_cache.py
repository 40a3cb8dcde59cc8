"""The cache forgets what it must, keeps what it may, and never keeps what was invalidated while it was made."""

import pytest

from shop.kernel.cache import TaggedCache


@pytest.fixture
def cache() -> TaggedCache:
    made = TaggedCache(max_bytes=8000)
    made.trusted = True
    return made


def keep(cache, key, *tags, size=100):
    cache.put(key, f"value of {key}", size, tags, cache.moment())


def test_what_is_kept_is_found(cache):
    keep(cache, "a", "product:1")
    assert cache.find("a") == "value of a"


def test_dropping_a_tag_drops_only_what_carries_it(cache):
    keep(cache, "a", "product:1", "listing")
    keep(cache, "b", "product:2")
    cache.drop(["product:1"])
    assert (cache.find("a"), cache.find("b")) == (None, "value of b")


def test_a_value_made_before_an_invalidation_is_not_kept_after_it(cache):
    moment = cache.moment()
    cache.drop(["product:1"])
    cache.put("a", "stale", 100, ["product:1"], moment)
    assert cache.find("a") is None


def test_a_value_made_before_everything_was_cleared_is_not_kept(cache):
    moment = cache.moment()
    cache.clear()
    cache.put("a", "stale", 100, ["x"], moment)
    assert cache.find("a") is None


def test_an_untrusted_cache_neither_keeps_nor_serves(cache):
    keep(cache, "a", "x")
    cache.trusted = False
    keep(cache, "b", "x")
    assert cache.find("a") is None
    cache.trusted = True
    assert cache.find("b") is None


def test_the_least_recently_used_goes_first_when_it_is_full(cache):
    for number in range(8):
        keep(cache, number, "x", size=1000)
    cache.find(0)
    keep(cache, "one more", "x", size=1000)
    assert cache.find(1) is None
    assert cache.find(0) is not None


def test_one_huge_value_does_not_empty_the_cache(cache):
    keep(cache, "a", "x")
    keep(cache, "huge", "x", size=5000)
    assert cache.find("huge") is None
    assert cache.find("a") is not None
