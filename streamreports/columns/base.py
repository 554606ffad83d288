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
    query expression, or a callable that is given the model instance. A path may go on after a
    property, a method, a generic foreign key or a file field (``"image__url"``). A property or
    method wins over a reverse relation of the same name.

    ``label``: the header; by default the verbose names along the path, or ``short_description``.

    ``format``: a format specification in Python's sense (``"%d/%m/%Y"``, ``",.2f"``; it may be a
    lazy translation) or a callable that is given the value. None always prints nothing.

    ``separator``: the text between the values of a to-many path or a list.

    ``escape_formulas``: whether to escape text that a spreadsheet would execute; None leaves it to
    the format of the file.

    ``name``: letters, digits, ``_`` and ``-``: the key of the column in JSON and in URLs. By
    default the source, or the name of the function; lambdas and most expressions have none.

    ``batch``: instead of a source, a callable that is given a list of model instances (those of a
    chunk) and returns a value for each, for what another service or database knows.

    ``filter`` and ``ordering``: which values of a to-many path are listed, and in which order, as
    in Django's aggregates: a ``Q`` object or another condition, and one or more names or
    expressions, all seen from the queryset's model (``Column("lines__title",
    filter=Q(lines__status="shipped"), ordering="-lines__quantity")``). The default order, which
    also decides between equal values, is that of ``Meta.ordering`` of each related model, then its
    primary key. Null values are left out.

    ``permission``: the column is left out for users without it (``"cargo.view_price"``).

    ``safe``: ``HtmlFormat`` shows the values, and the separator, as HTML instead of escaping them.
    Every value must then be safe and complete HTML, whatever users typed: make it with
    ``format_html()`` in a callable. Other formats contain the markup as text.

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
        """Return the column's name for messages; the repr of a queryset would run it."""
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
        """Return the name, or the default made of the source; empty if the column has none."""
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
        """Return the header: the label, or a default made of verbose names or of the source.

        ``default`` is empty for a source that has no name.
        """
        if self.label is not None:
            return str(self.label)
        if not default:
            raise ColumnError(
                f"{self.described} has no label.", 'Give it one: Column(..., label="...").'
            )
        return capfirst(default)

    def format_value(self, value: Any) -> object:
        """Return what is printed for a value, which is never None.

        The result prints like any value of its class. A format specification that does not fit
        the value leaves it as it is.
        """
        if callable(self.format):
            return self.format(value)
        try:
            return value if self.format is None else format(value, str(self.format))
        except (TypeError, ValueError, OverflowError):
            return value

    def create_formatter(self, field: Any = None) -> CellFormatter:
        """Return the formatter for values of a field, or for values of any class."""
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
    """Return the name that a query gives to an expression; empty if it gives none."""
    try:
        return str(expression.default_alias)
    except (AttributeError, TypeError):
        return ""
