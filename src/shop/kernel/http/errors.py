"""The one table from a refusal to an HTTP answer: RFC 9457 problem documents under /api/, pages for people elsewhere."""

import contextlib
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast
from urllib.parse import quote, urlsplit

import msgspec
import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect
from sqlalchemy.exc import DataError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shop.kernel import errors
from shop.kernel.http import fields
from shop.kernel.http.sessions import extras, is_api
from shop.kernel.http.standing import LIMITED_KEY
from shop.kernel.http.templating import render_error

log = structlog.get_logger(__name__)

STATUS: Final[dict[type[errors.ShopError], int]] = {
    errors.Malformed: 400,
    errors.NotSignedIn: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.TooSlow: 408,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.Invalid: 422,
    errors.TooMany: 429,
    errors.HeadTooLarge: 431,
    errors.Unavailable: 503,
    errors.ShopError: 400,
}
CODES: Final = {
    400: "malformed",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    500: "internal_error",
}
PROBLEM: Final = "application/problem+json"
FOR_PROGRAMS: Final = ("/webhooks", "/oauth/jwks", "/.well-known/", "/healthz", "/readyz", "/metrics")
"""Addresses outside /api/ that no person opens."""

ShopRequest = Request[Any, Any, Any]


def status_of(error: errors.ShopError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(request: ShopRequest, status: int, code: str, title: str, detail: str, **extra: Any) -> Response[Any]:
    """A problem document for programs, a page for people."""
    headers = {"Retry-After": str(extra.pop("retry_after"))} if "retry_after" in extra else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if not wants_page(request):
        body = _document(request, status, code, title, detail, **extra)
        return Response(body, status_code=status, media_type=PROBLEM, headers=headers)
    html = render_error(request, status, title, detail, extra.get("errors", ()))
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=headers)


def _document(request: ShopRequest, status: int, code: str, title: str, detail: str, **extra: Any) -> bytes:
    return msgspec.json.encode(
        {
            "type": f"urn:shop:problem:{code}",
            "title": title,
            "status": status,
            "detail": detail,
            "code": code,
            "request_id": request.scope.get("shop.request_id", ""),
            **extra,
        }
    )


def wants_page(request: ShopRequest) -> bool:
    return not is_api(request) and not request.scope["path"].startswith(FOR_PROGRAMS)


def shop_error(request: ShopRequest, error: errors.ShopError) -> Response[Any]:
    if error.leads_to is not None and wants_page(request):
        return _there_and_back(request, error.leads_to)
    extra = dict(error.extra)
    if (standing := extra.pop("standing", None)) is not None:
        extras(request.scope)[LIMITED_KEY] = standing
    if isinstance(error, errors.Unavailable):
        extra.setdefault("retry_after", 2)
    return problem(request, status_of(error), error.code, error.title, error.detail, **extra)


class Refusal(NamedTuple):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def refusal_at_the_gate(scope: Any, error: errors.ShopError) -> Refusal:
    """As `shop_error`, of a request that gets no further than the gateway. Pages come from memory: refusing a crowd must
    cost less than what it is refused."""
    request = Request[Any, Any, Any](scope)
    status = status_of(error)
    if wants_page(request):
        body, media_type = _page_for_a_crowd(status, error.title, error.detail), "text/html; charset=utf-8"
    else:
        body, media_type = _document(request, status, error.code, error.title, error.detail), PROBLEM
    headers = [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]
    if "retry_after" in error.extra:
        headers.append((b"retry-after", str(error.extra["retry_after"]).encode()))
    elif isinstance(error, errors.Unavailable):
        headers.append((b"retry-after", b"2"))
    if isinstance(error, errors.TooSlow | errors.TooLarge):
        headers.append((b"connection", b"close"))  # what is still to come is nothing to wait for
    return Refusal(status, headers, body)


@lru_cache(maxsize=256)
def _page_for_a_crowd(status: int, title: str, detail: str) -> bytes:
    return render_error(Request({"type": "http", "path": "", "headers": []}), status, title, detail).encode()  # type: ignore[arg-type]  # all that it looks at


def _there_and_back(request: ShopRequest, page: str) -> Redirect:
    """To `page`, and afterwards back to the page that was asked for, or the one with the form that was sent."""
    target = _page_of(request) or "/account"
    return Redirect(f"{page}{'&' if '?' in page else '?'}next={quote(target, safe='')}", status_code=303)


def _page_of(request: ShopRequest) -> str | None:
    if request.method == "GET":
        return request.url.path + (f"?{request.url.query}" if request.url.query else "")
    came_from = urlsplit(request.headers.get("referer", ""))
    if not came_from.path or came_from.netloc.lower() != request.headers.get("host", "").lower():
        return None
    return came_from.path


def invalid_input(request: ShopRequest, error: ValidationException) -> Response[Any]:
    """Litestar stops at the first broken field and says 400; the body is checked again to tell all of them, with 422."""
    broken: list[errors.FieldError] = []
    data_field = getattr(request.scope.get("route_handler"), "parsed_data_field", None)
    if data_field is not None and _concerns_body(error):
        with contextlib.suppress(Exception):
            try:
                fields.check(data_field.annotation, _decoded_body(request))
            except errors.Invalid as invalid:
                broken = list(invalid.errors)
    if not broken:
        broken = [
            errors.FieldError(str(each.get("key", "body")), str(each.get("message", "")))
            for each in cast("list[dict[str, Any]]", error.extra if isinstance(error.extra, list) else [])
        ] or [errors.FieldError("body", error.detail)]
    return shop_error(request, errors.Invalid(broken))


def _concerns_body(error: ValidationException) -> bool:
    extra = error.extra if isinstance(error.extra, list) else []
    return not any(
        isinstance(each, dict) and each.get("source") in {"query", "path", "header", "cookie"} for each in extra
    )


def _decoded_body(request: ShopRequest) -> Any:
    """Exception handlers are synchronous; the body has been read by then and the coroutine ends without waiting."""
    reading = request.json()
    try:
        reading.send(None)
    except StopIteration as done:
        return done.value
    finally:
        reading.close()
    return None


def http_error(request: ShopRequest, error: HTTPException) -> Response[Any]:
    code = CODES.get(error.status_code, "error")
    if error.status_code >= 500:
        return unexpected(request, error)
    title = {404: "Not found", 405: "This address does not take that method"}.get(
        error.status_code, "The request can't be carried out"
    )
    response = problem(request, error.status_code, code, title, error.detail or title)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


def not_storable(request: ShopRequest, error: DataError) -> Response[Any]:
    """The last net under the field rules: a value that PostgreSQL refuses is the sender's to mend."""
    log.warning("value_refused_by_database", route=request.scope.get("path_template"), error=str(error.orig)[:200])
    return shop_error(
        request, errors.Invalid.field("body", "A value is out of range or holds characters that can't be stored")
    )


def busy(request: ShopRequest, _error: Exception) -> Response[Any]:
    return shop_error(request, errors.Unavailable())


def unexpected(request: ShopRequest, error: Exception) -> Response[Any]:
    """Our fault. The trace goes to the log under the request id; the caller gets the id, never the trace."""
    log.error("request_failed", route=request.scope.get("path_template"), exc_info=error)
    request_id = request.scope.get("shop.request_id", "")
    return problem(
        request, 500, "internal_error", "Something went wrong on our side", f"Please try again. Request {request_id}"
    )


EXCEPTION_HANDLERS: Final[dict[Any, Any]] = {
    errors.ShopError: shop_error,
    ValidationException: invalid_input,
    HTTPException: http_error,
    DataError: not_storable,
    PoolTimeoutError: busy,
    Exception: unexpected,
}
