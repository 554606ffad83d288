"""Lists of objects that can be downloaded as a report."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured

from tests.models import Maker
from tests.pages.html import parse
from tests.pages.list_views import FilteredList, PlainList

pytestmark = [pytest.mark.urls("tests.pages.list_urls"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def makers():
    Maker.objects.bulk_create(
        Maker(name=name, size=size)
        for name, size in (("Anna", 1), ("Berta", 2), ("Cora", 1), ("Dora", None))
    )


def names(client, url):
    """Return the names in the first column of a file."""
    response = client.get(url)
    assert response.status_code == 200
    return [line.split(",")[0] for line in response.getvalue().decode().splitlines()[1:]]


def errors(client, url):
    response = client.get(url, headers={"accept": "text/plain"})
    assert response.status_code == 400
    return response.text.splitlines()


# The page


def test_the_page_is_as_before(client):
    page = parse(client.get("/plain/?page=2"))
    assert [item.text for item in page.all("li")] == ["Cora", "Dora"]


def test_the_page_is_not_strict(client):
    assert client.get("/filtered/?nothing=1&size=9").status_code == 200


def test_the_page_has_the_address_of_the_file(client):
    link = parse(client.get("/plain/?page=2")).all("a")[0]
    assert link["href"] == "/plain/?format=csv"


def test_the_address_of_the_file_has_the_filters_of_the_page(client):
    links = parse(client.get("/filtered/?size=1&page=1")).all("a")
    assert [(link.text, link["href"]) for link in links] == [
        ("Download", "/filtered/?size=1&format=csv"),
        ("CSV", "/filtered/?size=1&format=csv"),
        ("CSV for Excel", "/filtered/?size=1&format=excel-csv"),
    ]


# The file


def test_the_file_has_the_columns_of_the_report(client):
    response = client.get("/plain/?format=csv")
    assert response.getvalue() == b"Name,Size\r\nAnna,1\r\nBerta,2\r\nCora,1\r\nDora,\r\n"
    assert response.headers["Content-Disposition"] == 'attachment; filename="makers.csv"'


def test_pages_do_not_cut_the_file(client):
    assert names(client, "/plain/?page=2&format=csv") == ["Anna", "Berta", "Cora", "Dora"]


def test_the_file_has_the_rows_that_get_queryset_selects(client):
    assert names(client, "/search/?q=ora&format=csv") == ["Cora", "Dora"]


def test_the_file_has_the_rows_that_the_filter_set_selects(client):
    assert names(client, "/filtered/?size=1&format=csv") == ["Anna", "Cora"]


def test_the_file_of_a_list_with_a_form_has_its_rows(client):
    assert names(client, "/form/?size=2&format=csv") == ["Berta"]


def test_the_file_of_a_list_with_default_filters_has_its_rows(client):
    assert names(client, "/default/?format=csv") == ["Anna", "Cora"]


@pytest.mark.parametrize("url", ["/plain/?format=csv", "/filtered/?size=1&format=csv"])
def test_the_file_takes_one_query(client, django_assert_num_queries, url):
    with django_assert_num_queries(1):
        names(client, url)


def test_the_file_has_the_permissions_of_the_page(client):
    assert client.get("/private/?format=csv").url == "/login/?next=/private/%3Fformat%3Dcsv"
    client.force_login(User.objects.create_user("reader"))
    assert names(client, "/private/?format=csv") == ["Anna", "Berta", "Cora", "Dora"]


def test_a_head_request_has_the_headers_of_the_file(client):
    response = client.head("/plain/?format=csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"


def test_the_view_is_exempt_from_transactions():
    assert PlainList.as_view()._non_atomic_requests == {"default"}


def test_the_signals_name_a_class_of_the_list(client, finished):
    names(client, "/plain/?format=csv")
    names(client, "/filtered/?format=csv")
    assert [each["sender"].__name__ for each in finished] == [
        "PlainListReportView",
        "FilteredListReportView",
    ]


def test_the_class_of_a_list_is_the_same_for_each_request(client, finished):
    names(client, "/plain/?format=csv")
    names(client, "/plain/?format=csv")
    assert finished[0]["sender"] is finished[1]["sender"]


# Strictness


@pytest.mark.parametrize("path", ["/plain/", "/search/", "/form/", "/filtered/"])
def test_an_unknown_parameter_is_rejected(client, path):
    (line,) = errors(client, f"{path}?nothing=1&format=csv")
    assert line.startswith("nothing: Unknown parameter.")


def test_a_parameter_that_the_list_reads_is_known(client):
    assert names(client, "/search/?q=a&end=ora&format=csv") == ["Cora", "Dora"]


def test_an_invalid_filter_is_rejected(client):
    assert errors(client, "/filtered/?size=9&format=csv") == [
        "size: Select a valid choice. 9 is not one of the available choices."
    ]


def test_an_invalid_form_is_rejected(client):
    assert errors(client, "/form/?size=x&format=csv") == ["size: Enter a whole number."]


def test_an_unknown_format_is_rejected(client):
    assert errors(client, "/plain/?format=pdf") == ["format: “pdf” is unknown. Choose from: csv."]


def test_an_invalid_request_runs_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        errors(client, "/filtered/?size=9&format=csv")


def test_the_list_has_its_own_query_string_after_a_file(rf):
    """The view records what the list reads, in a query string that it puts in place."""
    request = rf.get("/?size=1&format=csv")
    query = request.GET
    FilteredList.as_view()(request).close()
    assert request.GET is query


# The view of the file


def test_the_columns_and_the_order_may_be_chosen(client):
    Maker.objects.filter(size=None).delete()
    response = client.get("/limited/?columns=size&sort=-size&format=csv")
    assert response.getvalue() == b"Size\r\n2\r\n1\r\n1\r\n"


def test_the_file_has_a_limit_and_a_name_of_its_own(client):
    assert client.get("/limited/?format=csv").status_code == 413
    headers = client.head("/limited/?format=csv").headers
    assert headers["Content-Disposition"] == 'attachment; filename="few.csv"'


def test_the_columns_are_required(client):
    with pytest.raises(ImproperlyConfigured) as raised:
        client.get("/unfinished/?format=csv")
    assert str(raised.value) == (
        "UnfinishedList is missing report_columns. Define UnfinishedList.report_columns, or"
        " override UnfinishedList.get_report_columns()."
    )


def test_the_page_does_not_need_the_columns(client):
    assert client.get("/unfinished/").status_code == 200
