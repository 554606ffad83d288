"""The query string of a report view."""

from collections.abc import Sequence
from functools import cached_property

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from streamreports.exceptions import InvalidParametersError
from streamreports.parameters import Parameters
from streamreports.problems import reject_parameters


class ParametersMixin:
    """The parameters of a report.

    ``parameters``: the names of the parameters that methods of the view read, such as
    ``get_queryset()``. Those of filters, columns, ordering and format need not be listed.
    ``strict_parameters``: whether a parameter that nothing reads is rejected.
    ``page_param``: the parameter of a page number, which has no effect on a file; None for none.
    """

    request: HttpRequest

    parameters: Sequence[str] | None = ()
    strict_parameters: bool = True
    page_param: str | None = "page"

    @cached_property
    def query_parameters(self) -> Parameters:
        """The parameters of the request, and the errors found in them."""
        return Parameters(self.request.GET)

    def validate_parameters(self) -> None:
        """Raise InvalidParametersError if a parameter is invalid, or if nothing reads it."""
        self.query_parameters.admit([*(self.parameters or ()), self.page_param])
        self.query_parameters.validate(strict=self.strict_parameters)

    def handle_invalid_parameters(self, error: InvalidParametersError) -> HttpResponseBase:
        """Return the response to a request with invalid parameters, or raise."""
        return reject_parameters(self.request, error.errors)
