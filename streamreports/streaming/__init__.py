"""Send the blocks of a report to a server."""
