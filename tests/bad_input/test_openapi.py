"""The API does what `/openapi.json` says: schemathesis makes up requests, good ones and bad ones, and reads the answers.

The cases are made first, without sending, and always the same; then each goes through the whole application in process.
"""

import warnings
from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import pytest
import requests
import schemathesis
from schemathesis import checks as built_in
from schemathesis import openapi
from schemathesis.config import GenerationConfig, SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as of_openapi

from tests.bad_input.answers import is_api_answer
from tests.bad_input.calls import caller
from tests.bad_input.endpoints import Endpoint
from tests.bad_input.extent import FULL, part
from tests.bad_input.people import Shop

MADE_UP = 150 if FULL else 4
"""Requests of each kind for each operation, beside those at the edges of each schema."""
EDGES_ONE_IN = 20
CHECKS = [
    built_in.not_a_server_error,
    of_openapi.status_code_conformance,
    of_openapi.content_type_conformance,
    of_openapi.response_headers_conformance,
    of_openapi.response_schema_conformance,
    of_openapi.unsupported_method,
]
REAL = {"slug", "product_id", "variant_id", "message_id", "row_id", "order_id", "line_id", "token"}
"""Path parameters for which half of the requests name a thing that exists."""


@pytest.fixture(scope="module")
def document(booted: None) -> dict[str, Any]:
    from shop.app import build_litestar
    from shop.kernel.http.api_docs import openapi_document

    return openapi_document(build_litestar())


def cases_of(operation: Any, known: dict[str, str]) -> Iterator[Any]:
    """Good and bad requests made up by hypothesis, then those at the edges of the schema."""
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        yield from _made_up(operation.as_strategy(generation_mode=mode))
        if known:
            yield from _made_up(operation.as_strategy(generation_mode=mode, path_parameters=known))
    config = GenerationConfig(modes=list(GenerationMode), deterministic=True)
    edges = operation.schema.iter_coverage_cases(
        operation, generation_modes=list(GenerationMode), generation_config=config
    )
    yield from part(list(edges), EDGES_ONE_IN, operation.label)


def _made_up(strategy: Any) -> list[Any]:
    made: list[Any] = []

    @hypothesis.seed(2026)
    @hypothesis.settings(
        max_examples=MADE_UP,
        derandomize=False,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategy)
    def keep(case: Any) -> None:
        made.append(case)

    try:
        keep()
    except hypothesis.errors.Unsatisfiable:
        return []
    return made


def prepared(case: Any, headers: dict[str, str]) -> httpx.Request:
    """As requests would send it, which is what schemathesis speaks."""
    arguments = case.as_transport_kwargs(base_url="http://testserver", headers=headers)
    sent = requests.Request(
        **{name: value for name, value in arguments.items() if name in requests.Request.__init__.__code__.co_varnames}
    ).prepare()
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body
    headers = {name: value for name, value in sent.headers.items() if name.lower() != "content-length"}
    return httpx.Request(
        str(sent.method), str(sent.url), headers=[(_raw(n), _raw(v)) for n, v in headers.items()], content=body or b""
    )


def _raw(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


async def test_every_answer_is_as_described(shop: Shop, endpoints: list[Endpoint], document: dict[str, Any]) -> None:
    described = openapi.from_dict(document, config=SchemathesisConfig())
    by_name = {(endpoint.method, endpoint.path): endpoint for endpoint in endpoints}
    problems: list[str] = []
    sent = 0
    for result in described.get_all_operations():
        operation = result.ok()
        endpoint = by_name[operation.method.upper(), operation.path]
        names = {each.name for each in endpoint.parameters if each.place == "path"}
        known = {name: str(shop.value_of(endpoint.path, name)) for name in names} if names and names <= REAL else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cases = list(cases_of(operation, known))
        for case in cases:
            for name in names & set(known):
                if case.path_parameters.get(name) == known[name]:
                    case.path_parameters[name] = str(shop.value_of(endpoint.path, name))
            mine = dict(caller(shop, endpoint))
            if endpoint.method == "POST":
                mine["Idempotency-Key"] = f"key-{sent}"
            answer = await shop.api.send(prepared(case, mine))
            sent += 1
            try:
                case.validate_response(answer, checks=CHECKS)
                is_api_answer(answer, str(endpoint))
            except (schemathesis.errors.SchemathesisError, AssertionError, BaseExceptionGroup) as problem:
                problems.append(f"{endpoint}: {_told(problem)}")
            if answer.status_code < 400 and endpoint.changes:
                await (shop.renew() if endpoint.path.endswith("signout") else shop.renew_things())
    assert sent > 10 * len(endpoints)
    assert not problems, f"{len(problems)} of {sent} answers:\n" + "\n".join(sorted(set(problems))[:40])


def _told(problem: BaseException) -> str:
    return " | ".join(str(problem).split("\n"))[:700]
