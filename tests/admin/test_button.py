import re

from django.contrib import admin

from streamreports.formats.csv import CsvFormat
from tests.models import Box, Maker, Seal
from tests.views import save

LINK = re.compile(
    r'<li><a href="([^"]+)" id="([^"]+)" class="streamreports-export">([^<]+)</a></li>'
)


def links(response):
    """Return the address, the id and the text of each link to a report."""
    return LINK.findall(response.content.decode().replace("&amp;", "&"))


def test_the_changelist_has_a_button(make_pages):
    pages = make_pages(Maker)
    assert links(pages.changelist()) == [
        ("/admin/tests/maker/report/", "streamreports-export-csv", "Export")
    ]


def test_the_button_stands_among_the_object_tools(make_pages):
    page = make_pages(Maker).changelist().content.decode()
    tools = page[page.index('<ul class="object-tools">') :]
    assert tools.index("streamreports-export") < tools.index("addlink") < tools.index("</ul>")


def test_the_button_carries_filters_search_and_order(make_pages):
    pages = make_pages(Maker, list_filter=["size"], search_fields=["name"])
    save("Ann", size=1)
    (link,) = links(pages.changelist("?size__exact=1&q=An+n&o=-1"))
    assert link[0] == "/admin/tests/maker/report/?o=-1&q=An+n&size__exact=1"


def test_the_button_does_not_carry_the_page(make_pages):
    pages = make_pages(Maker, list_per_page=1)
    save("Ann", "Bob")
    assert links(pages.changelist("?p=2"))[0][0] == "/admin/tests/maker/report/"


def test_each_of_several_formats_has_a_button(make_pages):
    class Semicolons(CsvFormat):
        name = "semicolons"
        label = "CSV with semicolons"

    pages = make_pages(Maker, report_formats=[CsvFormat, Semicolons], search_fields=["name"])
    assert links(pages.changelist("?q=a")) == [
        (
            "/admin/tests/maker/report/?format=csv&q=a",
            "streamreports-export-csv",
            "Export as CSV",
        ),
        (
            "/admin/tests/maker/report/?format=semicolons&q=a",
            "streamreports-export-semicolons",
            "Export as CSV with semicolons",
        ),
    ]


def test_a_popup_has_no_button(make_pages):
    assert links(make_pages(Maker).changelist("?_popup=1")) == []


def test_a_user_without_the_permission_sees_no_button(make_pages, client_of):
    pages = make_pages(Maker, client=client_of(Maker, "view", "add"))
    page = pages.changelist()
    assert (page.status_code, links(page)) == (200, [])


def test_a_user_who_may_not_add_sees_the_button(make_pages, client_of):
    pages = make_pages(Maker, client=client_of(Maker, "view", "export"))
    assert len(links(pages.changelist())) == 1


def test_a_second_site_links_to_its_own_report(make_pages, settings, admin_client):
    from django.urls import path

    from streamreports.admin import ReportAdminMixin

    first, second = admin.AdminSite(), admin.AdminSite(name="office")
    for site in (first, second):
        site.register(Maker, type("MakerAdmin", (ReportAdminMixin, admin.ModelAdmin), {}))
    settings.ROOT_URLCONF = (path("admin/", first.urls), path("office/", second.urls))
    page = admin_client.get("/office/tests/maker/")
    assert links(page)[0][0] == "/office/tests/maker/report/"


# Templates of the project


def test_a_template_of_the_project_keeps_its_content(make_pages):
    pages = make_pages(Maker, change_list_template="tests/change_list.html")
    page = pages.changelist()
    assert "<p>Our own changelist</p>" in page.content.decode()
    assert len(links(page)) == 1


def test_a_list_of_templates_is_one_template(make_pages):
    pages = make_pages(Maker, change_list_template=["missing.html", "tests/change_list.html"])
    page = pages.changelist()
    assert "<p>Our own changelist</p>" in page.content.decode()
    assert len(links(page)) == 1


def test_a_template_for_the_model_keeps_its_content(make_pages):
    page = make_pages(Seal).changelist()
    assert "<p>Seals only</p>" in page.content.decode()
    assert len(links(page)) == 1


def test_another_app_may_set_the_template_when_the_admin_is_made(make_pages):
    """django-import-export does so."""

    class TemplateMixin:
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.change_list_template = "tests/change_list.html"

    from streamreports.admin import ReportAdminMixin

    for bases in [
        (ReportAdminMixin, TemplateMixin, admin.ModelAdmin),
        (TemplateMixin, ReportAdminMixin, admin.ModelAdmin),
    ]:
        page = make_pages(Maker, bases=bases).changelist()
        assert "<p>Our own changelist</p>" in page.content.decode()
        assert len(links(page)) == 1


def test_the_mixin_may_follow_an_admin_class(make_pages):
    from streamreports.admin import ReportAdminMixin

    class BaseAdmin(admin.ModelAdmin):
        list_per_page = 7

    pages = make_pages(Maker, bases=(BaseAdmin, ReportAdminMixin))
    assert len(links(pages.changelist())) == 1
    assert pages.model_admin.list_per_page == 7


def test_the_page_of_another_action_stays_as_it_is(make_pages):
    save("Ann")
    pages = make_pages(Maker)
    data = {"action": "delete_selected", "index": "0", "_selected_action": [Maker.objects.get().pk]}
    page = pages.client.post(pages.url("changelist"), data)
    assert "Are you sure" in page.content.decode()
    assert links(page) == []


def test_a_response_that_is_rendered_stays_as_it_is(make_pages):
    class RenderedMixin:
        def changelist_view(self, request, extra_context=None):
            return super().changelist_view(request, extra_context).render()

    from streamreports.admin import ReportAdminMixin

    pages = make_pages(Box, bases=(ReportAdminMixin, RenderedMixin, admin.ModelAdmin))
    assert links(pages.changelist()) == []


def test_an_invalid_filter_still_leads_back_to_the_changelist(make_pages):
    response = make_pages(Maker).changelist("?nmae=x")
    assert (response.status_code, response.url) == (302, "/admin/tests/maker/?e=1")
