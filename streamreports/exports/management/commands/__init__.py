"""The command of the exports."""
