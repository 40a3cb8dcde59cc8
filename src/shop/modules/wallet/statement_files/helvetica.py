"""The two fonts of a statement, which every reader of PDF has: how wide their characters are, and how to write with those
that they have (WinAnsi, which Python calls cp1252) what needs others.

Widths are those of Adobe's font metrics, in thousandths of the font's size, by byte.
"""

import unicodedata
from typing import Final

_CONTROLS: Final = (0,) * 32
REGULAR: Final = (
    *_CONTROLS,
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, 350,
    556, 350, 222, 556, 333, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350, 611, 350,
    350, 222, 222, 333, 333, 350, 556, 1000, 333, 1000, 500, 333, 944, 350, 500, 667,
    278, 333, 556, 556, 556, 556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 556, 537, 278, 333, 333, 365, 556, 834, 834, 834, 611,
    667, 667, 667, 667, 667, 667, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611,
    556, 556, 556, 556, 556, 556, 889, 500, 556, 556, 556, 556, 278, 278, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 584, 611, 556, 556, 556, 556, 500, 556, 500,
)  # fmt: skip
BOLD: Final = (
    *_CONTROLS,
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584, 350,
    556, 350, 278, 556, 500, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350, 611, 350,
    350, 278, 278, 500, 500, 350, 556, 1000, 333, 1000, 556, 333, 944, 350, 500, 667,
    278, 333, 556, 556, 556, 556, 280, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 611, 556, 278, 333, 333, 365, 556, 834, 834, 834, 611,
    722, 722, 722, 722, 722, 722, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611,
    556, 556, 556, 556, 556, 556, 889, 556, 556, 556, 556, 556, 278, 278, 278, 278,
    611, 611, 611, 611, 611, 611, 611, 584, 611, 611, 611, 611, 611, 556, 611, 556,
)  # fmt: skip
Widths = tuple[int, ...]

UNKNOWN: Final = "?"
_ELLIPSIS: Final = "…".encode("cp1252")
# Letters that don't decompose into one of these fonts' and a mark. Cyrillic as passports write it (ICAO 9303), Greek as
# ELOT 743 does, letter by letter.
_ROMANIZED: Final = (
    "ł=l đ=d ħ=h ı=i ŋ=ng ŧ=t ĸ=k ə=e ß=ss"
    " а=a б=b в=v г=g ґ=g д=d е=e ё=e є=ie ж=zh з=z и=i і=i ї=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ў=u ф=f х=kh"
    " ц=ts ч=ch ш=sh щ=shch ъ=ie ы=y ь= э=e ю=iu я=ia ђ=d ј=j љ=lj њ=nj ћ=c џ=dz ѓ=g ќ=k ѕ=dz"
    " α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=y φ=f χ=ch ψ=ps ω=o"
)
_LETTERS: Final = dict(pair.split("=") for pair in _ROMANIZED.split(" "))


def encoded(text: str) -> bytes:
    """In the fonts' characters: a letter that they lack as the nearest one that they have, or in Latin letters; what has no
    likeness is a question mark."""
    try:
        return text.encode("cp1252")
    except UnicodeEncodeError:
        return "".join(map(_nearest, unicodedata.normalize("NFC", text))).encode("cp1252")


def is_readable(text: str) -> bool:
    """Whether all of it can be told in the fonts' characters."""
    return encoded(text).count(UNKNOWN.encode()) == text.count(UNKNOWN)


def _nearest(character: str) -> str:
    if _has(character):
        return character
    for known in (character, *_base(character)):
        if known.lower() in _LETTERS:
            letters = _LETTERS[known.lower()]
            return letters if known.islower() else letters.capitalize()
    plain = _base(character)
    return plain if plain and _has(plain) else UNKNOWN


def _base(character: str) -> str:
    """Without its marks; empty where nothing is left."""
    return "".join(each for each in unicodedata.normalize("NFKD", character) if not unicodedata.combining(each))


def _has(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def width(text: bytes, widths: Widths) -> int:
    """Thousandths of the font's size."""
    return sum(map(widths.__getitem__, text))


def shortened(text: bytes, widths: Widths, most: float) -> bytes:
    """At most so many thousandths wide, its end replaced by an ellipsis where it is longer."""
    if len(text) * 1015 <= most or width(text, widths) <= most:
        return text
    left = most - widths[_ELLIPSIS[0]]
    for place, byte in enumerate(text):
        left -= widths[byte]
        if left < 0:
            return text[:place].rstrip() + _ELLIPSIS
    return text
