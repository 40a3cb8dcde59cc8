"""Which part of a suggested title is marked as what was typed."""

import pytest

from shop.modules.catalog.service.suggest_goods import marked


@pytest.mark.parametrize(
    ("title", "typed", "hits"),
    [
        ("Camp Mug", "mu", ["Mu"]),
        ("Camp Mug", "MUG ca", ["Ca", "Mug"]),
        ("Camp Mug", "amp", []),
        ("Crème brûlée", "creme brul", ["Crème", "brûl"]),
        ("Cre\u0300me", "creme", ["Cre\u0300me"]),
        ("Straße 9", "stras", ["Straß"]),
        ("Straße 9", "strasse", ["Straße"]),
        ("ﬁne", "f", ["ﬁ"]),
        ("T-shirt", "shi t", ["T", "shi"]),
        ("Mug", "", []),
        ("", "mug", []),
        ("mug mugs", "mug mugs", ["mug", "mugs"]),
    ],
)
def test_beginnings_of_words_are_marked(title, typed, hits):
    parts = marked(title, typed)
    assert [text for text, hit in parts if hit] == hits
    assert "".join(text for text, _ in parts) == title
