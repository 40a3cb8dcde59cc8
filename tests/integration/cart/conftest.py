"""The cart among goods in memory."""

from collections.abc import Iterator

import pytest

from tests.fakes.goods import GoodsFake


@pytest.fixture
def goods(booted: None) -> Iterator[GoodsFake]:
    with GoodsFake().answering() as answering:
        yield answering
