"""A whole life in a running shop: a customer's from signing up to being forgotten, and that of staff and programs beside it.

Everything that is personal or secret is kept in `planted`, by what it is, so that a test can look for it where it must not be.
"""

import re
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp

from tests.e2e.running_shop import Shop
from tests.factories.oauth import Program

PASSWORDS = ("canary-Pass-1 sunflower", "canary-Pass-2 nightjar", "canary-Pass-3 bullfinch")
EMAIL, NEW_EMAIL = "vogelsang.canary@example.com", "nightingale.canary@example.com"
GONE, INVITED = "finch.canary@example.com", "wren.canary@example.com"
NAME = "Canaria Vogelsang"
ADDRESS = {
    "name": NAME,
    "line1": "Kanarienvogelweg 77",
    "city": "Vogelstadt-Canary",
    "postal_code": "10115",
    "country": "DE",
    "phone": "+49 30 77712377",
}
AUTH = "/api/v1/auth"


class Life:
    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.planted: dict[str, str] = {
            "name": NAME,
            "street": ADDRESS["line1"],
            "city": ADDRESS["city"],
            "phone": ADDRESS["phone"],
            "wrong password": "canary-wrong-guess-77",
        }
        self.planted |= {f"address {email}": email.partition("@")[0] for email in (EMAIL, NEW_EMAIL, GONE, INVITED)}
        self.planted |= {f"password {n}": password for n, password in enumerate(PASSWORDS)}
        self.led_to: list[str] = []
        """Every Location that was answered."""
        self._hosts = count(1)
        hooks = {"request": [self._from_somewhere], "response": [self._note]}
        settings: dict[str, Any] = {"base_url": shop.url, "timeout": 30, "event_hooks": hooks}
        self.api = httpx.Client(**settings)
        self.browser = httpx.Client(**settings, headers={"origin": shop.url})
        self._recovery: list[str] = []
        self.password = PASSWORDS[0]

    def close(self) -> None:
        self.api.close()
        self.browser.close()

    def _from_somewhere(self, request: httpx.Request) -> None:
        address = f"198.51.100.{next(self._hosts) % 250 + 1}"
        self.planted[f"network address {address}"] = address
        request.headers["x-forwarded-for"] = address

    def _note(self, answer: httpx.Response) -> None:
        if "location" in answer.headers:
            self.led_to.append(answer.headers["location"])

    def live(self) -> None:
        self._sign_up()
        self._browse_as_themselves()
        self._shop()
        self._programs()
        self._mistakes()
        self._forget_and_change()
        self._staff()
        self._leave()

    def _ok(self, answer: httpx.Response, status: int) -> Any:
        assert answer.status_code == status, (
            f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:400]}"
        )
        return answer.json() if answer.headers.get("content-type", "").startswith("application/json") else None

    def _plant(self, what: str, value: str) -> str:
        assert len(value) > 5
        self.planted[what] = value
        return value

    def _link(self, to: str, template: str) -> str:
        path = self.shop.link_in(self.shop.message(to, template))
        self._plant(f"link of {template}", path.rsplit("/", 1)[1])
        return path

    def _sign_up(self) -> None:
        body = {"email": EMAIL, "password": PASSWORDS[0], "name": NAME}
        self._ok(self.api.post(f"{AUTH}/signup", json=body), 202)
        wrong = {"email": EMAIL, "password": self.planted["wrong password"]}
        self._ok(self.api.post(f"{AUTH}/signin", json=wrong), 401)
        path = self._link(EMAIL, "verify_email")
        self._ok(self.browser.get(path), 200)
        self._ok(self.api.post(f"{AUTH}/email/verify", json={"token": path.rsplit("/", 1)[1]}), 200)
        self._ok(self.api.post(f"{AUTH}/signup", json=body), 202)
        tokens = self._tokens()
        fresh = self._ok(self.api.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]}), 200)
        self._plant("second refresh token", fresh["refresh_token"])
        self._ok(self.api.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]}), 401)
        self._ok(self.browser.post("/signin", data=wrong), 422)

    def _tokens(self, email: str = EMAIL) -> dict[str, str]:
        body = {"email": email, "password": self.password}
        if self._recovery and email != GONE:
            body["code"] = self._recovery.pop()
        tokens = self._ok(self.api.post(f"{AUTH}/signin", json=body), 200)
        self._plant(f"access token {len(self.planted)}", tokens["access_token"])
        self._plant(f"refresh token {len(self.planted)}", tokens["refresh_token"])
        return dict(tokens)

    def _bearer(self, email: str = EMAIL) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens(email)['access_token']}"}

    def _csrf(self, path: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.browser.get(path).text)
        assert found, path
        return self._plant(f"form token of {path}", found[1])

    def _browse_as_themselves(self) -> None:
        """Signing in to the pages, and the second factor: its secret, a code, the recovery codes."""
        self._ok(self.browser.post("/signin", data={"email": EMAIL, "password": self.password}), 303)
        self._plant("session", self.browser.cookies["shop_session"])
        self._ok(self.browser.post("/account/security/app/new", data={"csrf_token": self._csrf("/account")}), 303)
        page = self.browser.get("/account/security/app").text
        secret = re.search(r'class="secret">([^<]+)<', page)
        assert secret, page
        self._plant("secret of the app", "".join(secret[1].split()))
        form = {"csrf_token": self._csrf("/account/security"), "code": "000000"}
        self._ok(self.browser.post("/account/security/app", data=form), 422)
        form["code"] = pyotp.TOTP("".join(secret[1].split())).now()
        shown = self.browser.post("/account/security/app", data=form)
        self._recovery = re.findall(r"<li><code>([^<]+)</code>", shown.text)
        assert len(self._recovery) == 10, shown.text
        for n, code in enumerate(self._recovery):
            self._plant(f"recovery code {n}", code)
        self._plant("session after it", self.browser.cookies["shop_session"])
        self._ok(self.browser.post("/signout", data={"csrf_token": self._csrf("/account")}), 303)
        self._ok(self.browser.post("/signin", data={"email": EMAIL, "password": self.password}), 303)
        form = {"csrf_token": self._csrf("/signin/code"), "code": self._recovery.pop()}
        self._ok(self.browser.post("/signin/code", data=form), 303)
        self._plant("third session", self.browser.cookies["shop_session"])

    def _shop(self) -> None:
        mine = self._bearer()
        self._ok(self.api.post("/api/v1/me/addresses", json=ADDRESS, headers=mine), 201)
        order = self.shop.place_order(EMAIL, "ok", name=NAME)
        self._plant("order token", order["access_token"])
        declined = self.shop.place_order(EMAIL, "declined", name=NAME)
        self.browser.get(f"/orders/{declined['id']}", params={"token": declined["access_token"]})
        self._plant("second order token", declined["access_token"])
        self._plant("cart", self._ok(self.api.post("/api/v1/carts", json={}), 201)["id"])
        self.api.get(f"/api/v1/carts/{self.planted['cart']}")
        self.shop.message(EMAIL, "order_confirmation")

    def _programs(self) -> None:
        """A key, and a program of others on its way to tokens."""
        made = self._ok(
            self.api.post(
                "/api/v1/me/api-keys", json={"name": NAME, "scopes": ["profile.read"]}, headers=self._bearer()
            ),
            201,
        )
        key = self._plant("API key", made["key"])
        self._ok(self.api.get("/api/v1/me", headers={"Authorization": f"Bearer {key}"}), 200)
        client = {
            "name": "Till",
            "redirect_uris": ["https://till.example/back"],
            "scopes": ["profile.read"],
            "confidential": True,
        }
        registered = self._ok(self.shop.staff.post("/api/v1/admin/oauth/clients", json=client), 201)
        secret = self._plant("client's secret", registered["client_secret"])
        program = Program(registered["client_id"], secret, "https://till.example/back")
        self._plant("PKCE verifier", program.verifier)
        question = program.question()
        page = self.browser.get(question)
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert csrf, page.text[:500]
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        answer = self.browser.post(question, data={**hidden, "csrf_token": csrf[1], "decision": "allow"})
        assert answer.status_code in {302, 303}, answer.text[:500]
        code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
        self.led_to.remove(
            answer.headers["location"]
        )  # a code travels so; it is good for a minute, once, with the verifier
        self._plant("authorization code", code)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": program.redirect_uri,
            "code_verifier": program.verifier,
        }
        auth = httpx.BasicAuth(program.id, secret)
        tokens = self._ok(self.api.post("/oauth/token", data=form, auth=auth), 200)
        self._plant("program's access token", tokens["access_token"])
        refresh = self._plant("program's refresh token", tokens["refresh_token"])
        self._ok(self.api.post("/oauth/introspect", data={"token": refresh}, auth=auth), 200)
        self._ok(self.api.post("/oauth/revoke", data={"token": refresh}, auth=auth), 200)
        self.api.post("/oauth/token", data=form, auth=auth)
        self.api.post("/oauth/token", data=form, auth=httpx.BasicAuth(program.id, self.planted["wrong password"]))

    def _mistakes(self) -> None:
        """Requests that fail, each with something in it that must not be told on."""
        body = {"email": EMAIL, "password": self.password, "name": NAME}
        self.api.post(f"{AUTH}/signup", content=f'{{"email": "{EMAIL}", "password": "{self.password}"'.encode())
        self.api.post(f"{AUTH}/signup", json={**body, "email": [EMAIL]})
        self.api.post(f"{AUTH}/signup", json={**body, "email": f"{EMAIL}\0"})
        self.api.post(f"{AUTH}/signup", json={**body, "name": f"{NAME}\ud800".encode("utf-16", "surrogatepass").hex()})
        self.api.get("/api/v1/me", headers={"Authorization": f"Basic {self.password}"})
        self.browser.post("/signup", data={**body, "password": "short"})
        self.browser.post("/signin", content=f"email={EMAIL}&password={self.password}".encode())
        self.browser.get(f"/verify/{self.planted['cart']}")

    def _forget_and_change(self) -> None:
        self._ok(self.api.post(f"{AUTH}/password/forgot", json={"email": EMAIL}), 202)
        path = self._link(EMAIL, "reset_password")
        self._ok(self.browser.get(path), 200)
        body = {"token": path.rsplit("/", 1)[1], "password": PASSWORDS[1]}
        self._ok(self.api.post(f"{AUTH}/password/reset", json=body), 200)
        self.password = PASSWORDS[1]
        body = {"current_password": PASSWORDS[1], "password": PASSWORDS[2]}
        answer = self.api.post("/api/v1/me/password", json=body, headers=self._bearer())
        assert answer.is_success, answer.text
        self.password = PASSWORDS[2]
        answer = self.api.post("/api/v1/me/email", json={"email": NEW_EMAIL}, headers=self._bearer())
        assert answer.is_success, answer.text

    def _staff(self) -> None:
        staff = self.shop.staff
        self._ok(staff.get("/api/v1/admin/orders", params={"q": EMAIL}), 200)
        invited = staff.post("/api/v1/admin/staff", json={"email": INVITED, "name": NAME, "roles": ["viewer"]})
        assert invited.is_success, invited.text
        staff.get("/api/v1/admin/customers", params={"q": EMAIL})
        wrong = {"email": "admin@example.com", "password": self.planted["wrong password"]}
        self._ok(self.api.post(f"{AUTH}/signin", json=wrong), 401)

    def _leave(self) -> None:
        """Somebody else signs up and is forgotten again."""
        self.password = PASSWORDS[0]
        self._ok(self.api.post(f"{AUTH}/signup", json={"email": GONE, "password": self.password, "name": NAME}), 202)
        token = self._link(GONE, "verify_email").rsplit("/", 1)[1]
        self._ok(self.api.post(f"{AUTH}/email/verify", json={"token": token}), 200)
        answer = self.api.delete("/api/v1/me", headers=self._bearer(GONE))
        assert answer.is_success, answer.text
