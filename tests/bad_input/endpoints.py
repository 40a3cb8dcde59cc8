"""Every JSON endpoint as the application describes itself: its parameters, its body, and a body that it would take."""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Path = tuple[str, ...]

USUAL = {
    "email": "ada@example.com",
    "password": "correct horse battery",
    "current_password": "correct horse battery",
    "name": "Ada Lovelace",
    "country": "DE",
    "currency": "EUR",
    "postal_code": "10117",
    "provider": "sandbox",
    "shipping_method": "standard",
    "token": "ok",
    "phone": "+49 30 1234",
    "on_hand": 50_000,
    "method_id": None,
    "operation": "deposit",
    "parent_id": None,
    "counterparty_id": None,
    "id": None,
    "code": "abcd-efgh-jklm-npqr",
    "lines": None,
    "use_wallet": False,
    "since": None,
    "until": None,
    "scopes": ["profile.read"],
    "redirect_uris": ["https://till.example.com/back"],
    "roles": ["orders"],
    "permissions": ["stock.view"],
    "expires_at": f"{datetime.now(UTC) + timedelta(days=365):%Y-%m-%dT%H:%M:%SZ}",
}
"""Values that let a request through to what lies behind the field rules; other fields get what their schema allows."""


@dataclass(frozen=True)
class Parameter:
    name: str
    place: str
    """path, query or header"""
    schema: Mapping[str, Any]
    required: bool


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    access: str
    """The kind of its access rule: public, customer, staff or signature."""
    parameters: tuple[Parameter, ...]
    body: Mapping[str, Any] | None
    """JSON schema, references resolved; None when it takes no body."""
    body_required: bool = False
    responses: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def changes(self) -> bool:
        return self.method != "GET"

    def example(self, known: Mapping[str, Any]) -> Any:
        """A body that the rules allow; `known` are values by name of field, and win."""
        return None if self.body is None else _example(self.body, "", {**USUAL, **known})

    def texts(self) -> list[Path]:
        """Where in the body text may stand."""
        return [] if self.body is None else list(_leaves(self.body, (), {"string"}))

    def numbers(self) -> list[tuple[Path, Mapping[str, Any]]]:
        """Where in the body a whole number stands, and its schema."""
        if self.body is None:
            return []
        return [(path, schema_at(self.body, path)) for path in _leaves(self.body, (), {"integer"})]


def endpoints_of(document: Mapping[str, Any], access: Mapping[tuple[str, str], str]) -> list[Endpoint]:
    """`access` is the kind of rule by (method, path) as the router writes it."""
    kinds = {(method, re.sub(r":\w+}", "}", path)): kind for (method, path), kind in access.items()}
    return [
        _endpoint(document, method.upper(), path, kinds, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in {"get", "post", "put", "patch", "delete"}
    ]


def _endpoint(
    document: Mapping[str, Any],
    method: str,
    path: str,
    kinds: Mapping[tuple[str, str], str],
    operation: Mapping[str, Any],
) -> Endpoint:
    body = operation.get("requestBody", {})
    schema = body.get("content", {}).get("application/json", {}).get("schema")
    parameters = tuple(
        Parameter(each["name"], each["in"], _resolved(document, each["schema"]), bool(each.get("required")))
        for each in operation.get("parameters", ())
    )
    return Endpoint(
        method,
        path,
        kinds[method, path],
        parameters,
        None if schema is None else _resolved(document, schema),
        bool(body.get("required")),
        operation["responses"],
    )


def _resolved(document: Mapping[str, Any], schema: Any, depth: int = 0) -> Any:
    """Without $ref; a schema that holds itself is cut off."""
    if isinstance(schema, list):
        return [_resolved(document, each, depth) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:
        if depth > 8:
            return {}
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return _resolved(document, found, depth + 1)
    return {name: _resolved(document, each, depth) for name, each in schema.items()}


def _choices(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The schemas that a value may follow, null left out."""
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return [choice for each in schema[word] for choice in _choices(each)]
    return [] if schema.get("type") == "null" else [schema]


def _types(schema: Mapping[str, Any]) -> set[str]:
    kind = schema.get("type", [])
    return {kind} if isinstance(kind, str) else set(kind)


def _leaves(schema: Mapping[str, Any], path: Path, wanted: set[str]) -> Iterator[Path]:
    for choice in _choices(schema):
        if "properties" in choice:
            for name, each in choice["properties"].items():
                yield from _leaves(each, (*path, name), wanted)
        elif wanted & _types(choice):
            yield path
            return


def schema_at(schema: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    for choice in _choices(schema):
        if not path:
            return choice
        if path[0] in choice.get("properties", {}):
            return schema_at(choice["properties"][path[0]], path[1:])
    raise KeyError(path)


def _example(schema: Mapping[str, Any], name: str, known: Mapping[str, Any]) -> Any:
    if name in known:
        return known[name]
    choice = _choices(schema)[0]
    types = _types(choice)
    if "properties" in choice:
        return {each: _example(inner, each, known) for each, inner in choice["properties"].items()}
    if "enum" in choice:
        return choice["enum"][0]
    if "integer" in types:
        return int(choice.get("minimum", 1))
    if "array" in types:
        return []
    if "boolean" in types:
        return True
    return "00000000-0000-7000-8000-000000000000" if choice.get("format") == "uuid" else "text"


def put(body: Any, path: Path, value: Any) -> Any:
    """A copy of `body` with `value` at `path`, the objects on the way made where they are missing."""
    if not path:
        return value
    changed = copy.deepcopy(body) if isinstance(body, dict) else {}
    changed[path[0]] = put(changed.get(path[0]), path[1:], value)
    return changed
