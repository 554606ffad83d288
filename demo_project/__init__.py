"""A small site that shows what streamreports does, and that the tests run against."""
