"""Pages from Jinja2 templates: one environment, the shell's variables on every page, slots that other modules fill.

    return await page(request, "catalog/product.html", {"product": product}, tags=[f"product:{product.id}"],
                      slots=("product.below_title",))

`tags` makes an anonymous visitor's page cacheable, until an event drops one of the tags. A page that shows a person or
sets a cookie is never cached, whatever its tags.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import babel.dates
import msgspec
import structlog
from babel import Locale
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, select_autoescape
from litestar import MediaType, Request, Response
from markupsafe import Markup

from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.errors import FieldError
from shop.kernel.http.csrf import csrf_field
from shop.kernel.http.security_headers import CSP_KEY
from shop.kernel.http.sessions import SCOPE_KEY, Connection, Principal, Session, extras, session_cookie, session_of
from shop.kernel.http.static import static_url
from shop.kernel.manifest import AccountLink, AdminLink, Manifest, Slot
from shop.kernel.media.names import shown
from shop.kernel.money import Money, format_money
from shop.kernel.outside import outside_folders
from shop.kernel.uow import UnitOfWork

log = structlog.get_logger(__name__)

TAGS_KEY: Final = "shop.cache_tags"
HTMLPage = Response[str]

_slots: dict[str, list[Slot]] = {}
_page_context: list[Callable[..., Awaitable[dict[str, Any]]]] = []
_admin_links: list[AdminLink] = []
_account_links: list[AccountLink] = []


class ShopFacts(msgspec.Struct, frozen=True):
    """What templates may know of the settings."""

    name: str
    currency: str
    country: str
    base_url: str
    demo: bool


def register_page_parts(manifest: Manifest) -> None:
    for slot in manifest.slots:
        _slots.setdefault(slot.name, []).append(slot)
    _page_context.extend(manifest.page_context)
    _admin_links.extend(manifest.admin_links)
    _admin_links.sort(key=lambda link: (link.order, link.title))
    _account_links.extend(manifest.account_links)
    _account_links.sort(key=lambda link: (link.order, link.title))


def forget_page_parts() -> None:
    _slots.clear()
    _page_context.clear()
    _admin_links.clear()
    _account_links.clear()


def template_folders() -> list[Path]:
    """Where templates are looked for: the theme first, then ours, then those of modules from outside."""
    theme = settings().theme_dir
    themed = [Path(theme) / "templates"] if theme else []
    return [*themed, _own_templates(), *outside_folders("templates").values()]


def _own_templates() -> Path:
    ours = Path(__file__).parents[4] / "templates"
    installed = Path(__file__).parents[2] / "_templates"
    return ours if ours.is_dir() else installed


@lru_cache(maxsize=1)
def environment() -> Environment:
    env = Environment(
        loader=ChoiceLoader(
            [
                *(FileSystemLoader(folder) for folder in template_folders()),
                # So that a theme's base.html can say {% extends "shop/base.html" %} and change one block of it.
                PrefixLoader({"shop": FileSystemLoader(_own_templates())}),
            ]
        ),
        autoescape=select_autoescape(enabled_extensions=("html",), disabled_extensions=("txt",), default=True),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        enable_async=False,
        cache_size=500,
    )
    shop = settings()
    env.globals.update(
        shop=ShopFacts(shop.name, shop.currency, shop.country, shop.public_url, shop.demo),
        static=static_url,
        shown=shown,
        money=_money,
    )
    env.filters.update(date=_date, datetime=_datetime, money=_money)
    return env


def _money(value: Money | Mapping[str, Any]) -> str:
    return format_money(value if isinstance(value, Money) else Money(value["amount"], value["currency"]))


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(settings().time_zone))


def _date(moment: datetime) -> str:
    return babel.dates.format_date(_local(moment), format="d MMM yyyy", locale=Locale("en"))


def _datetime(moment: datetime) -> str:
    return babel.dates.format_datetime(_local(moment), format="d MMM yyyy, HH:mm", locale=Locale("en"))


async def page(
    request: Connection,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    tags: Sequence[str] = (),
    slots: Sequence[str] = (),
    csp: Mapping[str, str] | None = None,
) -> HTMLPage:
    """A storefront page. `csp` adds sources to directives of the Content-Security-Policy of this page alone."""
    anonymous = session_cookie(request) is None and SCOPE_KEY not in request.scope
    if anonymous and tags and status == 200:
        extras(request.scope)[TAGS_KEY] = frozenset(tags)
    if csp:
        extras(request.scope)[CSP_KEY] = dict(csp)
    session = None if anonymous else await session_of(request)
    variables = await _shell(request, session)
    filled = await _fill_slots(slots, context or {})
    variables["slot"] = lambda name: filled.get(name, Markup(""))
    variables.update(context or {})
    html = environment().get_template(template).render(variables)
    return Response(html, status_code=status, media_type=MediaType.HTML)


async def admin_page(
    request: Connection,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    slots: Sequence[str] = (),
    csp: Mapping[str, str] | None = None,
) -> HTMLPage:
    """A page of the back office, with the side bar that this member of staff may see."""
    if csp:
        extras(request.scope)[CSP_KEY] = dict(csp)
    session = await session_of(request)
    principal = session.principal
    variables = _basics(request, session)
    variables["admin_nav"] = [
        {"title": link.title, "url": link.url, "icon": link.icon, "active": _is_active(link.url, request.scope["path"])}
        for link in _admin_links
        if principal is not None and principal.may(link.permission)
    ]
    filled = await _fill_slots(slots, context or {})
    variables["slot"] = lambda name: filled.get(name, Markup(""))
    variables.update(context or {})
    html = environment().get_template(template).render(variables)
    return Response(html, status_code=status, media_type=MediaType.HTML)


async def account_page(
    request: Connection,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    slots: Sequence[str] = (),
    csp: Mapping[str, str] | None = None,
    part_of: str | None = None,
) -> HTMLPage:
    """A page of the customer's account, in the frame `account_base.html` with the menu of all modules beside it. `part_of` is
    the address of the menu's entry that led here, where the page's own doesn't begin with it."""
    path = part_of or request.scope["path"]
    links = [{"title": link.title, "url": link.url, "active": _is_active(link.url, path)} for link in _account_links]
    return await page(request, template, {"account_nav": links, **(context or {})}, status=status, slots=slots, csp=csp)


def _is_active(url: str, path: str) -> bool:
    return path == url or (url not in {"/admin", "/account"} and path.startswith(f"{url}/"))


def render_text(template: str, context: Mapping[str, Any]) -> str:
    """A template outside any request, such as a mail."""
    return environment().get_template(template).render(context)


def _basics(request: Connection, session: Session | None) -> dict[str, Any]:
    principal: Principal | None = session.principal if session else None
    return {
        "request_path": request.scope["path"],
        "principal": principal,
        "flashes": session.pop("flashes", []) if session else [],
        "csrf_field": lambda: csrf_field(session),
        "nav_categories": [],
        "cart_count": None,
        "slot": lambda _name: Markup(""),
    }


async def _shell(request: Connection, session: Session | None) -> dict[str, Any]:
    variables = _basics(request, session)
    for contribute in _page_context:
        variables.update(await contribute(request))
    return variables


async def _fill_slots(names: Sequence[str], context: Mapping[str, Any]) -> dict[str, Markup]:
    wanted = [slot for name in names for slot in _slots.get(name, ())]
    if not wanted:
        return {}

    async def fill(uow: UnitOfWork) -> dict[str, Markup]:
        filled: dict[str, Markup] = {}
        for slot in wanted:
            part = Markup(await slot.render(uow, context))  # noqa: S704  # rendered by a template of ours
            filled[slot.name] = filled.get(slot.name, Markup("")) + part
        return filled

    return await read(fill)


def render_error(
    request: Request[Any, Any, Any], status: int, title: str, detail: str, mistakes: Sequence[FieldError] = ()
) -> str:
    """An error page. Asks nothing of the database, so that it can tell that the database is away."""
    session: Session | None = request.scope.get(SCOPE_KEY)  # type: ignore[assignment]
    variables = _basics(request, session)
    variables.update(status=status, title=title, detail=detail, request_id=request.scope.get("shop.request_id", ""))
    variables["mistakes"] = [mistake.message for mistake in mistakes]
    env = environment()
    template = env.select_template([f"errors/{status}.html", "errors/error.html"])
    try:
        return template.render(variables)
    except Exception:
        log.exception("error_page_failed")
        return f"<!doctype html><title>{Markup.escape(title)}</title><h1>{Markup.escape(title)}</h1>"
