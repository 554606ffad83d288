"""Write a report of the URLconf to a file or to standard output."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from streamreports.discovery import view_attribute
from streamreports.management.blocks import one_line_errors, quiet_log, report_body
from streamreports.management.dumps import Dump
from streamreports.management.refusals import require_file
from streamreports.management.requests import (
    build_request,
    call_view,
    closing,
    find_user,
    format_of,
    key_and_value,
    parameter_name,
)
from streamreports.management.urls import Target, find_target, in_locale


class Command(BaseCommand):
    """Request a report, and write the file in the response."""

    requires_system_checks = []  # What is wrong with the report is raised when it is made.

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the URL, the output options, and the parameters of the request."""
        parser.description = _("Write a report to a file or to standard output.")
        parser.epilog = _(
            "The view is called with its decorators, as a GET request of the user. Middleware is"
            " not run; the session is empty."
        )
        parser.add_argument(
            "report",
            help=_(
                "The name of a URL, its path or its address, with a query string if needed."
                " listreports lists the reports."
            ),
        )
        result = parser.add_mutually_exclusive_group()
        result.add_argument(
            "-o",
            "--output",
            metavar="FILE",
            help=_("The file to write. It appears, or is replaced, when the report is complete."),
        )
        result.add_argument(
            "--explain",
            action="store_true",
            help=_("Print how the report is read, and its SQL, instead of writing it."),
        )
        parser.add_argument(
            "--user",
            metavar="NAME",
            help=_("The user who requests the report (default: an anonymous user)."),
        )
        parser.add_argument(
            "--param",
            metavar="KEY=VALUE",
            nargs="+",
            action="extend",
            default=[],
            help=_("Parameters of the request, such as filters."),
        )
        parser.add_argument(
            "--columns",
            metavar="NAME",
            nargs="+",
            action="extend",
            default=[],
            help=_("The columns to write, if the view offers a choice."),
        )
        parser.add_argument(
            "--format",
            help=_(
                "The name of one of the formats of the view (default: that of FILE's extension)."
            ),
        )
        parser.add_argument(
            "--locale", help=_("The language of the report (default: LANGUAGE_CODE).")
        )
        parser.add_argument(
            "--quiet", action="store_true", help=_("Print nothing but errors to standard error.")
        )

    def handle(self, *, report: str, locale: str | None, **options: Any) -> None:
        """Find the view, and dump or explain its report in the requested language."""
        with quiet_log(), in_locale(locale):
            target = find_target(report)
            with in_locale(target.locale):
                self._request(target, **options)

    def _request(
        self,
        target: Target,
        *,
        output: str | None,
        explain: bool,
        quiet: bool,
        user: str | None,
        **options: Any,
    ) -> None:
        """Request the report, and dump or explain it."""
        started = time.monotonic()
        match = target.resolve()
        parameters = self._parameters(match.func, **options)
        if output is not None:
            parameters += self._format_parameter(match.func, output, target.query, parameters)
        dump = Dump(
            path=None if output in (None, "-") else Path(str(output)),
            stdout=options.get("stdout") or sys.stdout,
            stderr=options.get("stderr") or sys.stderr,
            quiet=quiet,
        )
        with dump.errors():
            with one_line_errors(target.path):
                method = "HEAD" if explain else "GET"
                request = build_request(
                    target, match, parameters, user=find_user(user), method=method
                )
                response = call_view(match, request)
            with closing(response):
                require_file(response, request.get_full_path(), user)
                if explain:
                    self._explain(response, request.path)
                else:
                    dump.write(response, request.path, started)

    def _parameters(
        self,
        callback: Any,
        *,
        param: Sequence[str],
        columns: Sequence[str],
        format: str | None,
        **options: Any,
    ) -> list[tuple[str, str]]:
        """Return the parameters of the request, with the names used by the view."""
        parameters = [key_and_value(text) for text in param]
        if columns:
            parameters += [(parameter_name(callback, "columns"), name) for name in columns]
        if format is not None:
            parameters.append((parameter_name(callback, "format"), format))
        return parameters

    def _format_parameter(
        self, callback: Any, output: str, query: str, parameters: Sequence[tuple[str, str]]
    ) -> list[tuple[str, str]]:
        """Return the parameter for the format with the extension of the file, if none is set."""
        name = view_attribute(callback, "format_param", "format")
        format_name = format_of(callback, output)
        if format_name is None or name in {None, *QueryDict(query), *dict(parameters)}:
            return []
        return [(name, format_name)]

    def _explain(self, response: HttpResponseBase, path: str) -> None:
        """Print how a report is read, and the SQL that reads it."""
        body = report_body(response)
        if body is None:
            raise CommandError(
                _("The view does not return a report, so there is nothing to explain.")
            )
        stream = body.stream
        with one_line_errors(path):
            explanation = stream.report.explain(stream.format, analyze=True)
            sql = stream.report.sql(stream.format)
        self.stdout.write(f"{explanation}\n\n{sql}")
        self.stdout.flush()
