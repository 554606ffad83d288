"""What the tests of pages share."""

import pytest


@pytest.fixture(autouse=True)
def own_templates(settings):
    """Leave out the templates of the demo, so that those of the package are rendered."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]
