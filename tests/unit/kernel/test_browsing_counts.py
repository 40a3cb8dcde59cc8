"""Counts of readers: right within a process, brought together in batches, bounded in memory."""

import time

import pytest

from shop.kernel.http import browsing_counts
from shop.kernel.http.browsing_counts import BrowsingCounts


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_000_000_020.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


def test_so_many_are_let_through_and_the_rest_is_not(clock: list[float]) -> None:
    counts = BrowsingCounts("browse", 3, 60)
    assert [counts.count("a") for _ in range(5)] == [2, 1, 0, -1, -1]
    assert counts.count("b") == 2
    assert (counts.left("a"), counts.left("b"), counts.left("c")) == (0, 2, 3)


def test_the_next_window_is_free_again(clock: list[float]) -> None:
    counts = BrowsingCounts("browse", 1, 60)
    assert [counts.count("a"), counts.count("a")] == [0, -1]
    clock[0] += counts.seconds_left
    assert counts.count("a") == 0


def test_seconds_left_lead_into_the_next_window(clock: list[float]) -> None:
    counts = BrowsingCounts("browse", 1, 60)
    counts.count("a")
    assert counts.seconds_left == 60 - 1_000_000_020 % 60 + 1


def test_what_others_counted_counts_from_when_it_is_settled(clock: list[float]) -> None:
    counts = BrowsingCounts("browse", 10, 60)
    for _ in range(4):
        counts.count("a")
    window, taken = counts.take_unsettled(100)
    assert {key: amount for key, (_, amount) in taken.items()} == {"a": 4}
    counts.count("a")  # while the batch is under way
    counts.settled(window, taken, [8])
    assert counts.count("a") == 10 - 8 - 1 - 1
    assert counts.count("a") == -1
    assert {key: amount for key, (_, amount) in counts.take_unsettled(100)[1].items()} == {"a": 2}


def test_a_batch_that_never_arrives_still_counts_here(clock: list[float]) -> None:
    counts = BrowsingCounts("browse", 2, 60)
    counts.count("a")
    counts.take_unsettled(100)
    assert [counts.count("a"), counts.count("a")] == [0, -1]


def test_a_batch_of_the_window_before_changes_nothing(clock: list[float]) -> None:
    counts = BrowsingCounts("browse", 2, 60)
    counts.count("a")
    window, taken = counts.take_unsettled(100)
    clock[0] += 60
    counts.count("a")
    counts.settled(window, taken, [50])
    assert counts.left("a") == 1


def test_each_batch_has_an_end(clock: list[float]) -> None:
    counts = BrowsingCounts("browse", 2, 60)
    for number in range(250):
        counts.count(str(number))
    sizes = [len(counts.take_unsettled(100)[1]) for _ in range(4)]
    assert sizes == [100, 100, 50, 0]


def test_a_crowd_takes_no_more_memory_than_there_is(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing_counts, "MOST_KEPT", 100)
    counts = BrowsingCounts("browse", 2, 60)
    for number in range(1000):
        counts.count(str(number))
        if number % 50 == 49:
            counts.take_unsettled(100)
    assert len(counts._tallies) <= 150
