"""Cells that a spreadsheet would take for formulas are text: an apostrophe goes before them (OWASP, CSV injection).

What begins with apostrophes before such a sign gets one more, so that taking one off is exact.
"""

import re
from typing import Final

_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED: Final = re.compile(r"'+[=+\-@\t\r]")


def escaped(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unescaped(cell: str) -> str:
    """What `escaped` made of it; other cells stay as they are."""
    return cell[1:] if _ESCAPED.match(cell) else cell
