"""Formats: how rows become bytes."""
