"""Columns of a report."""

from streamreports.columns.base import Column

__all__ = ["Column"]
