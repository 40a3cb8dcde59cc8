"""Words one slip away are found; words that are right, short, or far from everything are left alone."""

import time

import pytest

from shop.modules.catalog.service.spell_words import Vocabulary

WORDS = Vocabulary(["Lumen Camp Lantern", "Camp Mug", "Regn Rain Jacket", "Halden 28 Backpack", "Crème Brûlée Bowl"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("lantrn", "lantern"),
        ("latern", "lantern"),
        ("lantren", "lantern"),
        ("lanternn", "lantern"),
        ("Bakpack", "backpack"),
        ("rain jaket", "rain jacket"),
        ("creme brulle", "creme brulee"),
        ("lamtern camp", "lantern camp"),
        ("lamte", "lantern"),
    ],
)
def test_a_slip_is_mended(typed, meant):
    assert WORDS.meant(typed) == meant


@pytest.mark.parametrize("typed", ["lantern", "lant", "mugg", "zzzz", "", "&|!", "x" * 200, "rain 28"])
def test_what_is_right_or_like_nothing_is_left_alone(typed):
    assert WORDS.meant(typed) is None


def test_of_two_that_are_as_near_the_more_frequent_is_meant():
    assert Vocabulary(["Stone", "Store", "Store"]).meant("stoe") == "store"


def test_a_hostile_question_costs_little():
    words = Vocabulary(f"Product {n:06} of many" for n in range(20_000))
    began = time.process_time()
    words.meant(" ".join(f"qzx{n:02}jkvwqzxjkvwqzxjk" for n in range(50)))
    assert time.process_time() - began < 0.5
