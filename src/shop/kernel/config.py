"""The shop's settings: read once from the environment, checked as a whole, told in words a merchant can act on.

Every setting is listed in `.env.example`; `tests/unit/kernel/test_config.py` keeps the two in step.
"""

import os
import re
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from shop.kernel.money import parse_decimal
from shop.kernel.oidc_settings import LOCAL, OidcProvider, oidc_providers


class SettingsError(Exception):
    """One or more settings can't be used; the message names each and what to write instead."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings, one attribute per `SHOP_<NAME>` variable."""

    data_dir: Path = Path(".data")
    host: str = "127.0.0.1"
    port: int = 8000
    base_url: str = ""
    """Public address that links in mails and feeds start with; empty means http://localhost:<port>."""
    trusted_proxies: str = ""
    """Addresses or networks, by commas, whose X-Forwarded-For is believed; rate limits count by the address it names."""
    allowed_hosts: str = ""
    """Further names, by commas, that the shop answers to beside that of `base_url` and this machine's own."""
    cors_origins: str = ""
    """Origins, by commas, whose scripts may call the JSON API and the OAuth endpoints."""
    request_seconds: int = 30
    """How long one request may take, its body included, until its answer begins; uploads of imports have an hour."""
    cdn_seconds: int = 0
    """How long a CDN in front may hand out a public page without asking again; 0: it asks each time (ETag)."""
    database_url: str = ""
    database_owner_url: str = ""
    """For migrations alone: the role that owns the tables. Empty: that of `database_url` does."""
    redis_url: str = ""
    secret_key: str = ""
    """At least 32 characters; empty means one is made and kept in the data folder."""
    name: str = "Fernweh Goods"
    currency: str = "EUR"
    country: str = "DE"
    """Where the shop sells from: its own tax applies until a destination is known (ISO 3166-1 alpha-2)."""
    time_zone: str = "Europe/Berlin"
    prices_include_tax: bool = True
    admin_email: str = "admin@example.com"
    admin_password: str = ""
    staff_second_factor: Literal["required", "optional", ""] = ""
    """Empty means required, but for a demo."""
    demo: bool = False
    rate_limits: Literal["on", "off"] = "on"
    rate_limits_by_class: str = ""
    """Other numbers for classes of docs/gateway.md, such as browse=3000/60,checkout=20/60 (requests/seconds)."""
    page_cache: Literal["on", "off"] = "on"
    web_workers: int = 2
    worker_threads: int = 16
    log_format: Literal["json", "console"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    theme_dir: str = ""
    reservation_minutes: int = 30
    upload_megabytes: int = 512
    """Of a file to import and its pictures together."""
    smtp_url: str = ""
    """smtp://user:password@host:587 (STARTTLS), smtps://host:465; empty keeps messages in the mailbox."""
    mail_from: str = "shop@example.com"
    oidc_providers: str = ""
    """Names, by commas, of OpenID Connect providers that people may sign in with: google, or any with its own settings."""
    sign_in_with: tuple[OidcProvider, ...] = ()
    """Put together from `oidc_providers` and SHOP_OIDC_<NAME>_{ISSUER,CLIENT_ID,CLIENT_SECRET,LABEL}."""
    stripe_secret_key: str = ""
    stripe_publishable_key: str = ""
    stripe_webhook_secret: str = ""
    stripe_api_base: str = ""
    """Another address of Stripe's API, for a stand-in; empty means Stripe itself."""
    paypal_client_id: str = ""
    paypal_client_secret: str = ""
    paypal_webhook_id: str = ""
    """PayPal's own id of the webhook BASE_URL/webhooks/paypal; it is part of what PayPal signs."""
    paypal_api_base: str = ""
    """Another address of PayPal's API: https://api-m.sandbox.paypal.com, or a stand-in; empty means PayPal itself."""
    capture: Literal["automatic", "manual"] = "automatic"
    """manual: cards are only authorized, and staff capture, all or part of it, in the back office."""
    bank_transfer_to: str = ""
    """The account that buyers transfer to, in words: "Fernweh GmbH, DE89 3704 0044 0532 0130 00"; empty: not offered."""
    bank_transfer_days: int = 7
    """How long an order waits for its transfer."""
    cash_on_delivery: bool = False
    refund_approval_above: str = ""
    """An amount such as 200.00 in the shop's currency: refunds above it wait for a second person. Empty: none do."""
    wallet_withdrawals: bool = False
    """Whether customers may have their wallet's money paid out. In many countries that makes a wallet electronic money,
    whose issuers need a licence: ask before you turn it on."""

    @property
    def public_url(self) -> str:
        return self.base_url.rstrip("/") or f"http://localhost:{self.port}"

    @property
    def second_factor_of_staff(self) -> Literal["required", "optional"]:
        return self.staff_second_factor or ("optional" if self.demo else "required")

    @property
    def allowed_host_names(self) -> frozenset[str]:
        """All that the Host header may say, without port, in lower case."""
        own = urlsplit(self.public_url).hostname or ""
        listening = () if self.host in EVERYWHERE else (self.host,)
        named = {"localhost", "127.0.0.1", "::1", own, *listening, *split(self.allowed_hosts)}
        return frozenset(name.strip("[]").lower() for name in named if name)

    @property
    def media_dir(self) -> Path:
        return self.data_dir / "media"


PREFIX = "SHOP_"
COMPOSED = frozenset({"sign_in_with"})
"""Settings that no variable of their own holds."""
EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  # names to look up
HOST_NAME = re.compile(r"[A-Za-z0-9._-]+|\[?[0-9A-Fa-f:.]+\]?")
ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")
CLASS_LIMIT = re.compile(r"([a-z-]+)=([1-9]\d{0,6})/([1-9]\d{0,4})")
PAYPAL_LIVE, PAYPAL_SANDBOX = "https://api-m.paypal.com", "https://api-m.sandbox.paypal.com"
PAYPAL_BASE = re.compile(
    rf"(?:{re.escape(PAYPAL_LIVE)}|{re.escape(PAYPAL_SANDBOX)}|http://(?:localhost|127\.0\.0\.1|\[::1\]):\d{{1,5}})/?"
)
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def split(names: str) -> list[str]:
    """The parts of a setting that lists several by commas."""
    return [name.strip() for name in names.split(",") if name.strip()]


def parse_settings(env: Mapping[str, str]) -> Settings:
    """Settings from `env`. Raises SettingsError that names every bad variable at once."""
    values: dict[str, object] = {}
    problems: list[str] = []
    for field in msgspec.structs.fields(Settings):
        if field.name in COMPOSED:
            continue
        variable = PREFIX + field.name.upper()
        raw = env.get(variable)
        if raw is None or (raw == "" and field.type is not str):
            continue
        raw = raw.strip()
        if field.type is bool:
            if raw.lower() not in TRUE | FALSE:
                problems.append(f"{variable}={raw!r}: write 1 or 0")
                continue
            values[field.name] = raw.lower() in TRUE
            continue
        try:
            values[field.name] = Path(raw) if field.type is Path else msgspec.convert(raw, field.type, strict=False)
        except msgspec.ValidationError as error:
            problems.append(f"{variable}={raw!r}: {error}")
    values["sign_in_with"], wrong = oidc_providers(split(str(values.get("oidc_providers", ""))), env)
    problems += wrong
    settings = Settings(**values)  # type: ignore[arg-type]  # each value was converted to its field's type above
    problems += _contradictions(settings) + _no_networks(settings.trusted_proxies) + _unfit_for_the_gateway(settings)
    if problems:
        raise SettingsError("These settings can't be used:\n  " + "\n  ".join(problems))
    return settings


def load_env_file(path: Path, env: MutableMapping[str, str]) -> None:
    """Adds the KEY=VALUE lines of `path` to `env`, whose own values win. A missing file is no error.

    Empty lines and those that start with # are skipped, as is a comment set off from its value by a space; `export `
    and quotes around a value are taken off; there is no interpolation. Raises SettingsError on any other line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} can't be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("export ").strip()
        if not text or text.startswith("#"):
            continue
        key, equals, value = text.partition("=")
        if not equals or not key.strip().isidentifier():
            raise SettingsError(f"{path}, line {number}: write NAME=value, not {line!r}")
        env.setdefault(key.strip(), _unquoted(value.strip()))


def _unquoted(value: str) -> str:
    if value[:1] in {'"', "'"} and (end := value.find(value[0], 1)) > 0:
        return value[1:end]
    return re.split(r"(?:^|\s)#", value, maxsplit=1)[0].strip()


def _contradictions(settings: Settings) -> list[str]:
    problems = []
    if settings.secret_key and len(settings.secret_key) < 32:
        problems.append("SHOP_SECRET_KEY: at least 32 characters, or leave it empty and one is made")
    problems += _no_addresses(settings)
    problems += _no_way_to_pay(settings)
    problems += _no_paypal(settings)
    if not 1 <= settings.port <= 65535:
        problems.append(f"SHOP_PORT={settings.port}: a port is a number from 1 to 65535")
    if len(settings.currency) != 3 or not settings.currency.isupper():
        problems.append(f"SHOP_CURRENCY={settings.currency!r}: an ISO 4217 code such as EUR")
    if len(settings.country) != 2 or not settings.country.isupper():
        problems.append(f"SHOP_COUNTRY={settings.country!r}: an ISO 3166-1 code such as DE")
    if settings.demo and settings.stripe_secret_key.startswith(("sk_live_", "rk_live_")):
        problems.append(
            "SHOP_DEMO=1 beside a live Stripe key: the sandbox would hand goods out for free; unset one of them"
        )
    if settings.stripe_secret_key and not settings.stripe_webhook_secret:
        problems.append("SHOP_STRIPE_WEBHOOK_SECRET: needed with SHOP_STRIPE_SECRET_KEY, or webhooks can't be verified")
    return problems


def _no_paypal(settings: Settings) -> list[str]:
    problems = []
    if bool(settings.paypal_client_id) != bool(settings.paypal_client_secret):
        problems.append("SHOP_PAYPAL_CLIENT_ID and SHOP_PAYPAL_CLIENT_SECRET: one is of no use without the other")
    if settings.paypal_client_id and not settings.paypal_webhook_id:
        problems.append("SHOP_PAYPAL_WEBHOOK_ID: needed with SHOP_PAYPAL_CLIENT_ID, or webhooks can't be verified")
    base = settings.paypal_api_base or PAYPAL_LIVE
    if not PAYPAL_BASE.fullmatch(base):
        problems.append(
            f"SHOP_PAYPAL_API_BASE={base!r}: empty, {PAYPAL_SANDBOX}, or a stand-in on this machine such as"
            " http://127.0.0.1:8412"
        )
    if settings.demo and settings.paypal_client_id and base.rstrip("/") == PAYPAL_LIVE:
        problems.append(
            "SHOP_DEMO=1 beside live PayPal: the sandbox would hand goods out for free; unset one of them, or set"
            f" SHOP_PAYPAL_API_BASE={PAYPAL_SANDBOX}"
        )
    return problems


def _no_way_to_pay(settings: Settings) -> list[str]:
    problems = []
    if settings.refund_approval_above:
        try:
            if parse_decimal(settings.refund_approval_above, settings.currency).amount < 0:
                problems.append("SHOP_REFUND_APPROVAL_ABOVE: not below zero")
        except ValueError as error:
            problems.append(f"SHOP_REFUND_APPROVAL_ABOVE: {error}")
    if not 1 <= settings.bank_transfer_days <= 60:
        problems.append(f"SHOP_BANK_TRANSFER_DAYS={settings.bank_transfer_days}: from 1 to 60")
    return problems


def _no_addresses(settings: Settings) -> list[str]:
    """Of services."""
    postgresql, redis = ("postgresql://", "postgres://"), ("redis://", "rediss://", "unix://")
    problems = []
    if settings.database_url and not settings.database_url.startswith(postgresql):
        problems.append("SHOP_DATABASE_URL: starts with postgresql://user:password@host:5432/name")
    if settings.database_owner_url and not settings.database_owner_url.startswith(postgresql):
        problems.append("SHOP_DATABASE_OWNER_URL: starts with postgresql://owner:password@host:5432/name")
    if settings.database_owner_url and not settings.database_url:
        problems.append("SHOP_DATABASE_OWNER_URL: needs SHOP_DATABASE_URL, the shop's own role in the same database")
    if settings.redis_url and not settings.redis_url.startswith(redis):
        problems.append("SHOP_REDIS_URL: starts with redis://, rediss:// or unix://")
    return problems


def _no_networks(trusted_proxies: str) -> list[str]:
    problems = []
    for proxy in split(trusted_proxies):
        import ipaddress  # heavy, and few shops need it

        try:
            ipaddress.ip_network(proxy)
        except ValueError:
            problems.append(f"SHOP_TRUSTED_PROXIES: {proxy!r} is neither an address nor a network like 172.16.0.0/12")
    return problems


def _unfit_for_the_gateway(settings: Settings) -> list[str]:
    lists = (
        ("ALLOWED_HOSTS", settings.allowed_hosts, HOST_NAME, "a name such as shop.example.com, without port or path"),
        ("CORS_ORIGINS", settings.cors_origins, ORIGIN, "an origin such as https://app.example.com, in lower case"),
        ("RATE_LIMITS_BY_CLASS", settings.rate_limits_by_class, CLASS_LIMIT, "class=requests/seconds: browse=3000/60"),
    )
    problems = [
        f"SHOP_{name}: {part!r} is not {wanted}"
        for name, value, form, wanted in lists
        for part in split(value)
        if not form.fullmatch(part)
    ]
    if settings.base_url and not _is_address(settings.base_url):
        problems.append(f"SHOP_BASE_URL={settings.base_url!r}: an address such as https://shop.example.com")
    elif (
        settings.base_url.startswith("http:")
        and not settings.demo
        and urlsplit(settings.base_url).hostname not in LOCAL
    ):
        problems.append(
            f"SHOP_BASE_URL={settings.base_url!r}: https, as cookies that sign people in are sent over nothing else; plain"
            " http is for this machine (http://localhost:8000) and for a demo (SHOP_DEMO=1)"
        )
    if not 1 <= settings.request_seconds <= 3600:
        problems.append(f"SHOP_REQUEST_SECONDS={settings.request_seconds}: from 1 to 3600")
    if not 0 <= settings.cdn_seconds <= 86_400:
        problems.append(f"SHOP_CDN_SECONDS={settings.cdn_seconds}: from 0 to 86400")
    return problems


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The process's settings. Raises SettingsError."""
    return parse_settings(os.environ)
