"""What may be noted for the audit log: ids, numbers and codes, never so much that the table refuses it."""

from uuid import UUID

import pytest

from shop.kernel import audit
from shop.kernel.http.acting import actor_of, network_of, subject_in
from shop.kernel.http.sessions import Principal
from shop.kernel.ports import overridden

ID = UUID("01900000-0000-7000-8000-000000000001")
ADA = audit.Actor("account", str(ID))
ACTING = audit.Acting(
    actor=ADA, permission="orders.refund", method="POST", route="/admin/orders/{order_id:uuid}", subject=("order", "7")
)


class Kept(list[audit.AuditEntry]):
    async def record(self, _uow, entry: audit.AuditEntry) -> None:
        self.append(entry)


@pytest.fixture
def kept():
    kept = Kept()
    with overridden(audit.AuditTrail, kept):
        yield kept
    audit.acts(None)


@pytest.mark.parametrize(
    "value",
    ["Ada Lovelace", "ada@example.com", "Straße", "", "x" * 101, 1.5, {"a": 1}, {"a"}, [["a"]], [None, 1.5], ["a b"]],
)
def test_words_about_people_are_no_details(value):
    with pytest.raises(ValueError, match="takes ids, numbers and codes"):
        audit.note(action="order.cancelled", reason=value)


@pytest.mark.parametrize("action", ["", "order cancelled", "<b>", "x" * 101])
def test_an_action_has_a_name_that_can_be_searched_for(action):
    with pytest.raises(ValueError, match="no name of an action"):
        audit.note(action=action)


def test_one_note_may_not_fill_the_entry():
    with pytest.raises(ValueError, match="too long"):
        audit.note(action="order.cancelled", lines=["x" * 90] * 40)


async def test_of_a_long_list_the_beginning_is_kept_and_how_long_it_was(kept):
    await audit.record(None, action="role.made", permissions=["*", *(f"thing.{number}" for number in range(99))])
    (entry,) = kept
    assert len(entry.details["permissions"]) == 60
    assert entry.details["permissions"][:2] == ["*", "thing.0"]
    assert entry.details["permissions_count"] == 100


async def test_a_change_that_says_nothing_is_told_of_by_permission_and_route(kept):
    audit.acts(ACTING)
    with audit.collecting():
        await audit.leave_entry(None)
    assert kept == [audit.AuditEntry(action="orders.refund", actor=ADA, subject=("order", "7"), details={}, by=ACTING)]


async def test_the_first_note_names_the_entry_and_further_ones_are_kept_as_far_as_there_is_room(kept):
    audit.acts(ACTING)
    with audit.collecting():
        audit.note(action="order.cancelled", subject=("order", ID), reason="out_of_stock")
        for number in range(500):
            audit.note(action="line.cancelled", subject=("line", number), quantity=number)
        await audit.leave_entry(None)
    (entry,) = kept
    assert (entry.action, entry.subject) == ("order.cancelled", ("order", str(ID)))
    assert entry.details["reason"] == "out_of_stock"
    assert entry.details["further_count"] == 500
    assert entry.details["further"][0] == {"action": "line.cancelled", "subject": ["line", "0"], "quantity": 0}
    assert 20 < len(entry.details["further"]) < 500
    assert entry.details["within"] == "order:7"
    assert len(str(entry.details)) < 4000


async def test_what_the_route_names_stays_told_where_a_note_tells_of_a_part_of_it(kept):
    audit.acts(ACTING)
    with audit.collecting():
        audit.note(action="line.cancelled", subject=("line", 3))
        await audit.leave_entry(None)
    (entry,) = kept
    assert (entry.subject, entry.details) == (("line", "3"), {"within": "order:7"})


async def test_without_staff_at_work_a_note_is_nobodys_but_a_record_is_kept(kept):
    with audit.collecting():
        audit.note(action="order.cancelled")
        await audit.record(None, action="role.given", subject=("account", ID), role="owner")
        await audit.leave_entry(None)
    (entry,) = kept
    assert (entry.action, entry.actor, entry.by, entry.details) == ("role.given", None, None, {"role": "owner"})


async def test_what_staff_have_recorded_is_their_own_entry(kept):
    audit.acts(ACTING)
    with audit.collecting():
        await audit.record(None, action="role.given", subject=("account", ID), role="owner")
        assert kept == []
        await audit.leave_entry(None)
    (entry,) = kept
    assert (entry.action, entry.actor) == ("role.given", ADA)


async def test_what_the_kernel_keeps_on_its_own_account_leaves_no_entry(kept):
    audit.acts(ACTING)
    with audit.unaudited(), audit.collecting():
        await audit.leave_entry(None)
    assert kept == []
    assert audit.who_acts() is ACTING


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("testclient", None),
        ("", None),
    ],
)
def test_an_address_is_kept_without_its_end(address, network):
    assert network_of(address) == network


def test_the_last_parameter_of_a_route_is_what_it_changes():
    assert subject_in({"cart_id": ID, "line_id": 7}) == ("line", "7")
    assert subject_in({"order_id": ID, "note": "for Ada Lovelace"}) == ("order", str(ID))
    assert subject_in({}) is None


def test_an_actor_is_an_account_perhaps_through_a_program_or_a_program_itself():
    assert actor_of(Principal(ID, "", "")) == ADA
    assert actor_of(Principal(ID, "", "", client_id="till")) == audit.Actor("account", str(ID), "till")
    assert actor_of(Principal(ID, "", "", program=True, client_id="till")) == audit.Actor("program", "till")
