"""URLs of pages and files."""

from collections.abc import Iterable, Mapping, Sequence

from django.http import QueryDict
from django.utils.encoding import escape_uri_path
from django.utils.http import escape_leading_slashes

from streamreports.formats.base import Format


def address(path: str, query: QueryDict) -> str:
    """Return a URL of this site, given an unquoted path and a query string."""
    url = escape_leading_slashes(escape_uri_path(path))  # "//host" would be another site.
    return f"{url}?{query.urlencode(safe=',')}" if query else url


def file_links(
    path: str, query: QueryDict, format_param: str | None, formats: Iterable[type[Format]]
) -> Sequence[Mapping[str, str]]:
    """Return the ``name``, ``label`` and ``url`` of the file in each format."""
    links = []
    for each in formats:
        file_query = query.copy()
        if format_param:
            file_query[format_param] = each.name
        links.append(
            {"name": each.name, "label": each.get_label(), "url": address(path, file_query)}
        )
    return links
