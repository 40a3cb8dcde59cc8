"""All SQL of payments: intents, refunds, what providers told, and the books of the sandbox.

Gotcha: the one place that locks an order before its payments is the calling-off of an expired order; an answer that is
being applied holds its payment and then wants the order (its same-transaction subscribers). Where the two meet,
PostgreSQL ends one of them and it runs again; either order of the two ends right.
"""
