"""Render Jinja2 templates incrementally."""

from streamreports.rendering.context import make_context
from streamreports.rendering.engines import find_template
from streamreports.rendering.pieces import render

__all__ = ["find_template", "make_context", "render"]
