"""Passwords that breaches have made known: whoever guesses tries these first. Asked without any network.

The list beside this file holds 48 bits of a hash of each, in capitals or not; `breached_passwords.txt` tells its sources and
licences. It is made anew by

    python -m shop.modules.identity.breached_passwords LIST...        # text files, a password a line
"""

import gzip
import hashlib
import sys
import unicodedata
from array import array
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Final

SHORTEST: Final = 8
"""Shorter ones are refused anyway."""
LIST: Final = Path(__file__).with_name("breached_passwords.bin")
BUCKETS: Final = 1 << 16
"""By the first two bytes of a hash. The file begins with how many there are in each, one byte a bucket; then come the four
bytes that follow, bucket by bucket in their order."""
KEPT_BYTES: Final = 4


def is_breached(password: str) -> bool:
    """One in 500 million other passwords is taken for one of them. Takes microseconds, once the list has been read."""
    starts, rest = _buckets()
    digest = _digest(password)
    bucket = int.from_bytes(digest[:2])
    ends = (at * KEPT_BYTES for at in range(starts[bucket] + 1, starts[bucket + 1] + 1))
    return any(rest[end - KEPT_BYTES : end] == digest[2:] for end in ends)


@lru_cache(maxsize=1)
def _buckets() -> tuple["array[int]", bytes]:
    """Where each bucket begins, and what follows the first two bytes of each hash."""
    content = LIST.read_bytes()
    return array("I", accumulate(content[:BUCKETS], initial=0)), content[BUCKETS:]


def encoded(passwords: Iterable[str]) -> bytes:
    """The list as a file."""
    digests = sorted({_digest(each) for each in passwords if len(each) >= SHORTEST})
    counts = [0] * BUCKETS
    for digest in digests:
        counts[int.from_bytes(digest[:2])] += 1
    return bytes(counts) + b"".join(digest[2:] for digest in digests)


def _digest(password: str) -> bytes:
    """No secret is kept by it: the list is public."""
    plain = unicodedata.normalize("NFKC", password).lower().encode("utf-8", "surrogatepass")
    return hashlib.sha256(plain).digest()[: 2 + KEPT_BYTES]


def _lines(paths: Iterable[str]) -> Iterable[str]:
    for path in paths:
        content = Path(path).read_bytes()
        yield from (gzip.decompress(content) if path.endswith(".gz") else content).decode().splitlines()


if __name__ == "__main__":
    LIST.write_bytes(encoded(_lines(sys.argv[1:])))
