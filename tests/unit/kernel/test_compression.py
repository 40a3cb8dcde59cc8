"""Which encoding a client takes."""

import gzip

import brotli
import pytest

from shop.kernel.http.compression import best_encoding, compressed, compressed_once, encoded_headers, is_text


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        (b"gzip, deflate, br, zstd", "br"),
        (b"gzip, deflate", "gzip"),
        (b"GZIP", "gzip"),
        (b"*", "br"),
        (b"br;q=0, *", "gzip"),
        (b"br;q=0.5, gzip;q=0.9", "gzip"),
        (b"br; q=0.5 , gzip ; q = 0.2", "br"),
        (b"identity", None),
        (b"gzip;q=0", None),
        (b"gzip;q=nonsense", None),
        (b"deflate, zstd", None),
        (b"", None),
        (b"\xff\xfe;q=1,,;=", None),
    ],
)
def test_the_best_of_what_is_taken(accepted, expected):
    assert best_encoding(accepted) == expected


@pytest.mark.parametrize("squeeze", [compressed, compressed_once])
def test_both_encodings_come_back_as_they_were(squeeze):
    content = "Ein schöner Krug aus Ton. ".encode() * 200
    assert brotli.decompress(squeeze(content, "br")) == content
    assert gzip.decompress(squeeze(content, "gzip")) == content
    assert len(squeeze(content, "br")) < len(content) / 20


def test_the_same_content_compresses_to_the_same_bytes():
    """Else a stamp of the time in it would make every copy another one."""
    assert compressed(b"a" * 5000, "gzip") == compressed(b"a" * 5000, "gzip")


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        (b"text/html; charset=utf-8", True),
        (b"application/json", True),
        (b"application/problem+json", True),
        (b"image/svg+xml", True),
        (b"image/webp", False),
        (b"font/woff2", False),
        (b"application/octet-stream", False),
        (b"text/event-stream", False),
    ],
)
def test_only_text_is_worth_it(media_type, text):
    assert is_text(media_type) is text


def test_the_headers_tell_the_encoding_and_the_length_that_is_sent():
    headers = encoded_headers([(b"content-type", b"text/html"), (b"content-length", b"9000")], "br", 800)
    assert headers == [(b"content-type", b"text/html"), (b"content-encoding", b"br"), (b"content-length", b"800")]
