"""Measure streamreports through real servers, beside what one would write by hand."""
