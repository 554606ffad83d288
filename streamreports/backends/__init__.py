"""Everything that depends on the database, one package per vendor."""
