"""Where providers show a payment in their own dashboards, for staff to look there."""

from urllib.parse import quote

from shop.kernel.config import PAYPAL_LIVE, PAYPAL_SANDBOX, settings

STRIPE = "https://dashboard.stripe.com"


def dashboard_url(provider: str, provider_ref: str | None, capture_ref: str | None = None) -> str | None:
    """None where the provider has none, or is a stand-in."""
    if provider == "stripe" and provider_ref and not settings().stripe_api_base:
        test = "" if settings().stripe_secret_key.startswith(("sk_live_", "rk_live_")) else "/test"
        return f"{STRIPE}{test}/payments/{quote(provider_ref, safe='')}"
    if provider == "paypal":
        return _paypal_url(capture_ref)
    return None


def _paypal_url(capture_ref: str | None) -> str | None:
    """PayPal shows captures; an order that was only approved has no page."""
    sites = {
        "": "https://www.paypal.com",
        PAYPAL_LIVE: "https://www.paypal.com",
        PAYPAL_SANDBOX: "https://www.sandbox.paypal.com",
    }
    site = sites.get(settings().paypal_api_base.rstrip("/"))
    return f"{site}/activity/payment/{quote(capture_ref, safe='')}" if site and capture_ref else None


def dispute_url(provider: str, dispute_ref: str) -> str | None:
    if provider == "stripe" and not settings().stripe_api_base:
        test = "" if settings().stripe_secret_key.startswith(("sk_live_", "rk_live_")) else "/test"
        return f"{STRIPE}{test}/disputes/{quote(dispute_ref, safe='')}"
    if provider == "paypal" and settings().paypal_api_base.rstrip("/") in {"", PAYPAL_LIVE, PAYPAL_SANDBOX}:
        site = "www.sandbox" if settings().paypal_api_base.startswith(PAYPAL_SANDBOX) else "www"
        return f"https://{site}.paypal.com/resolutioncenter/view/{quote(dispute_ref, safe='')}"
    return None
