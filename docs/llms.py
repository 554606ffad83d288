"""Write the whole manual as one text file, llms.txt, beside its HTML.

The pages are in the order of the toctrees, as Markdown. Lists of pages are left out, and files
that a page includes are put in.
"""

import re
from pathlib import Path

TOCTREE = re.compile(r"^```\{toctree\}\n.*?^```\n+", re.DOTALL | re.MULTILINE)
INCLUDE = re.compile(r"^```\{include\} (.+)\n(?::.+\n)*```$", re.MULTILINE)


def setup(app):
    """Register the extension."""
    app.connect("build-finished", write)
    return {"parallel_read_safe": True}


def write(app, exception):
    """Write llms.txt after a build of HTML."""
    if exception is None and app.builder.format == "html":
        texts = [text_of(Path(app.env.doc2path(name))) for name in pages(app.env)]
        Path(app.outdir, "llms.txt").write_text("\n".join(texts), encoding="utf-8")


def pages(env, name=None):
    """Yield the names of all pages, each before those that its toctrees name."""
    name = name or env.config.root_doc
    yield name
    for below in env.toctree_includes.get(name, []):
        yield from pages(env, below)


def text_of(page):
    """Return a page as Markdown that stands alone."""
    text = TOCTREE.sub("", page.read_text(encoding="utf-8"))
    return INCLUDE.sub(lambda found: (page.parent / found[1]).read_text(encoding="utf-8"), text)
