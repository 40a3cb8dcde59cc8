"""A module says which events it accepts, and what a program needs to send them from outside."""

from uuid import UUID

import pytest

from shop import wiring
from shop.kernel.accepted_events import find_accepted_event, forget_accepted_events, register_accepted_events
from shop.kernel.events import Event
from shop.kernel.manifest import Accepted, Manifest, accepted, durable, same_transaction
from shop.modules_document import modules_document
from shop.wiring import MODULES


class LampRequested(Event, tag="lamps.lamp_requested.v1", frozen=True):
    lamp_id: UUID


async def when_lamp_requested_light_it(_uow, _event) -> None: ...


HEARD = durable(LampRequested, when_lamp_requested_light_it)


def lamps(each: Accepted, subscription=HEARD, **others) -> Manifest:
    return Manifest("lamps", accepts=(each,), subscriptions=(subscription,), **others)


@pytest.fixture
def registered():
    register_accepted_events(lamps(accepted(LampRequested, "lamps.light")))
    yield
    forget_accepted_events()


def test_an_accepted_event_is_found_by_its_wire_name(registered):
    assert find_accepted_event("lamps.lamp_requested.v1") == Accepted(LampRequested, "lamps.light")
    assert find_accepted_event("lamps.lamp_broken.v1") is None


def test_what_a_module_accepts_stands_in_its_contract_and_only_modules_may_emit_it_unless_it_says_more():
    manifest = lamps(accepted(LampRequested))
    assert manifest.events == (LampRequested,)
    assert manifest.accepts[0].permission is None


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (lamps(accepted(LampRequested, "lamps.light")), "accepts .* with lamps.light, which is no permission"),
        (Manifest("lamps", accepts=(accepted(LampRequested),)), "lamps accepts .* and doesn't hear it durably"),
        (
            lamps(accepted(LampRequested), same_transaction(LampRequested, when_lamp_requested_light_it)),
            "lamps accepts .* and doesn't hear it durably",
        ),
        (Manifest("shades", accepts=(accepted(LampRequested),)), "which is not its own"),
    ],
    ids=["unknown permission", "not heard", "not heard durably", "another's name"],
)
def test_a_shop_does_not_boot_with_an_accepted_event_that_nobody_could_use(manifest, words):
    with pytest.raises(wiring.WiringError, match=words):
        wiring.check([*MODULES, manifest])


def test_a_shop_boots_with_one_that_is_heard_and_whose_permission_is_declared():
    wiring.check([*MODULES, lamps(accepted(LampRequested, "lamps.light"), permissions={"lamps.light": "Light lamps"})])


def test_the_list_of_modules_tells_what_a_program_needs(monkeypatch):
    monkeypatch.setattr("shop.modules_document.import_module", lambda _name: None)
    told = modules_document([lamps(accepted(LampRequested, "lamps.light"))])
    assert "| accepts | `lamps.lamp_requested.v1 (from outside with lamps.light)` |" in told
