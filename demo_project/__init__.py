"""A small site that demonstrates streamreports. The tests use its models."""
