"""Convert HTML to text for a file."""

import html
from html.parser import HTMLParser
from typing import Any

# Elements after which browsers start a new line.
BLOCKS = {"dd", "div", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "li", "p", "pre", "td", "th", "tr"}
HIDDEN = {"script", "style", "template"}  # Elements that browsers do not show.


def plain_text(value: Any) -> Any:
    """Return HTML, such as a ``SafeString``, as text; return any other value unchanged."""
    if not hasattr(value, "__html__"):
        return value
    markup = str(value.__html__())
    return text_of(markup) if "<" in markup else html.unescape(markup)


def text_of(markup: str) -> str:
    """Return the text of HTML, without tags and entities, with a line for each block."""
    extractor = TextExtractor()
    try:
        extractor.feed(markup)
        extractor.close()
    except AssertionError:  # Older versions of Python raise it for invalid declarations.
        return markup
    lines = (line.strip() for line in "".join(extractor.parts).split("\n"))
    return "\n".join(filter(None, lines))


class TextExtractor(HTMLParser):
    """Collect the text of an HTML fragment in ``parts``."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Start a new line at <br>, and skip hidden elements."""
        if tag in HIDDEN:
            self._hidden = self._hidden or tag
        elif tag == "br":
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a line at the end of a block element."""
        if tag == self._hidden:
            self._hidden = ""
        elif tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Collect the text between tags."""
        if not self._hidden:
            self.parts.append(data)
