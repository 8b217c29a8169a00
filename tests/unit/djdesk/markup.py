"""Read a rendered page as a browser would, as far as the tests need it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

# The elements of HTML that have no end tag and may occur in a page of ours.
VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


@dataclass(slots=True)
class Element:
    """One element: its name, attributes, the text inside it and the elements around it."""

    tag: str
    attributes: dict[str, str]
    ancestors: tuple["Element", ...]
    text: str = field(default="")

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")


class Page(HTMLParser):
    """All elements of a page; refuses one whose tags do not nest."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(source)
        self.close()
        assert not self._open, f"never closed: {[element.tag for element in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        attributes = {name: value or "" for name, value in attrs}
        element = Element(tag, attributes, tuple(self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def one(self, tag: str) -> Element:
        [element] = self.all(tag)
        return element

    def ids(self) -> list[str]:
        return [element.get("id") for element in self.elements if "id" in element.attributes]

    def texts(self, tag: str) -> list[str]:
        return [" ".join(element.text.split()) for element in self.all(tag)]
