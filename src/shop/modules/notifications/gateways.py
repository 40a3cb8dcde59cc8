"""The mail server: one SMTP conversation per message."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

from shop.kernel.config import settings
from shop.kernel.db import refuse_open_transaction
from shop.modules.notifications.errors import Undeliverable
from shop.modules.notifications.schemas import Mail

TIMEOUT_SECONDS: Final = 20


def build_mail(mail: Mail) -> EmailMessage:
    """Text and HTML alternatives. The Message-ID is the message's own id: a mail that is sent twice, because the worker
    died between sending and noting it, is recognised as one by mail programs."""
    sender = settings().mail_from
    built = EmailMessage()
    built["From"] = Address(display_name=settings().name, addr_spec=sender)
    built["To"] = mail.to
    built["Subject"] = mail.subject
    built["Date"] = formatdate()
    built["Message-ID"] = f"<{mail.message_id}@{sender.rpartition('@')[2]}>"
    built["Auto-Submitted"] = "auto-generated"
    built.set_content(mail.text)
    built.add_alternative(mail.html, subtype="html")
    return built


async def send_mail(mail: Mail) -> None:
    """Raises Undeliverable when the server refuses this mail for good, another exception when it may take it later."""
    refuse_open_transaction("sending mail")
    server = urlsplit(settings().smtp_url)
    try:
        await aiosmtplib.send(
            build_mail(mail),
            hostname=server.hostname,
            port=server.port or (465 if server.scheme == "smtps" else 587),
            username=unquote(server.username) if server.username else None,
            password=unquote(server.password) if server.password else None,
            use_tls=server.scheme == "smtps",
            start_tls=None,
            timeout=TIMEOUT_SECONDS,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        refused = error.recipients[0]
        if refused.code >= 500:
            raise Undeliverable(f"{refused.code} {refused.message}") from error
        raise
    except aiosmtplib.SMTPResponseException as error:
        if 550 <= error.code < 560:
            raise Undeliverable(f"{error.code} {error.message}") from error
        raise
    except (ValueError, UnicodeError) as error:
        raise Undeliverable(f"no mail can be built for this address: {error}") from error
