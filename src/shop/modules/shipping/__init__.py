"""shipping: where the shop delivers, how, and for how much.

owns: zones of countries, delivery methods, their rates by weight and order value.
provides: Shipping.
requires: nothing.
emits: nothing.
consumes: nothing.

A country belongs to the first zone, by position, that lists it. The cheapest rate that fits a parcel is the price, so
"free from 50 EUR" is a rate of zero with a lower bound; a parcel that no rate fits is not carried by that method.
"""
