"""Read the rows of a queryset through its columns."""
