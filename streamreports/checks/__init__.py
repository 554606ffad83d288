"""System checks: report the errors in report views when the project starts."""

from streamreports.checks.logs import check_logs
from streamreports.checks.server import check_server
from streamreports.checks.views import check_report_views

__all__ = ["check_logs", "check_report_views", "check_server"]
