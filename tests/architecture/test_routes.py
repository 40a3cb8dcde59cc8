"""Every route says who may call it, and the API describes itself."""

import re
from collections import Counter

from shop import wiring
from shop.app import build_litestar
from shop.kernel.http.access import rules_of
from shop.kernel.http.api_docs import openapi_document
from tests.e2e import pages


def test_every_route_has_a_rule(booted):
    rules = list(rules_of(build_litestar()))
    assert len(rules) > 50
    assert [f"{method} {path}" for method, path, rule in rules if rule is None] == []


def test_back_office_and_admin_api_are_for_staff(booted):
    open_doors = [
        f"{method} {path}"
        for method, path, rule in rules_of(build_litestar())
        if path.startswith(("/admin", "/api/v1/admin")) and path != "/admin/signout" and rule.kind != "staff"
    ]
    assert open_doors == []


def test_operations_have_names_of_their_own(booted):
    document = build_litestar().openapi_schema.to_schema()
    ids = Counter(
        op["operationId"] for item in document["paths"].values() for op in item.values() if "operationId" in op
    )
    assert [name for name, count in ids.items() if count > 1] == []


def test_the_api_document_shows_the_api_and_not_the_pages(booted):
    paths = build_litestar().openapi_schema.to_schema()["paths"]
    assert all(path.startswith(("/api/", "/webhooks/", "/healthz", "/readyz", "/metrics")) for path in paths)
    assert "/api/v1/products" in paths


def test_the_api_document_says_where_an_attempt_is_named(booted):
    document = openapi_document(build_litestar())
    told = {
        operation["operationId"]: parameter["required"]
        for item in document["paths"].values()
        for operation in item.values()
        for parameter in operation.get("parameters", [])
        if parameter["name"] == "Idempotency-Key"
    }
    needless = {name for name, required in told.items() if not required}
    assert needless == {"createCart", "addCartLine"}
    assert set(told) - needless >= {"checkout", "payOrder", "refundOrder", "capturePayment", "makeWalletTransaction"}


def test_the_wiring_check_finds_what_does_not_fit():
    import pytest

    from shop.contracts.pricing import Prices
    from shop.kernel.manifest import Manifest

    class Port: ...

    class Other: ...

    with pytest.raises(wiring.WiringError, match="which nobody provides"):
        wiring.check([Manifest("a", requires=(Prices,))])
    with pytest.raises(wiring.WiringError, match="provided by a and by b"):
        wiring.check([Manifest("a", provides={Port: 1}), Manifest("b", provides={Port: 2})])
    with pytest.raises(wiring.WiringError, match="in a circle"):
        wiring.check(
            [
                Manifest("a", provides={Port: 1}, requires=(Other,)),
                Manifest("b", provides={Other: 1}, requires=(Port,)),
            ]
        )


def test_every_page_is_examined(booted):
    """A new page is put before axe and the conformance checker by its line in tests/e2e/pages.py."""
    documented = build_litestar().openapi_schema.to_schema()["paths"]
    shown = {
        path
        for method, path, _ in rules_of(build_litestar())
        if method == "GET" and without_types(path) not in documented
    }
    named = [*pages.EXAMINED, *pages.EXAMINED_BY_ITSELF, *pages.NO_PAGES]
    assert sorted(shown) == sorted(named)


def without_types(path: str) -> str:
    return re.sub(r":\w+}", "}", path)
