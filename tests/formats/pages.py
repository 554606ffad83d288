"""Read the pages of HtmlFormat with a parser that follows the standard of HTML."""

import html5lib


class Page:
    """A page without errors of syntax; control characters are no such error."""

    def __init__(self, data):
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.root = parser.parse(data, transport_encoding="utf-8")
        errors = {error for _, error, _ in parser.errors} - ALLOWED
        assert not errors, errors
        self.table = self.root.find("body/main/figure/div/table")

    @property
    def title(self):
        return text_of(self.root.find("head/title"))

    @property
    def rows(self):
        """Return the texts of the table, the header first."""
        return [[text_of(cell) for cell in row] for row in self.table.iter("tr")]

    @property
    def end(self):
        """Return the caption, which is the end of the page."""
        return text_of(self.root.find("body/main/figure/figcaption"))


# The parser reads control characters, as browsers do, and reports them.
ALLOWED = {"invalid-codepoint", "illegal-codepoint-for-numeric-entity"}


def text_of(element):
    return "".join(element.itertext())
