"""Files read back by programs that Python's packages do not bring: see .ci/run for theirs."""
