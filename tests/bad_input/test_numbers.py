"""Quantities and amounts that nobody can mean: negative, zero, huge, fractional, or no number at all."""

import json
import re
from typing import Any

from tests.bad_input.answers import LAST_NET, is_api_answer, is_page_answer
from tests.bad_input.calls import call
from tests.bad_input.endpoints import Endpoint, put
from tests.bad_input.forms import Routes, all_forms, find_again
from tests.bad_input.people import Shop

NUMBERS: tuple[Any, ...] = (
    *(-1, 0, -(2**63), 2**31, 2**63, 2**64, 10**30, 1.5, -0.5, 1e300, "1", "-1", "1e3", "1.5", "٣", "", "9" * 400),
    *(True, False, [], {}, [1]),
)
TYPED = (
    *(
        "-1",
        "-0.01",
        "0",
        "1e3",
        "1E9",
        "NaN",
        "inf",
        "-inf",
        "0x10",
        "1,000,000",
        "1 000",
        "1_0",
        "٣",
        "１",
        "½",
        "+5",
        "--1",
    ),
    *("9" * 18, "9" * 40, "0" * 12 + "9" * 14, "1.5", "0.999", "", "one", "1;2", "' or 1=1", "1\x00"),
)
COUNTED = re.compile(r"quantity|on_hand|price|compare_at|expected_total|amount")
SENSIBLE = re.compile(
    r"(quantity|on_hand)[^=]*=(1|0)$|(price|compare_at)[^=]*=(1\.5|0|\+5)$|on_hand[^=]*=0$|amount[^=]*=(1\.5|\+5|)$"
)
"""What a field may rightly take: a price of 1.50, none on hand, all that is held where no amount is said."""
ANY_SUM = ("/api/v1/admin/wallets/", "/api/v1/admin/gift-cards", "/api/v1/wallet/transactions")
"""Where somebody says how much it shall be; elsewhere an amount is what something costs, or a part of what there is."""


def may_be(schema: Any, value: Any) -> bool:
    return (
        isinstance(value, int)
        and not isinstance(value, bool)
        and schema.get("minimum", 0) <= value <= schema.get("maximum", 2**31)
    )


async def test_in_every_number_of_every_body(shop: Shop, endpoints: list[Endpoint], nothing_changes) -> None:
    places = [(endpoint, path, schema) for endpoint in endpoints for path, schema in endpoint.numbers()]
    assert {path[-1] for _, path, _ in places} >= {"quantity", "on_hand", "amount"}
    for endpoint, path, schema in places:
        async with nothing_changes(f"bad numbers in {path} of {endpoint}"):
            for value in NUMBERS:
                if may_be(schema, value) and (path[-1] != "amount" or endpoint.path.startswith(ANY_SUM)):
                    continue
                answer = await call(shop, endpoint, body=put(endpoint.example(shop.known), path, value))
                is_api_answer(answer, (str(endpoint), path, value))
                assert answer.status_code in {400, 409, 422}, (
                    f"{endpoint} takes {value!r} at {path}: {answer.text[:200]}"
                )
                assert LAST_NET not in answer.text


async def test_numbers_beyond_any_that_json_libraries_agree_on(
    shop: Shop, endpoints: list[Endpoint], nothing_changes
) -> None:
    async with nothing_changes("numbers that aren't"):
        for endpoint in endpoints:
            for path, _ in endpoint.numbers():
                for text in (
                    b"NaN",
                    b"Infinity",
                    b"-Infinity",
                    b"1e999",
                    b"01",
                    b"1.",
                    b".5",
                    b"0x1",
                    b"- 1",
                    b"9" * 5000,
                ):
                    body = _with_raw(endpoint, shop, path, text)
                    answer = await call(shop, endpoint, content=body)
                    is_api_answer(answer, (str(endpoint), path, text))
                    assert answer.status_code in {400, 422}, f"{endpoint} takes {text!r} at {path}"


def _with_raw(endpoint: Endpoint, shop: Shop, path: tuple[str, ...], text: bytes) -> bytes:
    body = put(endpoint.example(shop.known), path, "MARK")
    return json.dumps(body).encode().replace(b'"MARK"', text)


async def test_in_every_number_of_every_form(shop: Shop, routes: Routes, nothing_changes) -> None:
    met = set()
    for found in await all_forms(shop, routes):
        names = sorted(name for name in found.names if COUNTED.search(name))
        if found.method != "post" or not names:
            continue
        form = await find_again(shop, routes, found)
        for name in (each for each in sorted(form.names) if COUNTED.search(each)):
            met.add(COUNTED.search(name)[0])  # type: ignore[index]  # it was found just above
            async with nothing_changes(f"bad numbers in {name} of {form}"):
                for typed in TYPED:
                    if SENSIBLE.search(f"{name}={typed}") or name.startswith("was."):
                        continue
                    chosen = {"shipping_method": name.partition(".")[2]} if name.startswith("expected_total.") else {}
                    answer = await form.send(shop.browsers[form.who], **chosen, **{name: typed})
                    is_page_answer(answer, typed)
                    assert LAST_NET not in answer.text, f"no rule of {form} looks at {name}, which held {typed!r}"
    assert met >= {"quantity", "on_hand", "price", "compare_at", "expected_total"}
