"""Render templates of Jinja2 piece by piece."""

from streamreports.rendering.context import make_context
from streamreports.rendering.engines import find_template
from streamreports.rendering.pieces import render

__all__ = ["find_template", "make_context", "render"]
