"""Sphinx's configuration of the manual."""

import logging
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from streamreports import __version__  # noqa: E402

project = "streamreports"
project_copyright = "the streamreports contributors"
release = version = __version__

extensions = ["myst_parser", "llms"]
exclude_patterns = ["_build"]
nitpicky = True

myst_heading_anchors = 4  # GitHub's anchors, so that links work there and here.

# For `python -m sphinx -b linkcheck docs docs/_build/linkcheck`, which needs the network.
linkcheck_timeout = 20  # seconds
linkcheck_retries = 3

html_theme = "furo"
html_title = f"streamreports {release}"
html_copy_source = False
html_show_sphinx = False

# The last pattern of a toctree is for pages that it does not name: usually there are none.
logging.getLogger("sphinx.sphinx.directives.other").addFilter(
    lambda record: getattr(record, "subtype", None) != "empty_glob"
)
