"""Runners of exports for the queues of other packages, for ``EXPORT_RUNNER``."""
