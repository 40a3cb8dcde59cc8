"""`make lighthouse`: the pages that sell, as Google's Lighthouse judges them on a phone.

A development-only tool, apart from `make test`: Lighthouse comes from the npm registry, as package-lock.json pins it,
into the virtual environment, and runs on the Node that Playwright brings. A busy machine lowers the performance figure,
so each page is judged several times and the median counts.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from statistics import median_low

import httpx

from tests.e2e.browser import BrowserMissing, ensure_chromium
from tests.e2e.running_shop import ROOT, Shop, open_shop
from tests.lighthouse.runner import LEAST, Judge, LighthouseFailed, Scores, install, too_low

REPORTS = ROOT / ".lighthouse"
PAGES = {
    "home": "/",
    "listing": "/c/camp-trail",
    "product": "/p/bothy-enamel-mug",
    "checkout": "/checkout",
}
WITHOUT_STRIPE = {f"SHOP_STRIPE_{name}": "" for name in ("SECRET_KEY", "PUBLISHABLE_KEY", "WEBHOOK_SECRET", "API_BASE")}
BUSY = 0.5  # of the load a core bears


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.lighthouse", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="of each page; the median counts (default 3)")
    parser.add_argument("pages", nargs="*", metavar="PAGE", help=f"of {', '.join(PAGES)} (default: all)")
    arguments = parser.parse_args()
    if unknown := set(arguments.pages) - set(PAGES):
        parser.error(f"no such page: {', '.join(sorted(unknown))}")
    if os.getloadavg()[0] > BUSY * (os.cpu_count() or 1):
        tell(f"the machine is busy (load {os.getloadavg()[0]:.1f}), which lowers the performance figure")
    try:
        judge = Judge(install(), ensure_chromium(), REPORTS)
        with (
            tempfile.TemporaryDirectory(prefix="shop-lighthouse-") as folder,
            open_shop(Path(folder), **WITHOUT_STRIPE) as shop,
        ):
            found = judge_pages(judge, shop, arguments.pages or list(PAGES), arguments.runs)
    except (BrowserMissing, LighthouseFailed) as failure:
        tell(str(failure))
        return 1
    print_table(found)
    return 1 if too_low(found) else 0


def judge_pages(judge: Judge, shop: Shop, names: list[str], runs: int) -> dict[str, Scores]:
    """The median of each category of each page; all by the same visitor, with a thing in the cart."""
    cookie = cookie_with_cart(shop)
    found = {}
    for name in names:
        seen = []
        for run in range(1, runs + 1):
            seen.append(judge.scores_of(f"{shop.url}{PAGES[name]}", f"{name}-{run}", cookie))
            tell(f"{name}, run {run}: {', '.join(f'{category} {score}' for category, score in seen[-1].items())}")
        found[name] = {category: median_low(each[category] for each in seen) for category in seen[0]}
    return found


def cookie_with_cart(shop: Shop) -> str:
    """The session of a visitor who has put something into the cart, as a header: a checkout of nothing leads away."""
    variant = next(each for each in shop.product("bothy-enamel-mug")["variants"] if each["available"])
    with httpx.Client(base_url=shop.url, headers={"Origin": shop.url}) as visitor:
        answer = visitor.post("/cart/lines", data={"variant_id": variant["id"], "quantity": "1"})
        assert answer.has_redirect_location, answer.text
        return "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())


def print_table(found: dict[str, Scores]) -> None:
    categories = next(iter(found.values()))
    print(f"{'':10}" + "".join(f"{category:>16}" for category in categories))
    for page, scores in found.items():
        print(f"{page:10}" + "".join(f"{score:>16}" for score in scores.values()))
    for fault in too_low(found):
        print(f"below {LEAST}: {fault}")
    print(f"The reports are in {REPORTS.relative_to(ROOT)}/.")


def tell(words: str) -> None:
    print(f"lighthouse: {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
