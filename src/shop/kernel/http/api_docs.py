"""The API described: `/openapi.json` for programs, `/docs` for people, both served by the shop itself.

The pages of the shop are no API and are left out. What Litestar can't know is added here: who may call, and that every
refusal is a problem document.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import msgspec
from litestar import Litestar, Request, Response, get

from shop.kernel.http.access import AccessRule, public, rules_of
from shop.kernel.http.errors import PROBLEM
from shop.kernel.http.templating import HTMLPage, page

REFUSALS: Final = {
    400: "The request can't be read, or its signature or link is not good",
    401: "Not signed in, or not with this",
    403: "Signed in, but not allowed to do this",
    404: "No such thing, or it is somebody else's",
    409: "This clashes with the present state; `code` says how",
    413: "The body is too large",
    415: "The body is in a form that isn't taken",
    422: "Fields break their rules; `errors` names all of them",
    429: "Too many requests; `Retry-After` says when to try again",
    503: "A part the shop stands on is away for the moment",
}
TEXT: Final = {"type": "string"}
KEY_PARAMETER: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Names this attempt: sent again with the same body, it gets the first answer and nothing happens twice",
    # Narrower than what is taken: ASCII without spaces passes through every client and proxy as it is.
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
SCHEMAS: Final = {
    "FieldProblem": {
        "type": "object",
        "required": ["field", "message"],
        "properties": {"field": TEXT, "message": TEXT},
    },
    "Problem": {
        "type": "object",
        "description": "RFC 9457. Further members may stand beside these, by `code`.",
        "required": ["type", "title", "status", "detail", "code", "request_id"],
        "properties": {
            "type": TEXT,
            "title": TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {**TEXT, "description": "What is wrong, for people"},
            "code": {**TEXT, "description": "What is wrong, for programs: a stable word such as `out_of_stock`"},
            "request_id": {**TEXT, "description": "As in the header X-Request-Id"},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
        },
    },
}


@lru_cache(maxsize=1)
def openapi_document(app: Litestar) -> dict[str, Any]:
    """OpenAPI 3.1."""
    document = app.openapi_schema.to_schema()
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(SCHEMAS)
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    rules = {(method.lower(), _described(path)): rule for method, path, rule in rules_of(app)}
    keys = dict(_keys_of(app))
    for path, item in document["paths"].items():
        for method, operation in item.items():
            rule = rules.get((method, path))
            if rule is not None:
                _add_key(keys.get((method, path)), operation)
                _add_refusals(method, path, rule, operation)
    return document


def _described(path: str) -> str:
    return re.sub(r":\w+}", "}", path)


def _keys_of(app: Litestar) -> Iterator[tuple[tuple[str, str], str]]:
    """((method, path), "required" or "optional") of the routes that take an Idempotency-Key."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if wish := handler.opt.get("idempotency_key"):
                yield from (((method.lower(), _described(route.path)), wish) for method in handler.http_methods)


def _add_key(wish: str | None, operation: dict[str, Any]) -> None:
    if wish is not None:
        operation.setdefault("parameters", []).append({**KEY_PARAMETER, "required": wish == "required"})


def _add_refusals(method: str, path: str, rule: AccessRule, operation: dict[str, Any]) -> None:
    if rule.kind in {"customer", "staff"}:
        operation["security"] = [{"bearer": []}]
    elif rule.kind == "public" and path.startswith("/api/"):
        operation["security"] = [{}, {"bearer": []}]  # by whom, a cart or an order says itself
    # Litestar describes a 400 of its own, which our exception handlers never send.
    answers = {status: answer for status, answer in operation["responses"].items() if status != "400"}
    schema = {"$ref": "#/components/schemas/Problem"}
    for status in _refusals(method, path, rule, operation):
        answer = {"description": REFUSALS[status], "content": {PROBLEM: {"schema": schema}}}
        answers.setdefault(str(status), answer)
    operation["responses"] = dict(sorted(answers.items()))


def _refusals(method: str, path: str, rule: AccessRule, operation: dict[str, Any]) -> Iterator[int]:
    unsafe = method != "get"
    if path.startswith("/api/"):
        yield from (401, 429, 503)
    if rule.kind == "staff" or rule.scope is not None or (rule.kind == "signature" and path.startswith("/api/")):
        yield 403
    if operation.get("parameters"):
        yield from (404, 422)
    if unsafe:
        yield from (400, 409, 422)
    if "requestBody" in operation:
        yield from (413, 415)


@get("/openapi.json", guards=[public], include_in_schema=False, sync_to_thread=False)
def openapi_json(request: Request[Any, Any, Any]) -> Response[bytes]:
    return Response(
        msgspec.json.encode(openapi_document(request.app)),
        media_type="application/json",
        headers={"Cache-Control": "public, max-age=60"},
    )


@get("/docs", guards=[public], include_in_schema=False)
async def docs(request: Request[Any, Any, Any]) -> HTMLPage:
    return await page(request, "docs.html", {"document": openapi_document(request.app)}, tags=["docs"])


HANDLERS: Final = (openapi_json, docs)
