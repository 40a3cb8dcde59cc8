"""payments: money from a buyer, through a provider.

owns: payments (intents) with their refunds, events that providers sent, the sandbox provider's books.
provides: Payments; two of the many PaymentProviders: stripe, sandbox (demo shops only); its share of PersonalData,
and ErasureHindrance.
requires: the PaymentProviders, its own and those of other modules.
emits: PaymentCaptured, PaymentFailed, PaymentRefunded, PaymentMethodsChanged; ProviderEventReceived, to itself.
consumes: ProviderEventReceived.

A payment is opened in its order's transaction, asked for at its provider between two transactions, and moved only by
what the provider says of it. Whatever dies in between is finished by the sweep (jobs.py, docs/adr/0005).
"""
