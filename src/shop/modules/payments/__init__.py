"""payments: money from a buyer, through a provider.

owns: payments (intents) with their refunds and disputes, stored methods, events that providers sent, reconciliations,
the sandbox provider's books.
provides: Payments; of the many PaymentProviders stripe, paypal, sandbox (demo shops only), bank transfer and cash on
delivery, with their vaults, webhooks and records; its share of PersonalData, and ErasureHindrance.
requires: the PaymentProviders, its own and those of other modules; RefundDestination and StoredValue where there are any.
emits: what became of payments, refunds, deposits, disputes and stored methods (module.py); ProviderEventReceived and
StoredMethodDropped, to itself.
consumes: ProviderEventReceived, StoredMethodDropped.

A payment is opened in its order's transaction, asked for at its provider between two transactions, and moved only by
what the provider says of it. Whatever dies in between is finished by the sweep (jobs.py, docs/adr/0005).
"""
