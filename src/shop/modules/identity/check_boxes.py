"""Lists of boxes on the forms of rights, one for each code: fields named `scope.orders.view`, `role.viewer`."""

from collections.abc import Mapping
from typing import Any


def boxes(what: str, offered: Mapping[str, str], form: Mapping[str, str]) -> list[dict[str, Any]]:
    """`offered`, in words, as the form was filled in; for `ui.check_list`."""
    return [
        {"name": f"{what}.{code}", "label": words, "text": code, "checked": f"{what}.{code}" in form}
        for code, words in offered.items()
    ]


def chosen(form: Mapping[str, str], what: str) -> list[str]:
    """The codes of the boxes that are ticked."""
    return sorted(name.removeprefix(f"{what}.") for name in form if name.startswith(f"{what}."))
