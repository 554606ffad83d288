"""Run the commands in this process."""

from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command


def dump(*arguments, **options):
    """Return the bytes that dumpreport writes to standard output."""
    output = BytesIO()
    call_command("dumpreport", *arguments, stdout=output, stderr=StringIO(), **options)
    return output.getvalue()


def said(*arguments, **options):
    """Return what dumpreport says while it writes to standard output."""
    stderr = StringIO()
    call_command("dumpreport", *arguments, stdout=BytesIO(), stderr=stderr, **options)
    return stderr.getvalue()


def refusal(*arguments, status=1, **options):
    """Return the message of the error that dumpreport ends with."""
    with pytest.raises(CommandError) as raised:
        dump(*arguments, **options)
    assert raised.value.returncode == status
    return str(raised.value)
