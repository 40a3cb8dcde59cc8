"""What somebody meant who mistyped a word: one that titles or categories have, a single slip away.

A slip is a letter too few, too many, wrong, or swapped with the next. All slips of a word are looked up, so that the time
depends on its length and not on the catalogue's size.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from string import ascii_lowercase, digits
from typing import Final

from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.repository import suggesting
from shop.modules.catalog.rules import MAX_QUERY_WORDS, search_words

SHORTEST: Final = 4
"""Letters; shorter words are a slip away from too many."""
LONGEST: Final = 24


class Vocabulary:
    """The words of goods and categories, folded, and how often they come."""

    def __init__(self, titles: Iterable[str]) -> None:
        self._counts = Counter(
            word for title in titles for word in search_words(title).split() if SHORTEST <= len(word) <= LONGEST
        )
        self._sorted = sorted(self._counts)

    def meant(self, text: str) -> str | None:
        """The words of `text`, those mended that nothing has; None when there is nothing to mend."""
        typed = search_words(text).split()[:MAX_QUERY_WORDS]
        mended = [self._mended(word) for word in typed]
        return " ".join(mended) if mended != typed else None

    def _mended(self, word: str) -> str:
        if not SHORTEST <= len(word) <= LONGEST or self._begun_by(word):
            return word
        slips = set(_slips(word))
        whole = [slip for slip in slips if slip in self._counts]
        begun = whole or [found for slip in slips if len(slip) >= SHORTEST and (found := self._begun_by(slip))]
        return max(begun, key=lambda each: (each[0] == word[0], self._counts[each], each), default=word)

    def _begun_by(self, start: str) -> str | None:
        place = bisect_left(self._sorted, start)
        found = self._sorted[place] if place < len(self._sorted) else ""
        return found if found.startswith(start) else None


def _slips(word: str) -> Iterator[str]:
    parts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    for before, after in parts:
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in ascii_lowercase + digits:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]


async def load_titles(uow: UnitOfWork, currency: str) -> list[str]:
    """Of all that can be bought in `currency`, and of the categories."""
    return await suggesting.find_titles(uow, currency)
