"""The query string of a report view."""

from collections.abc import Sequence
from functools import cached_property

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from streamreports.exceptions import InvalidParametersError
from streamreports.parameters import Parameters
from streamreports.problems import reject_parameters


class ParametersMixin:
    """Validate the query parameters of a report.

    ``parameters``: the names of the parameters that your own methods read, such as
    ``get_queryset()``. Parameters of filters, columns, ordering and format do not have to be
    listed.
    ``strict_parameters``: whether unknown parameters are rejected.
    ``page_param``: the parameter for a page number, which is ignored; None for no such parameter.
    """

    request: HttpRequest

    parameters: Sequence[str] | None = ()
    strict_parameters: bool = True
    page_param: str | None = "page"

    @cached_property
    def query_parameters(self) -> Parameters:
        """The parameters of the request, with their errors."""
        return Parameters(self.request.GET)

    def validate_parameters(self) -> None:
        """Raise InvalidParametersError if a parameter is unknown or invalid."""
        self.query_parameters.admit([*(self.parameters or ()), self.page_param])
        self.query_parameters.validate(strict=self.strict_parameters)

    def handle_invalid_parameters(self, error: InvalidParametersError) -> HttpResponseBase:
        """Return the response to a request with invalid parameters, or raise an exception."""
        return reject_parameters(self.request, error.errors)
