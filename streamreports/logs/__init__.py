"""An app that records each report in a table: who downloaded what, and how it ended."""
