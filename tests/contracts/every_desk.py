"""Which providers are held against the contract, and by which tests: those about what they can."""

import pytest

from tests.contracts.desks import Ability, Desk
from tests.contracts.own_desks import FakeDesk, SandboxDesk
from tests.contracts.paypal_desk import PayPalDesk
from tests.contracts.stripe_desks import LocalstripeDesk, StripeFakeDesk

DESKS: dict[str, type[Desk]] = {
    "sandbox": SandboxDesk,
    "fake": FakeDesk,
    "localstripe": LocalstripeDesk,
    "stripe_fake": StripeFakeDesk,
    "paypal": PayPalDesk,
}
"""By the name before `_desk` in their fixture's."""


def desks_that(*abilities: Ability) -> pytest.MarkDecorator:
    able = [name for name, desk in DESKS.items() if desk.can.issuperset(abilities)]
    assert able, f"no desk can all of {abilities}"
    return pytest.mark.parametrize("desk", able, indirect=True)
