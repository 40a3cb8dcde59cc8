"""What the words typed so far may become, as people are shown it: categories, then goods with picture and price."""

from collections.abc import Sequence
from typing import Final

import msgspec

from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.repository import suggesting
from shop.modules.catalog.rules import fold, prefix_query, search_words
from shop.modules.catalog.schemas import CategoryNode, Item
from shop.modules.catalog.service.browse import Categories

CATEGORIES: Final = 3
GOODS: Final = 6
NAMES: Final = "AB"
"""Who types "mu" has a mug in mind, and no lamp whose description says that it must not get wet."""


class Matches(msgspec.Struct, frozen=True):
    categories: Sequence[CategoryNode]
    goods: Sequence[Item]


async def suggest_goods(uow: UnitOfWork, typed: str, currency: str, tree: Categories) -> Matches:
    words = search_words(typed)
    if not words:
        return Matches((), ())
    named = prefix_query(words, weights=NAMES)
    goods = await suggesting.find_matching(uow, words, named, currency, GOODS)
    return Matches(tree.matching(words, CATEGORIES), goods)


def marked(title: str, typed: str) -> list[tuple[str, bool]]:
    """The title in parts, True for beginnings of words that were typed: "Camp Mug" by "mu" is Camp, Mu (True), g.

    Case and accents don't count, as in the search itself; a letter that folds to several counts as one.
    """
    wanted = sorted(search_words(typed).split(), key=len, reverse=True)
    folded = [fold(letter) for letter in title]
    parts: list[tuple[str, bool]] = []
    place = plain_from = 0
    while place < len(title):
        starts = place == 0 or not title[place - 1].isalnum()
        length = next((n for word in wanted if (n := _letters(folded, place, word))), 0) if starts else 0
        if length:
            if plain_from < place:
                parts.append((title[plain_from:place], False))
            parts.append((title[place : place + length], True))
            plain_from = place + length
        place += length or 1
    if plain_from < len(title):
        parts.append((title[plain_from:], False))
    return parts


def _letters(folded: Sequence[str], place: int, word: str) -> int:
    """How many letters from `place` on make up `word`; 0 when they don't."""
    rest = word
    for count, letter in enumerate(folded[place:]):
        if not rest and letter:
            return count
        if not rest.startswith(letter):
            return count + 1 if letter.startswith(rest) else 0
        rest = rest[len(letter) :]
    return 0 if rest else len(folded) - place
