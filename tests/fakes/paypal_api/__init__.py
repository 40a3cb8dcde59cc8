"""PayPal's REST API on this machine: a process of its own that keeps what it did over `kill -9`, speaks Orders v2,
Payments v2, Vault v3, transaction search and signed webhooks as PayPal does, and fails by order of a test.

`python -m tests.fakes.paypal_api --port P --log FILE` serves it; `tests.fakes.paypal_api.process.PayPalFake` is how tests
start, order and ask it. Shapes follow PayPal's OpenAPI descriptions (github.com/paypal/paypal-rest-api-specifications).
"""
