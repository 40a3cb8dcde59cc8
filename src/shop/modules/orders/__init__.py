"""orders: what was bought, by whom, at what price, and how far it has got.

owns      orders, their lines (snapshots) and their history; the checkout
provides  Orders; PersonalThings, its share of PersonalData, and ErasureHindrance (contracts.identity)
requires  Carts, Variants, Prices, Reservations, Shipping, Payments, AddressBook
emits     OrderPlaced, OrderPaid, OrderPaymentFailed, OrderExpired, OrderHeld, OrderRefunded
consumes  PaymentCaptured, PaymentFailed, PaymentHeld and PaymentRefunded (in the same transaction); RefundFailed,
          ReservationExpired, OrderExpired
"""
