"""The forms of a page, read as a browser reads them: where each is sent to, and what it would send."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

NEVER_SENT = ("submit", "button", "image", "reset")


@dataclass
class Form:
    """``fields`` are the names and what stands in them; ``action`` is a path, perhaps with a query."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self.open: Form | None = None
        self.select = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attributes}
        if tag == "form":
            action = urldefrag(urljoin(self.path, told.get("action") or self.path)).url
            self.open = Form(action, told.get("method", "get").lower())
            self.forms.append(self.open)
        elif self.open is None:
            return
        elif tag in ("input", "textarea", "select", "button") and told.get("name"):
            if tag == "select":
                self.select = told["name"]
            if tag == "button" or told.get("type") in NEVER_SENT:
                return
            is_choice = told.get("type") in ("checkbox", "radio")
            self.open.fields.setdefault(told["name"], told.get("value", "on" if is_choice else ""))
        elif tag == "option" and self.select and told.get("value"):
            self.open.fields[self.select] = self.open.fields[self.select] or told["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "select":
            self.select = ""


def forms_of(path: str, page: str) -> Iterator[Form]:
    """All forms of a page that was opened at this path."""
    reader = _Reader(path)
    reader.feed(page)
    yield from reader.forms
