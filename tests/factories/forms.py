"""Forms as a browser without JavaScript would send them: what the page filled in, and what somebody then changed."""

from typing import Any

import html5lib
import httpx


class Form:
    """The form with `action` on a page. `fields` are what its controls hold; unknown names can't be filled in."""

    def __init__(self, html: str, action: str) -> None:
        page = html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)
        found = [form for form in page.iter("form") if form.get("action") == action]
        assert found, f"no form leads to {action}"
        self.action = action
        self.names: set[str] = set()
        self.fields: dict[str, str] = {}
        for control in found[0].iter():
            if control.tag in {"input", "select", "textarea"} and control.get("name"):
                self._add(control)

    def _add(self, control: Any) -> None:
        name = control.get("name")
        self.names.add(name)
        if control.tag == "select":
            options = list(control.iter("option"))
            chosen = next((option for option in options if option.get("selected") is not None), options[0])
            self.fields[name] = chosen.get("value")
        elif control.tag == "textarea":
            self.fields[name] = (control.text or "").removeprefix("\n")
        elif control.get("type") not in {"radio", "checkbox"} or control.get("checked") is not None:
            self.fields[name] = control.get("value", "on" if control.get("type") == "checkbox" else "")

    async def send(self, client: httpx.AsyncClient, **changes: str | None) -> httpx.Response:
        """With `changes` by name, dots as `__`; None leaves a field out. `action` is the button's, if it has a name."""
        named = {name.replace("__", "."): value for name, value in changes.items()}
        unknown = set(named) - self.names - {"action"}
        assert not unknown, f"the form has no {unknown}"
        sent = {name: value for name, value in {**self.fields, **named}.items() if value is not None}
        return await client.post(self.action, data=sent)


def words(html: str) -> str:
    """What a reader sees of a page, in one line."""
    page = html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)
    return " ".join(" ".join(page.find("body").itertext()).split())
