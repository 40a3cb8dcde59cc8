"""bestsellers: how often each product was ordered.

owns      order_count: paid orders by product
provides  nothing
requires  Variants (catalog)
emits     nothing
consumes  orders.order_paid.v1
"""
