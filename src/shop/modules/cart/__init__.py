"""cart: what somebody means to buy, until it becomes an order.

Owns: carts and their lines, the merge of a guest's cart at sign-in. No price, title or stock figure is stored here: they
are asked for each time the cart is shown, so that nothing in it can be stale or tampered with.
Provides: Carts; a SignInStep.
Requires: Variants, Prices, Stock, Shipping.
Emits: cart.line_added.v1.
Consumes: nothing.
"""
