"""Write the manual as one small text file, llms.txt, beside its HTML.

It is for people who paste the manual into a tool, so it must fit into a prompt: it has what one
needs to write code, and no more. From the tutorial and the guides, these are the code and the
sentences that introduce them; from the reference, every name with its type, default and meaning.
What commands print, explanations, deployment, figures and the pages about the project are left
out: people read them in the HTML. There is no index of links as https://llmstxt.org has it, since
such a file helps only tools that can follow links, and no second file with everything, which
would be too large to paste.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

FENCE = re.compile(r"( *)```(\w+)\n(.*?)\n\1```", re.DOTALL)
OBJECT = re.compile(r"((?:Class|Function|Signal|Model) `streamreports[\w.]+)(?:\([^`]*\))?")
LINK = re.compile(r"\[([^]]+)\]\([^)]+\)")
SENTENCE = re.compile(r"(?<=[\w)`=>])\. (?=[A-Z`])")
MAX_BYTES = 100_000  # held by a test
PRINTED = {"console", "pycon"}  # what commands print
# Pages and classes for the few who extend internals: only names.
NAMED = {
    "backends", "CellFormatter", "ExportQuerySet", "FileSize", "JsonOptions", "PreviewCell",
    "PreviewColumn", "RepeatedQuery", "ReportLogQuerySet", "RowCount", "StreamOptions",
}  # fmt: skip
NO_DEFAULT = ("", "–", "required")
LEFT_OUT = {"checks"}  # Each message of a check says how to fix what it found.

HEAD = """# streamreports {release}

> A reusable Django app that streams querysets as CSV, JSON, Excel, HTML and Parquet files.

This text has the code of the tutorial and the guides, and the names in the reference. A name is
followed by its type, its default after "=", and its meaning. A meaning
is given once. Signatures leave out self and the type Any.
"""


def setup(app):
    """Register the extension."""
    app.connect("build-finished", write)
    return {"parallel_read_safe": True}


def write(app, exception):
    """Write llms.txt after a build of HTML."""
    if exception is None and app.builder.format == "html":
        text = manual(pages(app.env), lambda name: Path(app.env.doc2path(name)), app.config.release)
        Path(app.outdir, "llms.txt").write_text(text, encoding="utf-8")


def pages(env, name=None):
    """Yield the names of all pages, each before those that its toctrees name."""
    name = name or env.config.root_doc
    yield name
    for below in env.toctree_includes.get(name, []):
        yield from pages(env, below)


def manual(names: Iterable[str], path_of: Callable[[str], Path], release: str) -> str:
    """Return the text of the pages of these names that belong into it."""
    seen: set[str] = set()
    texts = [HEAD.format(release=release)]
    for name in names:
        folder, _, page = name.rpartition("/")
        source = path_of(name).read_text(encoding="utf-8")
        if name == "tutorial" or folder == "how-to":
            texts.append("\n".join(guide(source, seen)))
        elif folder == "reference" and page not in LEFT_OUT:
            texts.append("\n".join(reference(source, page, seen)))
    return "\n\n".join(texts) + "\n"


def pieces(source: str) -> Iterator[str]:
    """Yield the headings, paragraphs, tables and blocks of code of a page."""
    while source := source.strip("\n"):
        found = FENCE.match(source) or re.match(r".+(?:\n.+)*", source)
        yield found[0]
        source = source[found.end() :]


def guide(source: str, seen: set[str]) -> Iterator[str]:
    """Yield the code of a guide, with its title and its first paragraph.

    ``seen``: the blocks of other guides, which are left out.
    """
    heading, is_first = "", True
    for piece in pieces(source):
        if block := FENCE.fullmatch(piece):
            if block[2] not in PRINTED and block[3] not in seen:
                seen.add(block[3])
                yield from filter(None, [heading, compact(block)])
                heading = ""
        elif piece.startswith("# "):
            yield f"#{plain(piece)}"
        elif piece.startswith("#"):
            heading = f"#{plain(piece)}"
        elif is_first and not piece.startswith(("```", "|")):
            yield plain(piece)
            is_first = False


def compact(block: re.Match[str]) -> str:
    """Return a block of code without indentation and double blank lines."""
    lines = re.sub(rf"^{block[1]}", "", block[3], flags=re.MULTILINE)
    return f"```{block[2]}\n{re.sub(chr(10) + '{3,}', chr(10) * 2, lines)}\n```"


def reference(source: str, page: str, known: set[str]) -> Iterator[str]:
    """Yield the objects and tables of a page of the reference.

    ``known``: the lines of other tables, whose meanings are not repeated. A method that another
    class of the page has, and an attribute that it has with the same default, are left out, and so
    are the meanings of the fields of models.
    """
    heading, seen, name = "", set[str](), ""
    for piece in pieces(source):
        if piece.startswith("# "):
            yield f"#{plain(piece)}"
        elif piece.startswith("#"):
            heading = f"\n#{plain(piece)}"
        elif found := OBJECT.match(piece):
            name = found[1].rpartition(".")[2]
            # The parameters of a function or a class follow, with their types.
            text = OBJECT.sub(r"\1", plain(piece), count=1)
            yield f"\n{first_sentence(text).replace('`', '')}"
            heading = ""
        elif piece.startswith("|"):
            header, _, *rows = [cells(line) for line in piece.splitlines() if line[0] == "|"]
            yield from filter(None, [heading])
            heading = ""
            if {page, name} & NAMED or header[0] == "Field":
                yield f"- {header[0]}s: {', '.join(row[0].partition('(')[0] for row in rows)}"
                continue
            for row in rows:
                start, meaning = entry(dict(zip(header, row, strict=True)))
                line = f"{start}: {meaning}" if meaning else start
                if start not in seen:
                    yield start if line in known else line
                known.add(line)
                if header[0] in ("Attribute", "Method"):
                    seen.add(start)


def entry(row: dict[str, str]) -> tuple[str, str]:
    """Return the start of a line for a row of a table, and the meaning that follows."""
    name, *others = row.values()
    meaning = first_sentence(others.pop()) if others else ""
    if "Type" in row and "Default" in row:
        kind, default = row["Type"], row["Default"]
        return f"- {name} {kind}" + ("" if default in NO_DEFAULT else f" = {default}"), meaning
    return " | ".join([f"- {name}", *filter(None, others)]), meaning


def first_sentence(text: str) -> str:
    """Return a text up to its first full stop, or to the second after a mere unit."""
    first, *others = SENTENCE.split(text)
    if others and len(first.split()) == 1:
        first = f"{first}. {others[0]}"
    return first.rstrip(".")


def cells(line: str) -> list[str]:
    """Return the cells of a row without marks of code."""
    found = re.split(r"(?<!\\)\|", line.strip().strip("|"))
    return [plain(cell).replace("`", "").replace("\\|", "|") for cell in found]


def plain(text: str) -> str:
    """Return a text in one line, without the addresses of links."""
    return " ".join(LINK.sub(r"\1", text).split())
