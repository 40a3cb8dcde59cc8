"""Every page there is, by its route, and the addresses at which it is examined; a route that is missing here fails
tests/architecture/test_routes.py, so that no new page is forgotten.

Words in braces are what `tests.e2e.test_every_page` knows only once it has made it: an order's id, a link's token.
"""

GUEST = {
    "/": ("/",),
    "/c/{category_path:path}": (
        "/c/camp-trail",
        "/c/camp-trail?attr.material=Down&in_stock=true",
        "/c/camp-trail?price_min=900&price_max=100",
        "/c/camp-trail/no-such-category",
    ),
    "/search": ("/search", "/search?q=bag", "/search?q=nothing+of+the+kind"),
    "/p/{slug:str}": ("/p/bothy-enamel-mug", "/p/{sold_out}", "/p/no-such-thing"),
    "/about": ("/about",),
    "/shipping-returns": ("/shipping-returns",),
    "/privacy": ("/privacy",),
    "/imprint": ("/imprint",),
    "/signup": ("/signup",),
    "/signup/sent": ("/signup/sent",),
    "/signin": ("/signin", "/signin?next=/admin"),
    "/forgot": ("/forgot",),
    "/forgot/sent": ("/forgot/sent",),
    "/verify/{token:str}": ("{confirm}", "/verify/that-is-none"),
    "/reset/{token:str}": ("{choose}", "/reset/that-is-none"),
    "/revert-email/{token:str}": ("{move_back}", "/revert-email/that-is-none"),
    "/invite/{token:str}": ("{invited}", "/invite/that-is-none"),
}
"""What whoever comes along sees."""
BUYER = {
    "/cart": ("/cart",),
    "/checkout": ("/checkout",),
    "/orders/{order_id:uuid}": ("{paid}", "{declined}", "{waiting}"),
    "/sandbox/3ds/{payment_id:uuid}": ("{challenge}",),
}
"""What somebody sees who has things in the cart, or the link to an order."""
CUSTOMER = {
    "/account": ("/account",),
    "/change-email/{token:str}": ("{move}", "/change-email/that-is-none"),
    "/account/orders": ("/account/orders",),
    "/account/addresses": ("/account/addresses",),
    "/account/addresses/new": ("/account/addresses/new",),
    "/account/addresses/{address_id:uuid}": ("/account/addresses/{address_id}",),
    "/account/payment-methods": ("/account/payment-methods",),
    "/account/wallet/statement": (
        "/account/wallet/statement",
        "/account/wallet/statement?from=2025-01-01&to=2025-06-30",
        "/account/wallet/statement?from=2026-02-30&to=",
    ),
    "/account/wallet/statements/{statement:str}": ("/account/wallet/statements/{statement}",),
    "/account/privacy": ("/account/privacy",),
    "/account/close": ("/account/close",),
    "/account/devices": ("/account/devices",),
    "/account/programs": ("/account/programs",),
    "/oauth/authorize": ("/oauth/authorize?{question}", "/oauth/authorize?client_id=that-is-none"),
    "/account/password": ("/account/password",),
    "/account/security": ("/account/security", "/account/security?setup=1"),
    "/account/confirm": ("/account/confirm",),
    "/account/email": ("/account/email",),
    "/account/email/sent": ("/account/email/sent",),
}
STAFF = {
    "/admin": ("/admin",),
    "/admin/orders": ("/admin/orders", "/admin/orders?q=nobody"),
    "/admin/orders/{order_id:uuid}": ("/admin/orders/{paid_id}", "/admin/orders/{declined_id}"),
    "/admin/products": ("/admin/products", "/admin/products?q=nothing+of+the+kind"),
    "/admin/products/{product_id:uuid}": ("/admin/products/{product_id}",),
    "/admin/imports": ("/admin/imports",),
    "/admin/imports/{run_id:uuid}": ("/admin/imports/{import_id}",),
    "/admin/mailbox": ("/admin/mailbox",),
    "/admin/mailbox/{message_id:uuid}": ("/admin/mailbox/{message_id}",),
    "/admin/outbox": ("/admin/outbox",),
    "/admin/customers": ("/admin/customers", "/admin/customers?q=nobody"),
    "/admin/customers/{account_id:uuid}": ("/admin/customers/{customer_id}",),
    "/admin/audit": ("/admin/audit", "/admin/audit?q=nothing-of-the-kind"),
    "/admin/staff": ("/admin/staff",),
    "/admin/staff/{account_id:uuid}": ("/admin/staff/{member_id}", "/admin/staff/{own_id}"),
    "/admin/clients": ("/admin/clients",),
    "/admin/clients/new": ("/admin/clients/new",),
    "/admin/clients/{client_id:uuid}": ("/admin/clients/{client_id}",),
    "/admin/roles": ("/admin/roles",),
    "/admin/roles/{code:str}": ("/admin/roles/owner", "/admin/roles/night-shift"),
}
EXAMINED = GUEST | BUYER | CUSTOMER | STAFF
EXAMINED_BY_ITSELF = {"/account/payment-methods/{setup_id:uuid}", "/docs", "/signin/code", "/account/security/app"}
NO_PAGES = {
    "/signin/passkey/options": "for a script",
    "/account/security/passkeys/options": "for a script",
    "/account/confirm/passkey/options": "for a script",
    "/.well-known/oauth-authorization-server": "for programs",
    "/oauth/jwks": "for programs",
    "/account/privacy/export": "a file",
    "/admin/customers/{account_id:uuid}/export": "a file",
    "/admin/audit/export": "a file",
    "/admin/imports/{run_id:uuid}/problems": "a file",
    "/admin/products/export": "a file",
    "/admin/mailbox/{message_id:uuid}/body": "a mail, shown in a frame of the page of its message",
    "/cart/drawer": "a part of any page, or a way to the cart",
    "/favicon.ico": "a file",
    "/media/{name:str}": "a file",
    "/openapi.json": "for programs",
    "/account/payment-methods/{setup_id:uuid}/return": "a way to the list",
    "/payments/{payment_id:uuid}/return": "a way to the order",
    "/robots.txt": "for programs",
    "/search/suggest": "a part of any page",
    "/signin/with/{name:str}/callback": "a way to the account",
    "/site.webmanifest": "for programs",
    "/sitemap.xml": "for programs",
    "/sitemaps/pages.xml": "for programs",
    "/sitemaps/{name:str}": "for programs",
    "/static/{name:path}": "a file",
}
"""Answers to GET outside the API that nobody reads as a page, and why."""
