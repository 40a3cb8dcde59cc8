"""cart: what somebody means to buy, until it becomes an order.

owns: carts and their lines, the merge of a guest's cart at sign-in. No price, title or stock figure is stored here: they
are asked for each time the cart is shown, so that nothing in it can be stale or tampered with.
provides: Carts; a SignInStep; its share of PersonalData.
requires: Variants, Prices, Stock, Shipping.
emits: cart.line_added.v1.
consumes: nothing.
"""
