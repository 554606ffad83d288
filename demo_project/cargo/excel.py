"""CSV that the visitor's Excel reads."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.formats import iter_format_modules
from django.utils.translation.trans_real import parse_accept_lang_header

EXCEL_LOCALES = ["en", "de", "pt-br", "ja"]  # what the home page offers besides the visitor's


def visitor_locale(request: HttpRequest) -> str:
    """Return the first language of the visitor's browser that Django knows the numbers of.

    The active language is one of ``settings.LANGUAGES``; numbers need no translated pages.
    """
    for code, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if any(iter_format_modules(code)):
            return code
    return settings.LANGUAGE_CODE
