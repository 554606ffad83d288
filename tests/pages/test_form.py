"""The form of a report's page, and what is wrong with it."""

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse_lazy

from tests.models import Maker
from tests.pages.html import fields, parse
from tests.pages.views import PlainReport

pytestmark = [pytest.mark.urls("tests.pages.urls"), pytest.mark.django_db]


def get_page(client, url, status=200):
    response = client.get(url)
    assert response.status_code == status
    return parse(response)


@pytest.fixture
def reader(client):
    """Log in a user who may see the column that requires a permission."""
    user = User.objects.create_user("reader")
    kind = ContentType.objects.get_for_model(Maker)
    permission = Permission.objects.create(codename="view_secret", content_type=kind)
    user.user_permissions.add(permission)
    client.force_login(user)


# Titles


def test_the_page_has_the_title_of_the_view(client):
    page = get_page(client, "/makers/")
    assert (page.one("h1").text, page.one("title").text) == ("All makers", "All makers")


def test_the_page_has_the_description_of_the_view(client):
    assert get_page(client, "/makers/").one(class_="report-description").text == "Who made what"


def test_the_default_title_is_the_plural_name_of_the_model(client):
    assert get_page(client, "/plain/").one("h1").text == "Makers"


def test_a_view_may_have_its_own_template_and_context(client):
    page = get_page(client, "/context/")
    assert (page.one("h1").text, page.one(id="more").text) == ("Another title", "More")


def test_the_page_leads_to_the_list_of_reports_if_the_view_has_one(client, monkeypatch):
    assert get_page(client, "/plain/").one(class_="report-header").all("a") == []
    monkeypatch.setattr(PlainReport, "index_url", reverse_lazy("index"))
    link = get_page(client, "/plain/").one(class_="report-header").one("a")
    assert (link.text, link["href"]) == ("All reports", "/index/")


def test_the_page_has_a_language(client):
    page = parse(client.get("/plain/", headers={"accept-language": "de"}))
    assert page.one("html")["lang"] == "de"


# Filters


def test_the_form_has_the_filters_columns_and_orders_of_the_view(client):
    assert [name for name, _ in fields(get_page(client, "/makers/"))] == [
        "name",
        "size",
        "key_min",
        "key_max",
        "ordering",
        "columns",
        "position-name",
        "columns",
        "position-size",
        "columns",
        "position-shout",
    ]


def test_a_report_without_a_choice_has_no_form(client):
    assert get_page(client, "/plain/").all("form") == []


def test_the_form_has_the_values_of_the_query_string(client):
    submitted = fields(get_page(client, "/makers/?name=a&size=2&key_min=5&ordering=-size"))
    assert {("name", "a"), ("size", "2"), ("key_min", "5"), ("ordering", "-size")} <= set(submitted)


def test_every_field_has_a_label(client):
    page = get_page(client, "/makers/")
    labelled = {label["for"] for label in page.all("label") if "for" in label}
    for field in page.all("input") + page.all("select"):
        around = [label for label in page.all("label") if any(each is field for each in label)]
        assert around or "aria-label" in field or field["id"] in labelled


def test_the_parts_of_a_range_have_labels(client):
    page = get_page(client, "/makers/")
    parts = [page.one("input", name=f"key_{end}") for end in ("min", "max")]
    labels = [label for label in page.all("label") if label.text in ("From", "To")]
    assert [label.one("input") for label in labels] == parts
    assert page.all("legend")[0].text == "Key"


def test_help_describes_its_field(client):
    page = get_page(client, "/makers/")
    assert page.described(page.one("input", name="name")) == "Or a part of it"


def test_parameters_of_the_view_are_kept(client):
    page = get_page(client, "/own/?letter=A&columns=name")
    letter = page.one("input", name="letter")
    assert (letter["type"], letter["value"]) == ("hidden", "A")


# Columns


def test_the_chosen_columns_come_first_in_their_order(client):
    page = get_page(client, "/makers/?columns=shout,name")
    boxes = page.all("input", type="checkbox")
    assert [(box["value"], "checked" in box) for box in boxes] == [
        ("shout", True),
        ("name", True),
        ("size", False),
    ]
    positions = page.all("input", type="number")
    assert [position["value"] for position in positions] == ["1", "2", ""]


def test_columns_have_their_labels(client):
    page = get_page(client, "/makers/")
    assert [item.one("label").text for item in page.one("ol").all("li")] == [
        "Full name",
        "Size",
        "Loud",
    ]
    assert page.one("input", name="position-name")["aria-label"] == "Position of Full name"


def test_a_column_that_the_user_may_not_see_is_not_offered(client):
    assert "secret" not in client.get("/makers/").text.lower()


@pytest.mark.usefixtures("reader")
def test_a_column_that_the_user_may_see_is_offered(client):
    assert get_page(client, "/makers/").one("input", value="secret", type="checkbox")


def test_a_column_that_the_user_may_not_see_cannot_be_named(client):
    assert client.get("/makers/?columns=secret").status_code == 403


def test_none_is_chosen_if_the_default_has_more_than_can_be_chosen(client):
    Maker.objects.create(name="Anna")
    page = get_page(client, "/some/")
    assert ["checked" in box for box in page.all("input", type="checkbox")] == [False, False]
    assert [header.text for header in page.all("th")] == ["Name", "Size", "Key"]


# Order


def test_the_rows_can_be_ordered_both_ways(client):
    options = get_page(client, "/makers/").one("select", name="ordering").all("option")
    assert [(option["value"], option.text) for option in options] == [
        ("", "Default order"),
        ("name", "Full name, ascending"),
        ("-name", "Full name, descending"),
        ("size", "Size, ascending"),
        ("-size", "Size, descending"),
    ]


def test_an_order_of_several_columns_is_a_choice_of_its_own(client):
    options = get_page(client, "/makers/?ordering=-size,name").one("select", name="ordering")
    (chosen,) = [option for option in options.all("option") if "selected" in option]
    assert chosen.text == "Size, descending; Full name, ascending"


# Errors


def test_an_invalid_value_is_said_beside_its_field(client):
    page = get_page(client, "/makers/?size=9", status=400)
    field = page.one("select", name="size")
    assert field["aria-invalid"] == "true"
    assert page.described(field) == (
        "Select a valid choice. 9 is not one of the available choices."
    )


def test_an_invalid_value_stays_in_its_field(client):
    page = get_page(client, "/makers/?key_min=x", status=400)
    assert page.one("input", name="key_min")["value"] == "x"


def test_an_invalid_part_is_said_beside_its_field(client):
    page = get_page(client, "/makers/?key_min=x", status=400)
    (group,) = [each for each in page.all("fieldset") if each.one("legend").text == "Key"]
    assert page.described(group) == "Enter a number."


def test_a_value_given_twice_is_said_beside_its_field(client):
    page = get_page(client, "/makers/?name=a&name=b", status=400)
    assert page.described(page.one("input", name="name")) == (
        "Or a part of it This parameter may be given only once."
    )


def test_an_unknown_column_is_said_beside_the_columns(client):
    page = get_page(client, "/makers/?columns=name,sieze", status=400)
    (group,) = [each for each in page.all("fieldset") if each.one("legend").text == "Columns"]
    assert "“sieze” is unknown. Did you mean “size”?" in page.described(group)


def test_an_unknown_order_is_said_beside_its_field(client):
    page = get_page(client, "/makers/?ordering=shout", status=400)
    assert "“shout” is unknown." in page.described(page.one("select", name="ordering"))


def test_unknown_parameters_are_listed_on_top(client):
    page = get_page(client, "/makers/?sise=1", status=400)
    assert page.one(role="alert").one("li").text == (
        "sise : Unknown parameter. Did you mean “size”?"
    )


def test_errors_are_escaped(client):
    response = client.get("/makers/?%3Cb%3E=1&columns=%3Ci%3E")
    assert "<b>" not in response.text
    assert "<i>" not in response.text


def test_an_error_in_a_parameter_of_the_view_is_listed_on_top(client):
    page = get_page(client, "/own/?letter=AB", status=400)
    assert page.one(role="alert").one("li").text == "letter : Give one letter."


def test_a_report_without_a_queryset_still_has_a_page(client):
    page = get_page(client, "/own-queryset/?letter=A", status=400)
    assert page.one(role="alert").one("li").text == "letter : No letters today."
    assert page.one("h1").text == "Report"
    assert page.one("a")["href"] == "/own-queryset/"


def test_an_invalid_page_says_so_in_its_title(client):
    page = get_page(client, "/makers/?size=9", status=400)
    assert page.one("title").text == "Error: All makers"


def test_an_invalid_page_runs_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/makers/?size=9")


def test_an_invalid_page_has_neither_rows_nor_files(client):
    page = get_page(client, "/makers/?size=9", status=400)
    assert page.all("table") == []
    assert page.all("ul", class_="report-downloads") == []


def test_a_valid_page_has_no_errors(client):
    page = get_page(client, "/makers/?size=2")
    assert page.all(role="alert") == []
    assert not [each for each in page if "aria-invalid" in each]
