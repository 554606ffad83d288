"""The interface of a backend, and its defaults."""
