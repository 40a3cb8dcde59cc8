"""Form-encoded bodies with nested keys, as Stripe takes them: a[b][c]=1, expand[]=x, and what may be wrong with them."""

import re
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.stripe_api.errors import StripeRefusal, missing

NAME = re.compile(r"[^\[\]]+|\[[^\[\]]*\]")
METADATA_KEYS, METADATA_KEY, METADATA_VALUE = 50, 40, 500


def decode(encoded: str) -> dict[str, Any]:
    """Lists come as a[]=x or a[0]=x; what has only digits as names is a list."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        parts = [part.strip("[]") for part in NAME.findall(name)] or [name]
        branch = tree
        for part in parts[:-1]:
            branch = branch.setdefault(part or str(len(branch)), {})
            if not isinstance(branch, dict):
                raise StripeRefusal(f"Invalid object: {name}", param=name)
        branch[parts[-1] or str(len(branch))] = value
    return _with_lists(tree)


def _with_lists(tree: dict[str, Any]) -> Any:
    plain = {name: _with_lists(value) if isinstance(value, dict) else value for name, value in tree.items()}
    if plain and all(name.isdigit() for name in plain):
        return [plain[name] for name in sorted(plain, key=int)]
    return plain


class Params(dict[str, Any]):
    """The parameters of a call; an empty text means "take it away"."""

    def __init__(self, values: dict[str, Any], prefix: str = "") -> None:
        super().__init__(values)
        self._prefix = prefix

    def name(self, name: str) -> str:
        return f"{self._prefix}[{name}]" if self._prefix else name

    def text(self, name: str) -> str | None:
        value = self.get(name)
        if value is not None and not isinstance(value, str):
            raise StripeRefusal(f"Invalid string: {value}", param=self.name(name))
        return value or None

    def need(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise missing(self.name(name))
        return value

    def integer(self, name: str) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        if not re.fullmatch(r"-?\d{1,18}", value):
            raise StripeRefusal(f"Invalid integer: {value}", code="parameter_invalid_integer", param=self.name(name))
        return int(value)

    def positive(self, name: str) -> int | None:
        value = self.integer(name)
        if value is not None and value < 1:
            words = "This value must be greater than or equal to 1."
            raise StripeRefusal(words, code="parameter_invalid_integer", param=self.name(name))
        return value

    def boolean(self, name: str, default: bool = False) -> bool:
        value = self.text(name)
        if value not in {None, "true", "false"}:
            raise StripeRefusal(f"Invalid boolean: {value}", param=self.name(name))
        return default if value is None else value == "true"

    def choice(self, name: str, *allowed: str) -> str | None:
        value = self.text(name)
        if value is not None and value not in allowed:
            raise StripeRefusal(
                f"Invalid {self.name(name)}: must be one of {', '.join(allowed)}", param=self.name(name)
            )
        return value

    def part(self, name: str) -> "Params":
        value = self.get(name) or {}
        if not isinstance(value, dict):
            raise StripeRefusal(f"Invalid object: {value}", param=self.name(name))
        return Params(value, self.name(name))

    def texts(self, name: str) -> list[str]:
        value = self.get(name) or []
        if not isinstance(value, list):
            raise StripeRefusal("Invalid array", param=self.name(name))
        return [str(each) for each in value]

    def metadata(self, present: dict[str, str]) -> dict[str, str]:
        """`present` with what is asked for: a key without a value goes, `metadata=` alone empties all."""
        if self.get("metadata") == "":
            return {}
        merged = dict(present)
        for key, value in self.part("metadata").items():
            if not isinstance(value, str) or len(key) > METADATA_KEY or len(value) > METADATA_VALUE:
                words = f"Metadata keys have at most {METADATA_KEY} characters and values {METADATA_VALUE}."
                raise StripeRefusal(words, param=f"metadata[{key}]")
            merged[key] = value
        merged = {key: value for key, value in merged.items() if value != ""}
        if len(merged) > METADATA_KEYS:
            raise StripeRefusal(f"Metadata can have at most {METADATA_KEYS} keys.", param="metadata")
        return merged
