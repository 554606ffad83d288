"""A column of a report."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import F, JSONField, QuerySet
from django.utils.functional import Promise
from django.utils.text import capfirst

from streamreports.exceptions import ColumnError
from streamreports.values import CellFormatter

NAME = re.compile(r"[\w-]+")


class Column:
    """Describe one column of a report.

    ``source``: a lookup path of the queryset's model or an annotation (``"carrier__name"``, to-many
    paths included), ``"get_<field>_display"``, the name of a property or method of the model, a
    query expression, or a callable that accepts the model instance. A path can continue after a
    property, a method, a generic foreign key or a file field (``"image__url"``). A property or
    method takes precedence over a reverse relation of the same name.

    ``label``: the header; by default the verbose names along the path, or ``short_description``.

    ``format``: a Python format specification (``"%d/%m/%Y"``, ``",.2f"``; it may be a lazy
    translation) or a callable that accepts the value. The value None always prints nothing.

    ``separator``: the text between the values of a to-many path or a list.

    ``escape_formulas``: whether to escape text that a spreadsheet would execute; None leaves it to
    the format of the file.

    ``name``: the key of the column in JSON and in URLs: letters, digits, ``_`` and ``-``. By
    default, the source or the name of the function; lambdas and most expressions have no name.

    ``batch``: instead of a source, a callable that accepts a list of model instances (a chunk) and
    returns a value for each. Use it for values from another service or database.

    ``filter`` and ``ordering``: the values of a to-many path to include, and their order, as in
    Django's aggregates: a ``Q`` object or another condition, and one or more names or expressions,
    relative to the queryset's model
    (``Column("lines__title", filter=Q(lines__status="shipped"), ordering="-lines__quantity")``). By
    default, and between equal values, the order is ``Meta.ordering`` of each related model, then
    its primary key. Null values are left out.

    ``permission``: the permission required to see the column, such as ``"cargo.view_price"``. The
    column is left out for other users.

    ``safe``: if True, ``HtmlFormat`` does not escape the values and the separator. Every value must
    then be safe and complete HTML, whatever the user input: use ``format_html()`` in a callable.
    Other formats contain the markup as text.

    A subclass sets ``label``, ``format``, ``separator``, ``escape_formulas``, ``permission`` and
    ``safe`` as class attributes, or overrides ``get_label()`` and ``format_value()``.
    """

    label: str | Promise | None = None
    format: str | Promise | Callable[[Any], object] | None = None
    separator: str = ", "
    escape_formulas: bool | None = None
    permission: str | None = None
    safe: bool = False

    def __init__(
        self,
        source: Any = None,
        label: str | Promise | None = None,
        *,
        format: str | Promise | Callable[[Any], object] | None = None,
        separator: str | None = None,
        escape_formulas: bool | None = None,
        name: str | None = None,
        batch: Callable[[list[Any]], Sequence[object]] | None = None,
        filter: Any = None,
        ordering: Any = (),
        permission: str | None = None,
        safe: bool | None = None,
    ) -> None:
        self.source = source
        self.name = name
        self.batch = batch
        self.filter = filter
        self.ordering = ordering if isinstance(ordering, (list, tuple)) else (ordering,)
        if label is not None:
            self.label = label
        if format is not None:
            self.format = format
        if separator is not None:
            self.separator = separator
        if escape_formulas is not None:
            self.escape_formulas = escape_formulas
        if permission is not None:
            self.permission = permission
        if safe is not None:
            self.safe = safe

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.described}>"

    @property
    def described(self) -> str:
        """Return the column's name for error messages; the repr of a queryset would evaluate it."""
        if self.name is not None:
            return repr(self.name)
        if self.source is None and self.batch is not None:
            return f"'{getattr(self.batch, '__name__', self.batch)}'"
        if isinstance(self.source, QuerySet):
            return f"a queryset of {self.source.model.__name__}"
        if isinstance(self.source, str):
            return repr(self.source)
        return f"'{getattr(self.source, '__name__', self.source)}'"

    @property
    def key(self) -> str:
        """Return the name, or a default derived from the source; empty if there is none."""
        if self.name is not None:
            return self.name
        source = self.batch if self.source is None else self.source
        if type(source) is F:
            default = source.name  # type: ignore[attr-defined]
        elif isinstance(source, str):
            default = source
        elif hasattr(source, "resolve_expression"):
            default = alias_of(source)
        else:
            default = getattr(source, "__name__", "")
        return default if NAME.fullmatch(default) else ""

    def get_label(self, default: str) -> str:
        """Return the header: the label, or a default derived from verbose names or the source.

        ``default`` is empty for a source without a name.

        Raises ColumnError if there is neither.
        """
        if self.label is not None:
            return str(self.label)
        if not default:
            raise ColumnError(
                f"{self.described} has no label.", 'Give it one: Column(..., label="...").'
            )
        return capfirst(default)

    def format_value(self, value: Any) -> object:
        """Return the value to print for a value that is not None.

        The result is printed like any value of its class. A format specification that does not fit
        the value leaves it unchanged.
        """
        if callable(self.format):
            return self.format(value)
        try:
            return value if self.format is None else format(value, str(self.format))
        except (TypeError, ValueError, OverflowError):
            return value

    def create_formatter(self, field: Any = None) -> CellFormatter:
        """Return the formatter for values of a field, or of any class.

        Raises ColumnError if ``format`` or ``separator`` is of the wrong type.
        """
        given = str(self.format) if isinstance(self.format, Promise) else self.format
        if not (given is None or isinstance(given, str) or callable(given)):
            raise ColumnError(
                f"The format of {self.described} is {given!r}.",
                "Give a format specification, such as ',.2f', or a callable.",
            )
        if not isinstance(self.separator, (str, Promise)):
            raise ColumnError(
                f"The separator of {self.described} is {self.separator!r}.", "Give a string."
            )
        overridden = type(self).format_value is not Column.format_value
        return CellFormatter(
            format=self.format_value if overridden else given,
            separator=str(self.separator),
            lists_as_json=isinstance(field, JSONField),
            escape_formulas=self.escape_formulas,
        )


def alias_of(expression: Any) -> str:
    """Return the alias of an expression in a query; empty if it has none."""
    try:
        return str(expression.default_alias)
    except (AttributeError, TypeError):
        return ""
