"""Every route of the shop as somebody sees it who means harm: what it wants to know, and how to call it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from litestar import Litestar

from shop.kernel.http.access import AccessRule, rules_of
from shop.kernel.http.sessions import is_api_path
from tests.bad_input.endpoints import Endpoint, endpoints_of
from tests.bad_input.forms import without_types

SAFE = {"GET", "HEAD"}
FILES = ("/static/", "/media/")
"""Anybody's files, found by the hash of what is in them."""


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    rule: AccessRule
    endpoint: Endpoint | None
    """How the API describes itself here; None for pages."""
    query: frozenset[str]
    """Names of its query parameters."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        return tuple(re.findall(r"{(\w+)", self.path))

    @property
    def is_api(self) -> bool:
        return is_api_path(self.path)

    @property
    def takes_cookies(self) -> bool:
        """A page, which knows its visitor by session."""
        return not self.is_api and self.rule.kind != "signature"

    @property
    def changes(self) -> bool:
        return self.method not in SAFE

    def url(self, values: dict[str, str]) -> str:
        path = without_types(self.path)
        for name in self.parameters:
            path = path.replace(f"{{{name}}}", quote(values[name], safe="/" if ":path}" in self.path else ""))
        return path


def routes_of(app: Litestar) -> list[Route]:
    """All but files."""
    found = [(method, path, rule) for method, path, rule in rules_of(app) if not path.startswith(FILES)]
    without_rule = [f"{method} {path}" for method, path, rule in found if rule is None]
    assert without_rule == [], f"give these a rule (guards=[public], customer, staff(...) or signature): {without_rule}"
    kinds = {(method, path): rule.kind for method, path, rule in found if rule is not None}
    described = {
        (each.method, each.path): each for each in endpoints_of(app.openapi_schema.to_schema(), _with_files(app, kinds))
    }
    queries = dict(_queries(app))
    return [
        Route(
            method, path, rule, described.get((method, without_types(path))), queries.get((method, path), frozenset())
        )
        for method, path, rule in found
        if rule is not None
    ]


def _with_files(app: Litestar, kinds: dict[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    return {(method, path): rule.kind for method, path, rule in rules_of(app) if rule is not None} | kinds


def _queries(app: Litestar) -> Iterator[tuple[tuple[str, str], frozenset[str]]]:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            names = frozenset(_aliases(handler)) - set(re.findall(r"{(\w+)", route.path))
            for method in getattr(handler, "http_methods", ()):
                yield (str(method), route.path), names


def _aliases(handler: Any) -> Iterator[str]:
    for name, field in handler.parsed_fn_signature.parameters.items():
        definition = field.kwarg_definition
        yield getattr(definition, "query", None) or getattr(definition, "name", None) or name
