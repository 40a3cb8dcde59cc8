"""pricing: what a variant costs, and what tax is in it or comes on top.

owns: prices per variant and currency, tax rates by country, region, class and date.
provides: Prices.
requires: nothing.
emits: PricesChanged.
consumes: nothing.

The rounding rule stands in `contracts/pricing.py`; `rules.py` carries it out. A price is the same wherever it is sent to:
with `SHOP_PRICES_INCLUDE_TAX` the destination decides how much of it is tax, without it how much comes on top.
"""
