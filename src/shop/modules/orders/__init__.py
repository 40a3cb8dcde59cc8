"""orders: what was bought, by whom, at what price, and how far it has got.

owns      orders, their lines (snapshots) and their history; the checkout
provides  Orders; PersonalThings, its share of PersonalData, and ErasureHindrance (contracts.identity)
requires  Carts, Variants, Prices, Reservations, Shipping, Payments, AddressBook
emits     OrderPlaced, OrderPaid, OrderPaymentFailed, OrderExpired
consumes  PaymentCaptured and PaymentFailed (in the same transaction); ReservationExpired, OrderExpired
"""
