"""What any answer to bad input must be: never our fault, always something that its sender can act on."""

import re
from typing import Any

import httpx

from tests.bad_input.account_things import PROGRAM

TRACE = re.compile(r'Traceback \(most recent|File "[^"]+", line \d|psycopg\.|sqlalchemy\.|msgspec\.')
LAST_NET = "A value is out of range or holds characters"
"""What PostgreSQL's refusal is turned into; the rules of the fields must come before it."""
SAYS_WHAT_TO_MEND = re.compile(r'class="error|role="alert"|aria-invalid="true"|class="[^"]*(alert|notice|empty)')


def _is_calm(answer: httpx.Response, sent: Any) -> None:
    assert answer.status_code < 500, f"{answer.status_code} to {sent!r}: {answer.text[:500]}"
    assert not TRACE.search(answer.text), f"our insides in the answer to {sent!r}: {answer.text[:500]}"
    assert "x-request-id" in answer.headers


def is_api_answer(answer: httpx.Response, sent: Any) -> None:
    """Taken, or refused by a problem document of RFC 9457 that is whole."""
    _is_calm(answer, sent)
    if answer.status_code < 400:
        return
    assert answer.headers["content-type"] == "application/problem+json", f"to {sent!r}: {answer.text[:300]}"
    problem = answer.json()
    assert {"type", "title", "status", "detail", "code"} <= set(problem), problem
    assert problem["status"] == answer.status_code
    assert problem["title"], problem
    assert problem["detail"], problem
    if answer.status_code == 422:
        assert problem["errors"], f"{sent!r} was told no field: {problem}"
        assert all(each["field"] and each["message"] for each in problem["errors"]), problem


def is_page_answer(answer: httpx.Response, sent: str) -> None:
    """A page, or the way to one on this site; a refused form says what to mend, and nothing is run that was typed."""
    _is_calm(answer, sent)
    if answer.is_redirect:
        location = answer.headers["location"]
        if location.startswith(f"{PROGRAM}?"):
            return  # what the program is answered that has asked for consent
        assert location.startswith("/"), f"{sent!r} leads to {location}"
        assert not location.startswith(("//", "/\\")), f"{sent!r} leads to {location}"
        return
    assert answer.headers["content-type"].startswith("text/html"), f"to {sent!r}: {answer.headers}"
    if re.search(r"<[a-zA-Z/!]", sent):
        assert sent not in answer.text, f"{sent!r} stands in the page as it was typed"
    if answer.status_code >= 400:
        assert "<h1" in answer.text
    if answer.status_code == 422:
        assert SAYS_WHAT_TO_MEND.search(answer.text), f"{answer.request.url} says nothing to {sent!r}"
