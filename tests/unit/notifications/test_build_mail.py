"""A mail as it goes out: readable by every mail program, and nothing a name or address holds adds a header to it."""

from uuid import UUID

import pytest

from shop.kernel.config import Settings
from shop.modules.notifications import gateways
from shop.modules.notifications.schemas import Mail, Template
from shop.modules.notifications.service import SUBJECTS

ID = UUID("01900000-0000-7000-8000-000000000001")


@pytest.fixture(autouse=True)
def _shop(monkeypatch):
    monkeypatch.setattr(
        gateways, "settings", lambda: Settings(name='Müller & "Söhne", Ltd.', mail_from="hallo@example.com")
    )


def built(**changes: str):
    fields = {"to": "ada@example.com", "subject": "Hello", "html": "<p>Hi</p>", "text": "Hi"} | changes
    return gateways.build_mail(Mail(ID, **fields))


def test_text_comes_first_and_html_as_its_alternative():
    mail = built()
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content().strip() for part in mail.iter_parts()] == ["Hi", "<p>Hi</p>"]


def test_the_id_of_the_message_is_the_id_of_the_mail():
    """Sent twice, because a worker died in between, mail programs show it once."""
    assert built()["Message-ID"] == built()["Message-ID"] == f"<{ID}@example.com>"


def test_a_shop_may_have_any_name():
    assert built()["From"].addresses[0].display_name == 'Müller & "Söhne", Ltd.'


def test_letters_of_all_scripts_survive():
    mail = built(subject="Заказ № 5 – 注文 🛒", text="Grüße 🛒", html="<p>Grüße 🛒</p>")
    raw = bytes(mail)
    assert raw.isascii() or b"charset" in raw
    assert str(mail["Subject"]) == "Заказ № 5 – 注文 🛒"
    assert mail.get_body(("plain",)).get_content().strip() == "Grüße 🛒"


@pytest.mark.parametrize("field", ["to", "subject"])
@pytest.mark.parametrize("value", ["a\nBcc: all@example.com", "a\r\nBcc: all@example.com", "a\rBcc: x"])
def test_no_value_adds_a_header(field, value):
    with pytest.raises(ValueError, match=r"linefeed|newline|CR"):
        built(**{field: value})


def test_every_template_has_a_subject():
    assert set(SUBJECTS) == set(Template.__args__)
