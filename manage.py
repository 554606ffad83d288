#!/usr/bin/env python
"""Run the commands of the demo project, ``demo`` first of all."""

import os
import sys


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo_project.settings")
    try:
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError as error:
        if error.name != "django":
            raise
        sys.exit(
            f"Django is not installed for {sys.executable}.\n"
            'Install the demo with: python -m pip install -e ".[demo]"'
        )
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
