"""What changes of stock mean."""

from uuid import uuid4

import pytest

from shop.contracts.catalog import VariantId
from shop.contracts.inventory import StockLine
from shop.modules.inventory.rules import EVENT_IDS, in_batches, is_news, quantity_by_variant


def test_lines_of_one_variant_add_up():
    mug, cup = VariantId(uuid4()), VariantId(uuid4())
    lines = [StockLine(mug, 2), StockLine(cup, 1), StockLine(mug, 3)]
    assert quantity_by_variant(lines) == {mug: 5, cup: 1}


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_quantity_below_one_is_refused(quantity):
    with pytest.raises(ValueError, match="can't be reserved"):
        quantity_by_variant([StockLine(VariantId(uuid4()), quantity)])


@pytest.mark.parametrize(
    ("before", "after", "news"),
    [
        (1, 0, True),
        (0, 1, True),
        (5, 4, True),
        (9, 3, True),
        (3, 9, True),
        (0, 0, False),
        (4, 4, False),
        (0, -2, False),
        (40, 6, False),
    ],
)
def test_only_the_last_few_pieces_are_news(before, after, news):
    assert is_news(before, after) is news


def test_no_event_carries_more_ids_than_allowed_and_none_is_lost():
    ids = [uuid4() for _ in range(2 * EVENT_IDS + 1)]
    batches = list(in_batches(ids))
    assert [len(batch) for batch in batches] == [EVENT_IDS, EVENT_IDS, 1]
    assert [each for batch in batches for each in batch] == ids
