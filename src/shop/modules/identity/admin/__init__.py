"""Staff pages of identity, a file for each subject."""

from typing import Any, Final

ROUTES: Final[tuple[Any, ...]] = ()
