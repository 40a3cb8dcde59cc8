"""notifications: messages to people.

owns      messages (what was to be said, to whom, how far it got) and the mailbox
provides  its share of PersonalData; for the rest it listens
requires  Orders (what an order mail tells), Accounts and AccountLinks (who, and links that carry secrets)
emits     notifications.message_queued.v1, notifications.message_sent.v1
consumes  orders.order_paid, orders.order_payment_failed, orders.order_expired, orders.order_held, orders.order_refunded,
          payments.payment_methods_changed, identity.account_signed_up,
          identity.sign_up_repeated, identity.password_reset_requested, identity.password_changed, identity.account_closed,
          wallet.statement_ready

Two steps: a handler notes that a message is due, in the transaction of the event's inbox, so each is noted once; then a
worker renders and sends it outside any transaction. With no mail server set (`SHOP_SMTP_URL`) the rendered message is
kept in the mailbox under /admin/mailbox instead. Only there is a body ever stored.
"""
