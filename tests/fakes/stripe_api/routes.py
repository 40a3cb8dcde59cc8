"""What a resource says about its endpoints, and what an endpoint is handed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.fakes.stripe_api.books import Books
from tests.fakes.stripe_api.errors import StripeRefusal
from tests.fakes.stripe_api.forms import Params

EVERYWHERE = {
    "payment_method_types",
    "expand",
    "key",
    "client_secret",
    "use_stripe_sdk",
    "limit",
    "starting_after",
    "ending_before",
    "created",
}


@dataclass
class Call:
    """`publishable`: the caller is a browser with the publishable key and, for an intent, its client secret."""

    books: Books
    params: Params
    path: str
    id: str
    publishable: bool

    def of(self, kind: str, param: str | None = None) -> dict[str, Any]:
        """The object that the path names; a browser has to know its secret too."""
        thing = self.books.get(kind, self.id, param)
        if self.publishable and self.params.text("client_secret") != thing.get("client_secret"):
            words = f"The client_secret provided does not match the client_secret associated with this {kind}."
            raise StripeRefusal(words, code=f"{kind}_invalid_parameter", param="client_secret")
        return thing


Handler = Callable[[Call], dict[str, Any]]


@dataclass(frozen=True)
class Route:
    """`allowed`: the official client's own type of the parameters, from which we know their names."""

    method: str
    path: str
    handler: Handler
    allowed: type | None = None
    publishable: bool = False

    def unknown(self, params: Params) -> list[str]:
        if self.allowed is None:
            return []
        return sorted(set(params) - set(self.allowed.__annotations__) - EVERYWHERE)
