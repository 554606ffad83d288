"""Management commands and their building blocks."""
