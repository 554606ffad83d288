"""The management commands, and what they are made of."""
