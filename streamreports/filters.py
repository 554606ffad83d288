"""Filter a queryset by request parameters with django-filter's filter sets.

This module does not import django-filter: a project with a filter set has already imported it.
"""

from collections.abc import Callable, Container
from datetime import MAXYEAR, MINYEAR, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.http import QueryDict
from django.utils.translation import gettext as _

from streamreports.parameters import Parameters

MAX_DIGITS = 1000  # of a decimal, before or after the point


class RecordingQueryDict(QueryDict):
    """A query string that records which parameters were read, and which were read as lists.

    Reads of a copy are recorded as well. Reading all parameters at once is not recorded.
    """

    def __init__(self, query: QueryDict) -> None:
        super().__init__("", mutable=True)
        for name, values in query.lists():
            self.setlist(name, list(values))
        self.read: set[str] = set()
        self.read_as_lists: set[str] = set()

    def __copy__(self) -> "RecordingQueryDict":
        copied = RecordingQueryDict(self)
        copied.read, copied.read_as_lists = self.read, self.read_as_lists
        return copied

    def __deepcopy__(self, memo: Any) -> "RecordingQueryDict":
        return self.__copy__()

    def __contains__(self, name: object) -> bool:
        self.read.add(str(name))
        return super().__contains__(name)

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)

    def items(self) -> Any:
        """Return pairs of each name and its last value."""
        return QueryDict(self.urlencode()).items()

    def dict(self) -> Any:
        """Return a dictionary of each name's last value."""
        return dict(self.items())

    def getlist(self, name: str, default: Any = None) -> Any:
        """Return all values of a parameter."""
        self.read.add(name)
        self.read_as_lists.add(name)
        return super().getlist(name, default)


def parameters_of(form: BaseForm, field: str, query: QueryDict) -> RecordingQueryDict:
    """Return the parameters that the widget of a form's field reads in a query string."""
    recorder = RecordingQueryDict(query)
    form.fields[field].widget.value_from_datadict(recorder, {}, form.add_prefix(field))
    return recorder


def validate_filters(form: BaseForm, parameters: Parameters) -> None:
    """Admit the parameters that a filter set's form reads, and add its errors."""
    query = parameters.query
    for field in form.fields:
        recorder = parameters_of(form, field, query)
        parameters.admit(recorder.read & recorder.read_as_lists)
        parameters.admit(recorder.read - recorder.read_as_lists, once=True)
        given = [name for name in sorted(recorder.read) if parameters.values(name)]
        # The error of a range is assigned to the only parameter of the range that was given.
        name = given[0] if len(given) == 1 else form.add_prefix(field)
        for message in form.errors.get(field, ()):
            parameters.add_error(name, str(message))
        if not is_in_range(form.cleaned_data.get(field)):
            parameters.add_error(name, _("This value is out of range."))
    for message in form.errors.get(NON_FIELD_ERRORS, ()):
        parameters.add_error(None, str(message))


def is_in_range(value: Any) -> bool:
    """Return False for a value that databases reject, or whose digits would take gigabytes."""
    if isinstance(value, slice):  # a range
        return is_in_range([value.start, value.stop])
    if isinstance(value, (list, tuple)):
        return all(map(is_in_range, value))
    if isinstance(value, Decimal):
        return value.is_finite() and abs(value.adjusted()) < MAX_DIGITS
    if isinstance(value, datetime):
        # Conversion to the time zone of the database must not overflow.
        return MINYEAR < value.year < MAXYEAR
    return True


def hide_filters(
    filterset: Any, hidden: Container[str], is_permitted: Callable[[str], bool]
) -> None:
    """Remove filters that would reveal the values of columns that the user may not see.

    ``hidden``: contains the lookup paths of those columns. ``is_permitted``: returns False for the
    name of a filter to remove.
    """
    for name, each in list(filterset.filters.items()):
        if not is_permitted(name) or (each.field_name is not None and each.field_name in hidden):
            del filterset.filters[name]
        elif isinstance(fields := getattr(each, "param_map", None), dict):  # an OrderingFilter
            removed = {value for value, field in fields.items() if field in hidden}
            each.extra["choices"] = [
                choice
                for choice in each.extra["choices"]
                if choice[0].removeprefix("-") not in removed
            ]
