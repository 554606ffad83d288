"""A web page with a table, which browsers show while they receive it."""

import base64
import hashlib
from collections.abc import Generator, Iterable, Sequence

from django.conf import settings
from django.utils.formats import number_format
from django.utils.html import escape
from django.utils.translation import get_language, get_language_bidi, ngettext

from streamreports.escaping import REPLACEMENT, replace_unencodable
from streamreports.formats.base import Format, OutputColumn, Rows
from streamreports.padding import PADDING
from streamreports.values import TextOptions

STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; }
figure { display: flex; flex-direction: column; box-sizing: border-box; max-block-size: 100vh;
  max-block-size: 100dvh; margin: 0; padding: 1rem; }
figure > div { overflow: auto; }
table { inline-size: max-content; border-collapse: separate; border-spacing: 0; }
caption { text-align: start; }
h1 { margin: 0; font-size: 1.5rem; }
h1 > span { -webkit-user-select: none; user-select: none; }
th, td { max-inline-size: 40ch; padding: 0.25rem 0.75rem; border-block-end: 1px solid GrayText;
  text-align: start; vertical-align: top; overflow-wrap: break-word; unicode-bidi: plaintext; }
th { position: sticky; inset-block-start: 0; background: Canvas; }
td { white-space: pre-wrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
figcaption { padding-block-start: 0.5rem; font-weight: bold; }
@media print { figure { max-block-size: none; } figure > div { overflow: visible; } }
"""

# The Content Security Policy of a page, without its own styles. Pages need no scripts or resources.
POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'"

SEPARATOR = "\0"  # No cell contains it.


class HtmlFormat(Format):
    """Write a web page with a table, which browsers show while they receive it.

    The page ends with the number of rows and the word "complete", so a truncated page lacks both.
    It is in the active language. It is one file, and its Content Security Policy forbids scripts
    and external resources, even after it has been saved.

    All text is escaped, even if it is marked safe, except the cells of ``Column(safe=True)``. NUL
    becomes U+FFFD.

    ``style``: the style sheet.
    """

    name = "html"
    extension = "html"
    content_type = "text/html"
    is_page = True

    style: str = STYLE

    def get_content_type(self) -> str:
        """Return the media type, with the encoding."""
        return f"{self.content_type}; charset=utf-8"

    def get_headers(self) -> dict[str, str]:
        """Return the security headers of the page."""
        return {
            "Content-Security-Policy": f"{self.get_policy()}; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
        }

    def get_policy(self) -> str:
        """Return the Content Security Policy, with the directives allowed in a ``meta`` element."""
        digest = hashlib.sha256(self.style.encode()).digest()
        return f"{POLICY}; style-src 'sha256-{base64.b64encode(digest).decode()}'"

    @property
    def options(self) -> TextOptions:
        """Return the options for printing values as text; formulas are not escaped in HTML."""
        return TextOptions(escape_formulas=False)

    def encode(
        self, columns: Sequence[OutputColumn], batches: Iterable[Rows]
    ) -> Generator[bytes, None, None]:
        """Yield the start of the page with the table header, each batch of rows, and the end."""
        yield self._start(columns).encode()
        row = "".join(map(cell_template, columns))
        template, count = f"<tr>{row}</tr>\n", 0
        for rows in batches:
            count += len(rows)
            values = map(markup, columns, zip(*rows, strict=True))
            yield "".join(map(template.__mod__, zip(*values, strict=True))).encode()
        yield self._end(count).encode()

    def _start(self, columns: Sequence[OutputColumn]) -> str:
        """Return the start of the page, up to the table header."""
        title = escape(replace_unencodable(str(self.title)))
        header = "".join(map(header_cell, columns))
        return f"""\
<!doctype html>
<html lang="{get_language() or settings.LANGUAGE_CODE}" dir="{direction()}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{self.get_policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{self.style}</style>
</head>
<body>
<main>
<figure>
<div role="region" tabindex="0" aria-labelledby="title">
<table>
<caption><h1 id="title">{PADDING}{title}</h1></caption>
<thead>
<tr>{header}</tr>
</thead>
<tbody>
"""

    def _end(self, count: int) -> str:
        """Return the end of the page, after the last row."""
        complete = ngettext("%(number)s row, complete", "%(number)s rows, complete", count)
        number = number_format(count, force_grouping=True)
        return f"""\
</tbody>
</table>
</div>
<figcaption>{escape(complete % {"number": number})}</figcaption>
</figure>
</main>
</body>
</html>
"""


def direction() -> str:
    """Return the text direction of the active language."""
    return "rtl" if get_language_bidi() else "ltr"


def header_cell(column: OutputColumn) -> str:
    """Return the header of a column."""
    return f'<th scope="col"{css_class(column)}>{escape(column.label)}</th>'


def cell_template(column: OutputColumn) -> str:
    """Return the template of a column's cells, with a placeholder for the content."""
    return f"<td{css_class(column)}>%s</td>"


def css_class(column: OutputColumn) -> str:
    """Return the class attribute that aligns numbers."""
    return ' class="number"' if column.is_number else ""


def markup(column: OutputColumn, texts: Sequence[str]) -> Sequence[str]:
    """Return the cells of a column as HTML.

    Escaping them as one joined text takes less than half the time of escaping each one.
    """
    joined = SEPARATOR.join(texts)
    if joined.count(SEPARATOR) >= len(texts):
        joined = SEPARATOR.join(text.replace(SEPARATOR, REPLACEMENT) for text in texts)
    if not column.safe:
        joined = joined.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        joined = joined.replace("\r", "&#13;")  # Browsers convert a carriage return to a line feed.
    return joined.split(SEPARATOR)
