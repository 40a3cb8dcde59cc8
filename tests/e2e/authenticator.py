"""A fingerprint reader of software, in Chromium."""

from typing import Any

from playwright.async_api import CDPSession, Page

UNOFFERED = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"
"""A person picks what the browser offers among the remembered addresses; this authenticator takes it at once, before any
button can be pressed."""


async def with_authenticator(page: Page, *, offered: bool = False) -> tuple[CDPSession, str]:
    """From now on the page's browser has a fingerprint reader whose owner always agrees."""
    if not offered:
        await page.add_init_script(UNOFFERED)
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options: dict[str, Any] = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, added["authenticatorId"]
