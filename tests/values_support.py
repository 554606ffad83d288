"""What the tests of this folder share."""

import datetime

from streamreports.values import CellFormatter, TextOptions

STYLE = TextOptions()


moment = datetime.datetime(2026, 11, 20, 12, 30, tzinfo=datetime.UTC)


def printed(value, style=STYLE, **options):
    return CellFormatter(**options).text(value, style)
