"""The archives that are published, and the wheel in an environment of its own."""
