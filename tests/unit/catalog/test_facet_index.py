"""An index counts what going through all cards one by one would count."""

from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shop.modules.catalog.facet_index import (
    FACETS,
    INDEXED_FACETS,
    MOST_NUMBERS,
    VALUES,
    FacetIndex,
    Member,
    build,
    narrowed,
)
from shop.modules.catalog.schemas import AttributeDefinition

COLOURS = ("red", "blue", "green")
SIZES = ("s", "m", "l")
ATTRIBUTES = {
    "colour": (AttributeDefinition("colour", "Colour"), 0),
    "size": (AttributeDefinition("size", "Size"), 1),
    "washable": (AttributeDefinition("washable", "Washable", "bool"), 2),
}


def member(number, price=100, in_stock=True, **terms):
    return Member(UUID(int=number), price, in_stock, [f"{code}={value}" for code, value in terms.items()])


def counts(index, base=None, chosen=None):
    found = index.facets(index.everything if base is None else base, chosen or {})
    return {facet.code: {value.value: value.count for value in facet.values} for facet in found}


cards = st.lists(
    st.builds(
        lambda price, in_stock, colour, size: (price, in_stock, {"colour": colour} | ({"size": size} if size else {})),
        st.integers(0, 30),
        st.booleans(),
        st.sampled_from(COLOURS),
        st.sampled_from((*SIZES, None)),
    ),
    max_size=40,
)
picks = st.sets(st.sampled_from(COLOURS), max_size=2), st.sets(st.sampled_from(SIZES), max_size=2)


@given(cards, st.tuples(*picks), st.integers(0, 30), st.integers(0, 30), st.booleans())
def test_any_narrowing_counts_as_going_through_all_cards_does(drawn, chosen, lowest, highest, only_in_stock):
    members = [member(number, price, stock, **terms) for number, (price, stock, terms) in enumerate(drawn)]
    wanted = {code: values for code, values in zip(("colour", "size"), chosen, strict=True) if values}
    index = FacetIndex(build(members, ATTRIBUTES))

    def kept(each, *, but=""):
        terms = dict(term.split("=") for term in each.terms)
        return (
            lowest <= each.price <= highest
            and (each.in_stock or not only_in_stock)
            and all(terms.get(code) in values for code, values in wanted.items() if code != but)
        )

    base = index.priced(lowest, highest) & (index.in_stock if only_in_stock else index.everything)
    sets = {}
    for code, values in wanted.items():
        found = index.with_values(code, sorted(values))
        if found is None:  # not one card has one of the values
            ids = [m.product_id.bytes for m in members if set(m.terms) & {f"{code}={value}" for value in values}]
            found = index.of(b"".join(ids))
        sets[code] = found
    hits = narrowed(base, sets.values())
    assert {each.product_id for each in members if kept(each)} == set(index.ids_of(hits))
    expected = {
        code: dict(
            Counter(
                t.split("=")[1] for each in members if kept(each, but=code) for t in each.terms if t.startswith(code)
            )
        )
        for code in ("colour", "size")
    }
    assert counts(index, base, sets) == {code: of for code, of in expected.items() if of}


def test_an_empty_list_has_nothing_to_offer():
    index = FacetIndex(build([], ATTRIBUTES))
    assert (index.everything, index.in_stock, index.priced(None, None), counts(index)) == (0, 0, 0, {})


def test_ids_that_came_after_the_index_are_left_out():
    index = FacetIndex(build([member(1), member(2)], ATTRIBUTES))
    assert index.ids_of(index.of(UUID(int=2).bytes + UUID(int=9).bytes)) == [UUID(int=2)]


def test_yes_and_no_are_told_in_words():
    index = FacetIndex(build([member(1, washable="true"), member(2, washable="false")], ATTRIBUTES))
    [facet] = index.facets(index.everything, {})
    assert sorted(value.label for value in facet.values) == ["No", "Yes"]


def test_the_most_frequent_values_come_first():
    members = [member(number, colour=COLOURS[min(number, 2)]) for number in range(6)]
    index = FacetIndex(build(members, ATTRIBUTES))
    assert list(counts(index)["colour"].items()) == [("green", 4), ("blue", 1), ("red", 1)]


def test_what_is_not_a_facet_is_not_counted():
    index = FacetIndex(build([member(1, colour="red", code="X1")], ATTRIBUTES))
    assert counts(index) == {"colour": {"red": 1}}
    assert index.with_values("code", ["X1"]) is None


def test_measurements_are_no_filter_but_a_few_numbers_are():
    attributes = {"cores": (AttributeDefinition("cores", "Cores", "number"), 0)}
    few = [member(number, cores=number % MOST_NUMBERS) for number in range(40)]
    many = [member(number, cores=number % (MOST_NUMBERS + 1)) for number in range(40)]
    assert len(counts(FacetIndex(build(few, attributes)))["cores"]) == MOST_NUMBERS
    assert counts(FacetIndex(build(many, attributes))) == {}


def test_a_chosen_facet_stays_on_offer_however_little_it_says():
    codes = [f"a{number:02}" for number in range(INDEXED_FACETS + 5)]
    attributes = {code: (AttributeDefinition(code, code), place) for place, code in enumerate(codes)}
    members = [member(number, **dict.fromkeys(codes[: FACETS + 1], "x")) for number in range(9)]
    members.append(member(9, **{codes[FACETS + 2]: "y"}))
    index = FacetIndex(build(members, attributes))
    assert len(counts(index)) == FACETS
    assert codes[FACETS + 2] not in counts(index)
    chosen = {codes[FACETS + 2]: index.with_values(codes[FACETS + 2], ["y"])}
    assert counts(index, chosen=chosen) == {codes[FACETS + 2]: {"y": 1}}


def test_each_facet_keeps_the_values_that_most_have():
    members = [member(number, colour=f"c{number % (VALUES + 9):02}") for number in range(5 * (VALUES + 9) + VALUES)]
    found = counts(FacetIndex(build(members, ATTRIBUTES)))["colour"]
    assert len(found) == VALUES
    assert set(found.values()) == {6}
