"""Export the changelists of the admin as reports."""

from streamreports.admin.options import ReportAdminMixin

__all__ = ["ReportAdminMixin"]
