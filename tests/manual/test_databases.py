"""The databases accept the options that the manual names, and show the plans that it describes."""

import pytest

from tests.manual.pages import DOCS, blocks


@pytest.fixture
def postgresql():
    """Return a function that connects to the server of the environment."""
    psycopg = pytest.importorskip("psycopg")
    connections = []

    def connect(**options):
        try:
            connections.append(psycopg.connect(dbname="postgres", connect_timeout=5, **options))
        except psycopg.OperationalError as error:
            pytest.skip(f"PostgreSQL does not answer: {error}")
        return connections[-1]

    yield connect
    for each in connections:
        each.close()


def database_of(page, comment):
    """Return the database that the block of a page adds, with the line of a vendor."""
    [block] = blocks(page)
    lines = [line for line in block.splitlines() if "OPTIONS" not in line or comment in line]
    text = "\n".join(line.replace("# ", "", 1) if "    # " in line else line for line in lines)
    names = {"DATABASES": {"default": {"NAME": "site"}}}
    exec(compile(text, page, "exec"), names)
    return names["DATABASES"]["reports"]


def test_the_options_of_postgresql_set_its_timeout(postgresql):
    database = database_of("deployment.md", "# PostgreSQL")
    assert database["NAME"] == "site"
    connection = postgresql(**database["OPTIONS"])
    assert connection.execute("SHOW statement_timeout").fetchone() == ("15min",)


def test_the_options_of_mariadb_set_its_timeout():
    client = pytest.importorskip("MySQLdb")
    options = database_of("deployment.md", "# MariaDB")["OPTIONS"]
    try:
        connection = client.connect(**options)
    except client.OperationalError as error:
        pytest.skip(f"MariaDB does not answer: {error}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@net_write_timeout")
        assert cursor.fetchone() == (900,)
    connection.close()


def plan_of(connection, sql):
    connection.execute("SET LOCAL enable_bitmapscan = off")
    return "\n".join(row[0] for row in connection.execute(f"EXPLAIN (ANALYZE) {sql}"))


@pytest.mark.parametrize(
    ("sql", "node", "index"),
    [
        ("SELECT * FROM cargo ORDER BY status", "Sort", "cargo (status)"),
        ("SELECT * FROM cargo WHERE status = 9", "Seq Scan", "cargo (status)"),
    ],
    ids=["sort", "filter"],
)
def test_the_plans_of_postgresql_have_the_nodes_that_an_index_removes(postgresql, sql, node, index):
    text = (DOCS / "how-to/slow-reports.md").read_text(encoding="utf-8")
    assert f"**{node}**" in text
    connection = postgresql()
    connection.execute(
        "CREATE TEMP TABLE cargo AS SELECT i AS status FROM generate_series(1, 50000) i"
    )
    assert f"{node} " in (before := plan_of(connection, sql))
    assert "actual time=" in before
    connection.execute(f"CREATE INDEX ON {index}")
    connection.execute("ANALYZE cargo")
    assert f"{node} " not in plan_of(connection, sql)
