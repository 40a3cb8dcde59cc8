"""Where a visitor stands with a limit, as the fields of an answer tell it and as a refusal does."""

from typing import Final, NamedTuple

from shop.kernel.errors import TooMany

LIMITED_KEY: Final = "shop.limited"
"""In a request's scope: the Standing that its answer tells."""


class Standing(NamedTuple):
    """Where one visitor stands with one class, for the fields of the answer."""

    name: str
    at_most: int
    seconds: int
    left: int
    reset: int

    def fields(self) -> list[tuple[str, str]]:
        """As of draft-ietf-httpapi-ratelimit-headers-10, and the three fields of its earlier versions that clients know."""
        return [
            ("RateLimit-Limit", str(self.at_most)),
            ("RateLimit-Remaining", str(self.left)),
            ("RateLimit-Reset", str(self.reset)),
            ("RateLimit-Policy", f'"{self.name}";q={self.at_most};w={self.seconds}'),
            ("RateLimit", f'"{self.name}";r={self.left};t={self.reset}'),
        ]

    def refusal(self, of_what: str = "requests") -> TooMany:
        words = f"Too many {of_what}; please try again in {in_words(self.reset)}"
        return TooMany(words, retry_after=self.reset, standing=self)


def in_words(seconds: int) -> str:
    if seconds < 120:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes"
