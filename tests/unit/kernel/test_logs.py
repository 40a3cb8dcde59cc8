"""Logs tell what failed and where, and never what a variable held."""

import json
import logging

import pytest
import structlog

from shop.kernel.config import settings
from shop.kernel.logs import configure_logs


@pytest.fixture(params=["console", "json"])
def told(request, monkeypatch, capfd):
    """What a process in this format writes about a failure that had a secret in a variable."""
    monkeypatch.setenv("SHOP_LOG_FORMAT", request.param)
    settings.cache_clear()
    structlog.reset_defaults()
    root = logging.getLogger()
    before = root.handlers, root.level
    configure_logs("worker")

    def pay(card_secret):
        raise ValueError("the provider hung up")

    try:
        pay("PI-SECRET".lower())
    except ValueError:
        structlog.get_logger().exception("payment_failed", order="SO-100001")
    yield request.param, capfd.readouterr().err
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers, root.level = before
    monkeypatch.undo()
    settings.cache_clear()


def test_a_failure_is_told_with_its_place_and_without_what_variables_held(told):
    _, text = told
    assert all(words in text for words in ("payment_failed", "SO-100001", "the provider hung up", "test_logs.py"))
    assert "pi-secret" not in text


def test_json_logs_are_one_object_a_line(told):
    log_format, text = told
    if log_format == "json":
        lines = [json.loads(line) for line in text.splitlines()]
        assert [(line["event"], line["level"], line["process"]) for line in lines] == [
            ("payment_failed", "error", "worker")
        ]
