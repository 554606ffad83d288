"""The pages of exports: the list of a user, and one export."""

from datetime import timedelta

import pytest
from django.utils import timezone

from streamreports.exports.models import Export
from streamreports.exports.progress import progress_of
from streamreports.exports.running import run_export
from streamreports.exports.views import ExportListView
from streamreports.previews.figures import RowCount
from tests.exports.support import HTML, create, get_page, reloaded
from tests.pages.html import table
from tests.views import make

pytestmark = pytest.mark.django_db


def detail(client, export, **headers):
    return get_page(client, f"/exports/{export.pk}/", **headers)


def running(*, seconds=10, **fields):
    """Return an export that a worker has started some seconds ago."""
    export = create()
    assert export.claim("w", lease=60, attempts=3)
    started = timezone.now() - timedelta(seconds=seconds)
    Export.objects.filter(pk=export.pk).update(started=started, **fields)
    return reloaded(export)


def done():
    make(3)
    export = create()
    assert run_export(export.pk)
    return reloaded(export)


def failed(error):
    export = running()
    assert export.fail("w", error, "the traceback")
    return reloaded(export)


def forms(page):
    """Return the addresses that the forms of a page post to, and the texts of their buttons."""
    found = []
    for form in page.all("form"):
        assert form["method"] == "post"
        assert form.one("input", name="csrfmiddlewaretoken")["value"]
        found.append((form["action"], form.one("button").text))
    return found


def figures(page):
    return {each.one("dt").text: each.one("dd").text for each in page.one("dl").all("div")}


# The list


def test_the_list_has_the_state_and_the_figures_of_an_export(ana):
    export = done()
    header, row = table(get_page(ana, "/exports/"))
    assert header == ["Report", "State", "Rows", "Size", "Created", "Kept until", "Actions"]
    assert row[:4] == ["Makers makers.csv", "Ready", "3 rows", f"{export.bytes} bytes"]
    assert all(row[4:6])


def test_the_list_tells_exports_of_a_report_apart_by_their_files(ana):
    create(filename="makers.xlsx")
    assert table(get_page(ana, "/exports/"))[1][0] == "Makers makers.xlsx"


def test_a_file_may_be_fetched_and_deleted(ana):
    export = done()
    page = get_page(ana, "/exports/")
    assert page.one("a", href=f"/exports/{export.pk}/file/").text == "Download Makers"
    assert forms(page) == [(f"/exports/{export.pk}/delete/", "Delete Makers")]


def test_an_active_export_may_be_cancelled(ana):
    export = create()
    page = get_page(ana, "/exports/")
    assert forms(page) == [(f"/exports/{export.pk}/cancel/", "Cancel Makers")]
    assert not page.all("a", href=f"/exports/{export.pk}/file/")


def test_the_list_has_no_exports_of_others(ana):
    create(owner="bea", title="Of Bea")
    page = get_page(ana, "/exports/")
    assert "Of Bea" not in page.text
    assert "You have no exports." in page.one("p", class_="report-notice").text


def test_an_export_of_another_user_has_no_page(ana):
    export = create(owner="bea")
    assert ana.get(f"/exports/{export.pk}/", headers=HTML).status_code == 404


def test_titles_are_escaped(ana):
    export = create(title="<script>alert(1)</script>&")
    for path in ("/exports/", f"/exports/{export.pk}/"):
        content = ana.get(path, headers=HTML).content.decode()
        assert "<script>alert" not in content
        assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;" in content


def test_the_number_of_queries_does_not_depend_on_the_number_of_exports(
    ana, django_assert_num_queries
):
    for number in range(5):
        create(query_string=f"name={number}")
    with django_assert_num_queries(4):  # the session, the user, the exports and their number
        get_page(ana, "/exports/")


# The pages of the list


@pytest.fixture
def pages(ana, monkeypatch):
    """Return the client of a user with five exports, and two on a page."""
    monkeypatch.setattr(ExportListView, "paginate_by", 2)
    now = timezone.now()
    for number in range(5):
        create(
            title=f"Report {number}",
            state="cancelled",
            active_key=None,
            created=now - timedelta(hours=number),
            finished=now,
        )
    return ana


def titles(page):
    return [row[0].strip() for row in table(page)[1:]]


def test_a_page_of_the_list_has_fifty_exports():
    assert ExportListView.paginate_by == 50


def test_the_list_is_divided_into_pages(pages):
    first, second, last = (get_page(pages, f"/exports/?page={number}") for number in (1, 2, "last"))
    assert titles(first) == ["Report 0", "Report 1"]
    assert titles(second) == ["Report 2", "Report 3"]
    assert titles(last) == ["Report 4"]
    assert titles(get_page(pages, "/exports/")) == titles(first)


def test_the_pages_link_to_each_other(pages):
    found = []
    for number in (1, 2, 3):
        nav = get_page(pages, f"/exports/?page={number}").one("nav")
        found.append((nav.one("span").text, [(a["rel"], a["href"]) for a in nav.all("a")]))
    assert found == [
        ("Page 1 of 3", [("next", "?page=2")]),
        ("Page 2 of 3", [("prev", "?page=1"), ("next", "?page=3")]),
        ("Page 3 of 3", [("prev", "?page=2")]),
    ]


def test_a_short_list_has_no_links(ana):
    create()
    assert not get_page(ana, "/exports/").all("nav")


def test_active_exports_are_on_the_first_page(pages):
    Export.objects.filter(title="Report 4").update(state="queued", active_key="x", finished=None)
    assert titles(get_page(pages, "/exports/")) == ["Report 4", "Report 0"]


@pytest.mark.parametrize("number", ["0", "4", "x"])
def test_other_pages_do_not_exist(pages, number):
    assert pages.get(f"/exports/?page={number}", headers=HTML).status_code == 404


def test_programs_follow_addresses(pages):
    address, found = "/exports/", []
    while address:
        content = pages.get(address, headers={"accept": "application/json"}).json()
        found.append([each["title"] for each in content["exports"]])
        previous, address = content["previous"], content["next"]
    assert found == [["Report 0", "Report 1"], ["Report 2", "Report 3"], ["Report 4"]]
    assert previous == "http://testserver/exports/?page=2"


# Refreshing


@pytest.mark.parametrize("path", ["/exports/", "/exports/{}/"])
def test_pages_of_an_active_export_refresh_themselves_without_a_script(ana, path):
    page = get_page(ana, path.format(create().pk))
    assert page.one("noscript").one("meta", **{"http-equiv": "refresh"})["content"] == "5"
    assert page.one("script")["src"].endswith("streamreports/exports.js")


@pytest.mark.parametrize("path", ["/exports/", "/exports/{}/"])
def test_pages_of_an_export_that_has_ended_do_not(ana, path):
    page = get_page(ana, path.format(done().pk))
    assert not page.all("meta", **{"http-equiv": "refresh"})
    assert not page.all("script")
    assert not [each for each in page if "data-export" in each]


# One export


def test_an_export_that_waits_has_a_bar_without_a_value(ana):
    export = create()
    page = detail(ana, export)
    assert "value" not in page.one("progress")
    assert page.one(role="status").text == "Waiting"
    assert page.one("title").text == "Waiting: Makers"
    assert page.one("section")["data-export"] == f"/exports/{export.pk}/"


def test_an_export_that_nobody_starts_says_so(ana):
    export = create(created=timezone.now() - timedelta(seconds=31), submitted=timezone.now())
    left = "Waiting: no worker seems to run. If this lasts, contact the site administrator."
    assert progress_of(export).summary == left
    other = create(active_key="other")
    assert progress_of(other).summary != left
    assert other.claim("worker", lease=60, attempts=3)
    assert progress_of(export).summary == "Waiting"


def test_the_progress_of_an_export_that_runs_is_shown(ana):
    page = detail(ana, running(rows=25_000, estimated_rows=100_000, bytes=3 * 1024**2))
    assert page.one("progress")["value"] == "0.25"
    assert page.one(role="status").text == "Running, 20% done"
    shown = figures(page)
    assert (shown["Rows"], shown["Size"]) == ("25,000 of 100,000 rows", "3.0 MB")
    assert shown["Speed"] in ("2,500 rows per second", "2,400 rows per second")
    assert shown["Time left"] == "less than a minute"


def test_numbers_are_those_of_the_language(ana):
    export = running(rows=250_000, estimated_rows=1_000_000)
    page = detail(ana, export, **{"accept-language": "de"})
    assert page.one("progress")["value"] == "0.25"
    assert figures(page)["Zeilen"] == "250.000 von etwa 1 Mio. Zeilen"


def test_the_list_is_in_the_language_of_the_user(ana):
    create()
    page = get_page(ana, "/exports/", **{"accept-language": "de"})
    assert page.one("h1").text == "Meine Exporte"
    header, row = table(page)
    assert header == [
        *("Bericht", "Status", "Zeilen", "Größe"),
        *("Erstellt", "Verfügbar bis", "Aktionen"),
    ]
    assert (row[0], row[1], row[6]) == ("Makers", "Wartet", "Abbrechen Makers")


def test_an_empty_list_is_in_the_language_of_the_user(ana):
    page = get_page(ana, "/exports/", **{"accept-language": "de"})
    assert page.one("p", class_="report-notice").text == (
        "Sie haben keine Exporte. Starten Sie einen auf der Seite eines Berichts."
    )


def test_an_export_is_in_the_language_of_the_user(ana):
    page = detail(ana, running(rows=25_000, estimated_rows=100_000), **{"accept-language": "de"})
    assert page.one(role="status").text == "Läuft, 20 % erledigt"
    assert figures(page)["Verbleibende Zeit"] == "weniger als eine Minute"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(10, "less than a minute"), (60, "about 3 minutes"), (3600, "about 3 hours")],
)
def test_the_time_that_is_left_is_in_words(ana, seconds, expected):
    export = running(seconds=seconds, rows=25, estimated_rows=100)
    assert figures(detail(ana, export))["Time left"] == expected


def test_an_estimate_is_rounded(ana):
    page = detail(ana, running(rows=1000, estimated_rows=1_234_567))
    assert figures(page)["Rows"] == "1,000 of about 1.2 million rows"


@pytest.mark.parametrize("estimate", [None, 0, 99])
def test_without_an_estimate_that_holds_there_is_no_share(ana, estimate):
    page = detail(ana, running(rows=100, estimated_rows=estimate))
    assert "value" not in page.one("progress")
    shown = figures(page)
    assert (shown["Rows"], shown["Time left"]) == ("100 rows", "")


def test_the_speed_does_not_depend_on_the_clock_of_the_machine(ana, monkeypatch):
    export = running(seconds=10, rows=1000, estimated_rows=13_000)
    ahead = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: ahead)
    shown = figures(detail(ana, export))
    assert (shown["Speed"], shown["Time left"]) == ("100 rows per second", "about 2 minutes")


def test_the_first_moments_have_no_speed(ana):
    page = detail(ana, running(seconds=1, rows=100, estimated_rows=1000))
    assert (figures(page)["Speed"], figures(page)["Time left"]) == ("", "")


def test_an_export_that_is_being_cancelled_cannot_be_cancelled_again(ana):
    page = detail(ana, running(cancel_requested=True))
    assert page.one(role="status").text == "Being cancelled"
    assert forms(page) == []


def test_an_export_that_is_done_links_to_its_file(ana):
    export = done()
    page = detail(ana, export)
    assert page.one("a", class_="report-button")["href"] == f"/exports/{export.pk}/file/"
    assert not page.all("progress")
    assert forms(page) == [(f"/exports/{export.pk}/delete/", "Delete")]


def test_an_error_is_shown_without_the_traceback(ana):
    page = detail(ana, failed("No <room>."))
    assert page.one("p", class_="report-notice-error").text == "No <room>."
    assert "the traceback" not in page.text


def test_the_state_for_programs_has_the_progress(ana):
    export = running(rows=25_000, estimated_rows=100_000)
    status = ana.get(f"/exports/{export.pk}/", headers={"accept": "application/json"}).json()
    assert status["progress"]["share"] == 0.25
    assert status["progress"]["rows"] == "25,000 of 100,000 rows"


# How many rows there will be


def test_the_rows_are_counted_before_they_are_written(site):
    make(12)
    export = create()
    assert run_export(export.pk)
    assert reloaded(export).estimated_rows == 12


def test_rows_that_the_database_has_no_estimate_of_are_counted(site, monkeypatch):
    monkeypatch.setattr(
        "streamreports.exports.estimating.count_rows",
        lambda report: RowCount(1, is_exact=False, is_lower_bound=True),
    )
    assert done().estimated_rows == 3


def test_counting_does_not_take_longer_than_its_limit(site, monkeypatch):
    monkeypatch.setattr("streamreports.exports.estimating.TIME_LIMIT", 0)
    export = done()
    assert (export.state, export.rows, export.estimated_rows) == ("done", 3, None)


def test_an_export_does_not_fail_for_want_of_an_estimate(site, monkeypatch):
    def fail(report):
        raise LookupError

    monkeypatch.setattr("streamreports.exports.estimating.count_rows", fail)
    export = done()
    assert (export.state, export.estimated_rows) == ("done", None)
