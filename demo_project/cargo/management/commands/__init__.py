"""Commands of the cargo app."""
