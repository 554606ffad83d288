"""Validate the query string of a request: only declared columns, orderings and formats."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from difflib import get_close_matches

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from streamreports.exceptions import InvalidParametersError

MAX_ECHOED = 100  # characters of a value that an error message contains
SIMILAR = 0.7  # the minimum difflib ratio for a suggestion


class Parameters:
    """The parameters of a request, with their errors.

    ``query``: the query string without blank values, which are treated as missing. ``errors``: the
    messages by parameter. A parameter is known once it has been read or admitted.
    """

    query: QueryDict
    errors: defaultdict[str, list[str]]

    def __init__(self, query: QueryDict) -> None:
        self.query = without_blanks(query)
        self.errors = defaultdict(list)
        self._known: set[str] = set()

    def values(self, name: str | None) -> list[str]:
        """Return the non-blank values of a parameter; empty if the name is None."""
        if name is None:
            return []
        self._known.add(name)
        return self.query.getlist(name)

    def admit(self, names: Iterable[str | None], *, once: bool = False) -> None:
        """Mark parameters as known; ``once``: each may have only one value."""
        for name in filter(None, names):
            if once and len(self.values(name)) > 1:
                self.add_error(name, _("This parameter may be given only once."))
            self._known.add(name)

    def choice(self, name: str | None, choices: Sequence[str]) -> str | None:
        """Return the value of a parameter with choices; None if it is missing."""
        self.admit([name], once=True)
        for value in self.values(name)[:1]:
            if value in choices:
                return value
            self.add_error(name, unknown(value, choices))
        return None

    def names(
        self,
        name: str | None,
        choices: Sequence[str],
        *,
        forbidden: Container[str],
        refusal: str,
    ) -> list[str]:
        """Return the names in a parameter, separated by commas or as repeated parameters.

        An error is added if a name is not among the choices or is repeated; if there are no
        choices, the error is ``refusal``. Raises PermissionDenied for a forbidden name.
        """
        items = [item.strip() for value in self.values(name) for item in value.split(",")]
        for item, count in Counter(filter(None, items)).items():
            if item in forbidden:
                name = item.removeprefix("-")
                raise PermissionDenied(f"The user may not see the column {name!r}.")
            if item not in choices:
                self.add_error(name, unknown(item, choices) if choices else refusal)
            elif count > 1:
                self.add_error(name, _("“%(name)s” is given more than once.") % {"name": item})
        return [item for item in items if item in choices]

    def add_error(self, name: str | None, message: str) -> None:
        """Add an error to a parameter, or to several (``NON_FIELD_ERRORS``)."""
        messages = self.errors[shortened(name or NON_FIELD_ERRORS)]
        if message not in messages:
            messages.append(message)

    def add_validation_error(self, error: ValidationError) -> None:
        """Add the messages of Django's ValidationError."""
        by_name: Mapping[str, list[str]] = {NON_FIELD_ERRORS: error.messages}
        if hasattr(error, "error_dict"):
            by_name = error.message_dict
        for name, messages in by_name.items():
            for message in messages:
                self.add_error(name, str(message))

    def validate(self, *, strict: bool = True) -> None:
        """Raise InvalidParametersError if there are errors.

        ``strict``: whether unknown parameters are errors.
        """
        for name, values in self.query.lists():
            if strict and name not in self._known:
                self.add_error(name, unknown_parameter(name, self._known))
            elif any("\0" in value for value in values):
                self.add_error(name, _("Null characters are not allowed."))
        if self.errors:
            raise InvalidParametersError(self.errors)


def without_blanks(query: QueryDict) -> QueryDict:
    """Return a query string without empty and whitespace values."""
    kept = QueryDict(mutable=True)
    for name, values in query.lists():
        if present := [value for value in values if value.strip()]:
            kept.setlist(name, present)
    return kept


def unknown_parameter(name: str, known: Iterable[str]) -> str:
    """Return the message for an unknown parameter."""
    names = {part: each for each in sorted(known) for part in (each.rpartition("__")[2], each)}
    longer = [each for each in names if each.startswith(f"{name}_")]
    for meant in longer[:1] or get_close_matches(name[:MAX_ECHOED], names, n=1, cutoff=SIMILAR):
        return _("Unknown parameter. Did you mean “%(meant)s”?") % {"meant": names[meant]}
    return _("Unknown parameter.")


def unknown(value: str, choices: Sequence[str]) -> str:
    """Return the message for a value that is not among the choices."""
    names = {"value": shortened(value), "choices": ", ".join(choices)}
    for meant in get_close_matches(value[:MAX_ECHOED], choices, n=1):
        return _("“%(value)s” is unknown. Did you mean “%(meant)s”?") % {**names, "meant": meant}
    return _("“%(value)s” is unknown. Choose from: %(choices)s.") % names


def shortened(text: str) -> str:
    """Return text, shortened for a message."""
    return text if len(text) <= MAX_ECHOED else text[: MAX_ECHOED - 1] + "…"
