"""The action that exports the rows that are ticked."""

from tests.factories import DrawerFactory
from tests.models import Drawer, Maker
from tests.views import save


def keys_of(*names):
    return [Maker.objects.get(name=name).pk for name in names]


def test_the_action_redirects_to_the_ticked_rows(make_pages):
    save("Ann", "Bob", "Cyn")
    pages = make_pages(Maker, list_display=["name"], ordering=["name"])
    first, second = keys_of("Ann", "Cyn")
    response = pages.export(first, second)
    url = f"/admin/tests/maker/report/?pk__in={first},{second}"
    assert (response.status_code, response.url) == (302, url)
    assert pages.lines(f"?pk__in={first},{second}") == ["Name", "Ann", "Cyn"]


def test_the_filters_search_and_order_are_kept(make_pages):
    save("Ann", "Anna", size=1)
    pages = make_pages(Maker, list_filter=["size"], search_fields=["name"], list_per_page=1)
    (key,) = keys_of("Anna")
    response = pages.export(key, query="?size__exact=1&q=An&o=-1&p=2")
    assert response.url == (f"/admin/tests/maker/report/?size__exact=1&q=An&o=-1&pk__in={key}")


def test_all_rows_are_the_query_string_of_the_changelist(make_pages):
    save("Ann", "Anna", "Bob")
    pages = make_pages(Maker, list_display=["name"], search_fields=["name"], list_per_page=1)
    response = pages.export(*keys_of("Ann"), query="?q=An&o=1&p=2", across=True)
    assert (response.status_code, response.url) == (302, "/admin/tests/maker/report/?q=An&o=1")
    assert pages.lines("?q=An&o=1") == ["Name", "Ann", "Anna"]


def test_all_rows_without_filters(make_pages):
    save("Ann")
    response = make_pages(Maker).export(*keys_of("Ann"), across=True)
    assert response.url == "/admin/tests/maker/report/"


def test_thousands_of_rows_take_a_short_url(make_pages):
    Maker.objects.bulk_create(Maker(name=f"{n:04}", size=1) for n in range(3500))
    pages = make_pages(Maker, list_display=["name"], list_filter=["size"])
    response = pages.export(Maker.objects.first().pk, query="?size__exact=1", across=True)
    assert response.url == "/admin/tests/maker/report/?size__exact=1"
    assert len(pages.lines("?size__exact=1")) == 3501


# Keys that no URL can hold


def follow(pages, response, *keys):
    """Return the lines of a report, to which a browser sends the form again."""
    assert response.status_code == 307
    report = pages.client.post(
        response.url, {"_selected_action": keys, "action": "export_selected"}
    )
    return b"".join(report).decode().split("\r\n")[:-1]


def test_the_keys_of_many_rows_are_posted(make_pages):
    """Servers limit the length of URLs to a few thousand characters."""
    Maker.objects.bulk_create(Maker(id=10**15 + n, name=f"{n:03}") for n in range(300))
    keys = [10**15 + n for n in range(200)]
    pages = make_pages(
        Maker, list_display=["name"], search_fields=["name"], list_per_page=200, ordering=["name"]
    )
    response = pages.export(*keys, query="?q=0&p=1")
    assert response.url == "/admin/tests/maker/report/?q=0"
    names = [f"{n:03}" for n in range(200) if "0" in f"{n:03}"]
    assert follow(pages, response, *keys) == ["Name", *names]


def test_keys_with_commas_are_posted(make_pages):
    for code in ("a", "b", "a,b"):
        DrawerFactory(code=code)
    pages = make_pages(Drawer, list_display=["code"])
    response = pages.export("a,b")
    assert response.url == "/admin/tests/drawer/report/"
    assert follow(pages, response, "a,b") == ["Code", '"a,b"']


def test_a_post_without_keys_has_no_rows(make_pages):
    save("Ann")
    pages = make_pages(Maker, list_display=["name"])
    response = pages.client.post(pages.url("report"))
    assert b"".join(response) == b"Name\r\n"


def test_a_post_of_invalid_keys_is_rejected(make_pages):
    pages = make_pages(Maker)
    response = pages.client.post(pages.url("report"), {"_selected_action": ["x"]})
    assert (response.status_code, response.content) == (400, b"The selected rows are invalid.\n")


def test_a_post_needs_the_csrf_token(make_pages, admin_user):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    pages = make_pages(Maker, client=client)
    assert client.post(pages.url("report")).status_code == 403


# Who and where


def test_the_action_is_offered(make_pages):
    save("Ann")
    page = make_pages(Maker).changelist()
    assert ("export_selected", "Export selected makers") in choices(page)


def test_the_action_needs_the_permission(make_pages, client_of):
    save("Ann")
    pages = make_pages(Maker, client=client_of(Maker, "view", "change", "delete"))
    assert [name for name, _ in choices(pages.changelist())] == ["", "delete_selected"]
    response = pages.export(*keys_of("Ann"))
    assert response.url == "/admin/tests/maker/"  # "No action selected."


def test_actions_of_the_project_are_kept(make_pages):
    def greet(self, request, queryset):
        """Do nothing."""

    save("Ann")
    page = make_pages(Maker, actions=["greet"], greet=greet).changelist()
    assert [name for name, _ in choices(page)] == [
        "",
        "delete_selected",
        "greet",
        "export_selected",
    ]


def test_a_project_may_list_the_action_itself(make_pages):
    def greet(self, request, queryset):
        """Do nothing."""

    save("Ann")
    page = make_pages(Maker, actions=["export_selected", "greet"], greet=greet).changelist()
    assert [name for name, _ in choices(page)] == [
        "",
        "delete_selected",
        "export_selected",
        "greet",
    ]


def test_a_changelist_without_actions_stays_without(make_pages):
    save("Ann")
    page = make_pages(Maker, actions=None).changelist()
    assert page.context["action_form"] is None
    assert "streamreports-export" in page.content.decode()


def choices(page):
    """Return the names and the labels of the actions of a changelist."""
    return page.context["action_form"].fields["action"].choices
