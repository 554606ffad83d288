"""Draw how the package is laid out, from its imports: python docs/structure.py.

The picture is docs/structure.svg. The script fails if an import points up, or to the same row.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "streamreports"
PICTURE = HERE / "structure.svg"

# The rows from the top, and the center of each box in the picture, in columns. A package or module
# imports only from rows below its own, also inside of functions. A new one gets a place here.
ROWS: list[dict[str, float]] = [
    {"exports": 0.6},
    {"apps": 2.5, "management": 1.5},
    {"checks": 2.5},
    {"pages": 2.5},
    {"admin": 0.2, "discovery": 1.6, "shortcuts": 4.4},
    {"views": 1.6, "test": 5.4},
    {"responses": 2.6, "logs": 5.4},
    {"streaming": 3.2, "conf": 5.4, "previews": 4.3},
    {"rendering": 1.9, "reports": 3.7},
    {"writing": 2.8},
    {"negotiation": 1, "reading": 2.8},
    {"formats": 1.9},
    {"filters": -0.1, "backends": 2, "columns": 3, "native": 4},
    {"parameters": -0.1, "gzip": 0.9, "values": 3},
]
GROUND = (  # what imports nothing of the package
    "background",
    "deflate",
    "escaping",
    "exceptions",
    "padding",
    "problems",
    "requests",
    "signals",
)

WIDTH, LEFT, COLUMN = 760, 70, 115  # of the picture, and of its columns
TOP, ROW = 30, 62
BOX_WIDTH, BOX_HEIGHT = 98, 28

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; text-anchor: middle }
rect { fill: #ddf4ff; stroke: #54aeff } .ground { fill: #f6f8fa; stroke: #8c959f }
line { stroke: #6e7781 } .head { fill: #6e7781 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  rect { fill: #0c2d6b; stroke: #388bfd } .ground { fill: #21262d; stroke: #6e7681 }
  line { stroke: #8b949e } .head { fill: #8b949e }
}
"""


def room_of(path: Path) -> str:
    """Return the package or module directly in streamreports that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Yield what a file imports from the package: "views", "views.base" and so on."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                raise SystemExit(f"{path}: imports are absolute.")
            names = [f"{module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (name.partition(".")[2] for name in names if name.startswith("streamreports."))


def read_imports() -> dict[str, set[str]]:
    """Return the packages and modules, and which others each imports."""
    files = [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"]
    imports: dict[str, set[str]] = {room_of(path): set() for path in sorted(files)}
    for path in files:
        room = room_of(path)
        found = {name.partition(".")[0] for name in imported(path)} & set(imports)
        imports[room] |= found - {room}
    return imports


def problems(imports: dict[str, set[str]]) -> list[str]:
    """Return what contradicts the rows."""
    every = [*ROWS, dict.fromkeys(GROUND, 0.0)]
    rows = {room: number for number, row in enumerate(every) for room in row}
    missing, gone = sorted(set(imports) - set(rows)), sorted(set(rows) - set(imports))
    if missing or gone:
        return [f"{room} has no place in docs/structure.py." for room in missing] + [
            f"{room} in docs/structure.py does not exist." for room in gone
        ]
    return [
        f"{room} imports {other}, which is not below it."
        for room in sorted(imports)
        for other in sorted(imports[room])
        if rows[other] <= rows[room]
    ]


def reachable(room: str, imports: dict[str, set[str]]) -> set[str]:
    """Return what a package or module imports, directly or through others."""
    found: set[str] = set()
    waiting = list(imports[room])
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting += imports[other]
    return found


def arrows(imports: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Return the imports to draw: none to the ground, and none that others imply."""
    return [
        (room, other)
        for room in sorted(imports)
        for other in sorted(imports[room] - set(GROUND))
        if not any(other in reachable(between, imports) for between in imports[room])
    ]


def centers() -> dict[str, tuple[float, float]]:
    """Return where the center of each box is."""
    found = {
        room: (LEFT + COLUMN * column, TOP + ROW * number)
        for number, row in enumerate(ROWS)
        for room, column in row.items()
    }
    half = len(GROUND) // 2
    for number, room in enumerate(GROUND):
        row, column = divmod(number, half)
        x = WIDTH / 2 + (column - (half - 1) / 2) * 150
        found[room] = (x, TOP + ROW * len(ROWS) + row * 38)
    return found


def draw(imports: dict[str, set[str]]) -> str:
    """Return the picture as SVG that suits light and dark pages."""
    places = centers()
    height = round(max(y for _, y in places.values()) + TOP)
    title = "The packages and modules of streamreports: each imports only from rows below its own"
    head = '<path class="head" d="M0 0 L8 4 L0 8 z"/>'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' aria-label="{title}"><style>{STYLE}</style>',
        '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8"'
        f' markerHeight="8" orient="auto">{head}</marker></defs>',
    ]
    for room, other in arrows(imports):
        (x1, y1), (x2, y2) = places[room], places[other]
        lean = (x2 - x1) / (y2 - y1) * BOX_HEIGHT / 2
        near = max(-BOX_WIDTH / 2, min(BOX_WIDTH / 2, lean))
        parts.append(
            f'<line x1="{x1 + near:.0f}" y1="{y1 + BOX_HEIGHT / 2:.0f}" x2="{x2 - near:.0f}"'
            f' y2="{y2 - BOX_HEIGHT / 2 - 1:.0f}" marker-end="url(#head)"/>'
        )
    for room, (x, y) in places.items():
        kind = ' class="ground"' if room in GROUND else ""
        parts += [
            f'<rect{kind} x="{x - BOX_WIDTH / 2:.0f}" y="{y - BOX_HEIGHT / 2:.0f}"'
            f' width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="5"/>',
            f'<text x="{x:.0f}" y="{y + 4:.0f}">{room}</text>',
        ]
    return "\n".join([*parts, "</svg>\n"])


if __name__ == "__main__":
    found = read_imports()
    wrong = problems(found)
    if wrong:
        sys.exit("\n".join(wrong))
    PICTURE.write_text(draw(found), encoding="utf-8")
