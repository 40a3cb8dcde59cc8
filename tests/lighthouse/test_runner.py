"""What counts as a figure: of the page that was asked for, complete, and high enough."""

import pytest

from tests.lighthouse.runner import CATEGORIES, LEAST, LighthouseFailed, scores_in, too_low

URL = "http://localhost/checkout"


def report(score: float | None = 1, url: str = URL) -> dict:
    return {"finalDisplayedUrl": url, "categories": {name: {"score": score} for name in CATEGORIES}}


def test_scores_are_told_as_people_know_them():
    assert scores_in(report(0.95), URL) == dict.fromkeys(CATEGORIES, 95)


def test_a_page_that_leads_elsewhere_gives_no_figure():
    with pytest.raises(LighthouseFailed, match="led to http://localhost/cart"):
        scores_in(report(url="http://localhost/cart"), URL)


def test_a_category_that_was_not_judged_gives_no_figure():
    with pytest.raises(LighthouseFailed, match="no figure for performance, accessibility, best-practices, seo"):
        scores_in(report(None), URL)


def test_what_is_too_low_is_told_with_its_page():
    found = {"home": {"seo": LEAST}, "checkout": {"seo": LEAST - 1, "performance": 100}}
    assert too_low(found) == [f"checkout: seo {LEAST - 1}"]
