"""The site that the servers run."""
