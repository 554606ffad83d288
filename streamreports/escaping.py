"""Make text safe for files and spreadsheets."""

import re
from collections.abc import Iterable

UNPRINTABLE = re.compile("[\0\ud800-\udfff]")
REPLACEMENT = "\ufffd"

# The characters that start a formula in a spreadsheet, and their full-width forms.
# Source: OWASP, "CSV Injection".
FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
FORMULA_STARTS = frozenset("'=+-@\t\r\n＝＋－＠")


def is_encodable(text: str) -> bool:
    """Return True if text has no NUL and no lone surrogates."""
    try:
        text.encode()  # Faster than searching.
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def replace_unencodable(text: str) -> str:
    """Replace NUL and lone surrogates, which cannot be encoded, with U+FFFD."""
    return text if is_encodable(text) else UNPRINTABLE.sub(REPLACEMENT, text)


def escape_formula(text: str) -> str:
    """Replace what cannot be encoded, and escape a formula with an apostrophe.

    A formula after apostrophes gets one more, so that removing one restores any text. Source of the
    rule: OWASP, "CSV Injection".
    """
    (text,) = escape_formulas_in([replace_unencodable(text)])
    return text


def escape_formulas_in(texts: Iterable[str]) -> list[str]:
    """Return encodable texts with their formulas escaped."""
    return [
        "'" + text if text[:1] in FORMULA_STARTS and FORMULA.match(text) else text for text in texts
    ]


def is_escaped(text: str) -> bool:
    """Return True for a formula with an apostrophe in front, where formulas are escaped."""
    return text.startswith("'") and FORMULA.match(text, 1) is not None
