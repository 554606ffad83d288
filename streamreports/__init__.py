"""Reports streamed out of Django: a queryset and a list of columns become a file."""

__version__ = "0.1.0"
