"""inventory: how many there are of each variant, and for which orders.

owns: stock items (on hand, reserved) per variant and location, reservations with a deadline, movements.
provides: Stock, Reservations.
requires: nothing.
emits: AvailabilityChanged, when variants sell out or come back; ReservationExpired.
consumes: orders' OrderPaid, which turns a confirmed reservation into a sale.

A reservation is held -> confirmed -> committed, or ends as released or expired. While held or confirmed its goods are
counted in `reserved`; committed, they have left `on_hand`. `available = on_hand - reserved` is never stored.
"""
