"""Runners of exports by the queues of other packages; ``EXPORT_RUNNER`` names one of them."""
