"""What changes of stock mean."""

from uuid import uuid4

import pytest

from shop.contracts.catalog import VariantId
from shop.contracts.inventory import StockLine
from shop.modules.inventory.rules import EVENT_IDS, crosses_zero, in_batches, quantity_by_variant


def test_lines_of_one_variant_add_up():
    mug, cup = VariantId(uuid4()), VariantId(uuid4())
    lines = [StockLine(mug, 2), StockLine(cup, 1), StockLine(mug, 3)]
    assert quantity_by_variant(lines) == {mug: 5, cup: 1}


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_quantity_below_one_is_refused(quantity):
    with pytest.raises(ValueError, match="can't be reserved"):
        quantity_by_variant([StockLine(VariantId(uuid4()), quantity)])


@pytest.mark.parametrize(
    ("before", "after", "news"), [(1, 0, True), (0, 1, True), (5, 4, False), (0, 0, False), (3, 9, False)]
)
def test_only_selling_out_and_coming_back_is_news(before, after, news):
    assert crosses_zero(before, after) is news


def test_no_event_carries_more_ids_than_allowed_and_none_is_lost():
    ids = [uuid4() for _ in range(2 * EVENT_IDS + 1)]
    batches = list(in_batches(ids))
    assert [len(batch) for batch in batches] == [EVENT_IDS, EVENT_IDS, 1]
    assert [each for batch in batches for each in batch] == ids
