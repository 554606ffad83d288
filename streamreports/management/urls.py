"""Find the view of a path or of the name of a URL pattern."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.conf.urls.i18n import is_language_prefix_patterns_used
from django.core.management.base import CommandError
from django.urls import (
    NoReverseMatch,
    Resolver404,
    ResolverMatch,
    get_script_prefix,
    resolve,
    reverse,
)
from django.utils import translation
from django.utils.translation import gettext as _

from streamreports.discovery import view_urls


@dataclass(frozen=True)
class Target:
    """The target of a request.

    ``path``: without the script prefix, decoded. ``query``: the query string. ``host`` and
    ``scheme``: those of an address; by default the first of ALLOWED_HOSTS, and http.
    """

    path: str
    query: str
    host: str
    scheme: str

    @property
    def locale(self) -> str | None:
        """The language in the path, as LocaleMiddleware finds it; None without i18n_patterns()."""
        has_prefix, _is_shown = is_language_prefix_patterns_used(settings.ROOT_URLCONF)
        return translation.get_language_from_path(self.path) if has_prefix else None

    def resolve(self) -> ResolverMatch:
        """Return the view of the path; raise CommandError if there is none."""
        try:
            return resolve(self.path)
        except Resolver404:
            paths = [url.path for url in view_urls()]
            full_path = get_script_prefix() + self.path[1:]
            raise CommandError(
                _("No URL matches %(path)s. %(cure)s")
                % {"path": full_path, "cure": suggestion(full_path, paths)}
            ) from None


@contextmanager
def in_locale(locale: str | None) -> Iterator[None]:
    """Activate a language; None changes nothing. Raise CommandError for one not in LANGUAGES."""
    if locale is None:
        yield
        return
    try:
        language = translation.get_supported_language_variant(translation.to_language(locale))
    except LookupError:
        message = _("%(locale)s is not in LANGUAGES.") % {"locale": locale}
        raise CommandError(message, returncode=2) from None
    with translation.override(language):
        yield


def find_target(report: str) -> Target:
    """Return the target of a path, a full URL or the name of a URL, with an optional query string.

    Raises CommandError for an unknown name, and for one of a URL that needs arguments.
    """
    if report.startswith(("/", "http://", "https://")):
        parts = urlsplit(report)
    else:
        name, _mark, query = report.partition("?")
        parts = urlsplit(path_of(name))._replace(query=query)
    path, prefix = unquote(parts.path), get_script_prefix()
    if path.startswith(prefix):
        path = f"/{path.removeprefix(prefix)}"
    return Target(path or "/", parts.query, parts.netloc or default_host(), parts.scheme or "http")


def path_of(name: str) -> str:
    """Return the path of a named URL; raise CommandError if it is unknown or needs arguments."""
    try:
        return reverse(name)
    except NoReverseMatch:
        urls = list(view_urls())
    for url in urls:
        if url.name == name:
            raise CommandError(
                _("The URL %(name)s needs arguments. Use its path instead: %(path)s")
                % {"name": name, "path": url.path}
            )
    raise CommandError(
        _("No URL is called %(name)s. %(cure)s")
        % {"name": name, "cure": suggestion(name, [url.name for url in urls])}
    )


def suggestion(given: str, choices: list[str]) -> str:
    """Return a suggestion for a misspelled choice, or where the choices are listed."""
    for meant in get_close_matches(given, filter(None, choices), n=1):
        return _("Did you mean %(meant)s?") % {"meant": meant}
    return _("manage.py listreports lists the reports.")


def default_host() -> str:
    """Return a host that ALLOWED_HOSTS allows."""
    for host in settings.ALLOWED_HOSTS:
        if "*" not in host:
            return str(host).removeprefix(".")
    return "localhost"
