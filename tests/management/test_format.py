"""The format of the file that dumpreport writes."""

import pytest
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.sites import all_sites
from django.contrib.auth.models import User
from django.urls import path
from django.views.generic import ListView

from streamreports.admin import ReportAdminMixin
from streamreports.formats.csv import CsvFormat
from streamreports.pages import ReportListMixin, ReportView
from tests.management.support import dump, refusal
from tests.models import Maker
from tests.views import MakerCsvView

pytestmark = pytest.mark.django_db


class TabFormat(CsvFormat):
    name = "tab"
    extension = "tsv"
    content_type = "application/x-tabs"
    delimiter = "\t"


def test_the_format_is_chosen(settings):
    view = MakerCsvView.as_view(formats=[CsvFormat, TabFormat])
    settings.ROOT_URLCONF = (path("report/", view),)
    assert dump("/report/", "--format", "tab") == b"Name\tSize\r\n"


@pytest.mark.parametrize(
    ("filename", "options", "separator"),
    [
        ("makers.tsv", [], b"\t"),
        ("MAKERS.TSV", [], b"\t"),
        ("makers.csv", [], b","),
        ("makers.txt", [], b","),
        ("makers.tsv", ["--format", "csv"], b","),
        ("makers.tsv", ["--param", "format=csv"], b","),
    ],
)
def test_the_extension_of_the_file_chooses_the_format(
    settings, tmp_path, filename, options, separator
):
    view = MakerCsvView.as_view(formats=[CsvFormat, TabFormat])
    settings.ROOT_URLCONF = (path("report/", view),)
    dump("/report/", "-o", str(tmp_path / filename), *options)
    assert (tmp_path / filename).read_bytes() == b"Name%sSize\r\n" % separator


class MakerListView(ReportListMixin, ListView):
    model = Maker
    report_columns = ["name", "size"]
    report_formats = [CsvFormat, TabFormat]


class MakerFormatsView(MakerCsvView):
    def get_formats(self):
        return [CsvFormat, TabFormat]


@pytest.mark.parametrize("view", [MakerListView, MakerFormatsView])
def test_the_extension_chooses_among_the_formats_of_lists_and_hooks(settings, tmp_path, view):
    settings.ROOT_URLCONF = (path("report/", view.as_view()),)
    dump("/report/", "-o", str(tmp_path / "makers.tsv"))
    assert (tmp_path / "makers.tsv").read_bytes() == b"Name\tSize\r\n"


def test_the_extension_chooses_among_the_formats_of_the_admin(settings, tmp_path, admin_site):
    class MakerAdmin(ReportAdminMixin, ModelAdmin):
        list_display = ["name", "size"]
        report_formats = [CsvFormat, TabFormat]

    admin_site.register(Maker, MakerAdmin)
    settings.ROOT_URLCONF = (path("admin/", admin_site.urls),)
    User.objects.create_superuser("ana")
    file = tmp_path / "makers.tsv"
    dump("/admin/tests/maker/report/", "--user", "ana", "-o", str(file))
    assert file.read_bytes() == b"Name\tSize\r\n"


@pytest.fixture
def admin_site():
    site = AdminSite()
    yield site
    all_sites.discard(site)  # No other test shall check it.


def test_the_extension_does_not_override_the_query_string(settings, tmp_path):
    view = MakerCsvView.as_view(formats=[CsvFormat, TabFormat])
    settings.ROOT_URLCONF = (path("report/", view),)
    dump("/report/?format=csv", "-o", str(tmp_path / "makers.tsv"))
    assert (tmp_path / "makers.tsv").read_bytes() == b"Name,Size\r\n"


@pytest.mark.parametrize(
    "options", [{"formats": [CsvFormat]}, {"formats": [TabFormat, CsvFormat], "format_param": None}]
)
def test_the_extension_chooses_nothing_if_there_is_no_choice(settings, tmp_path, options):
    view = MakerCsvView.as_view(strict_parameters=True, **options)
    settings.ROOT_URLCONF = (path("report/", view),)
    dump("/report/", "-o", str(tmp_path / "makers.tsv"))
    assert (tmp_path / "makers.tsv").read_bytes() == b"Name,Size\r\n"


def test_a_view_without_the_parameter_offers_no_choice(settings):
    settings.ROOT_URLCONF = (path("report/", MakerCsvView.as_view(format_param=None)),)
    assert refusal("/report/", "--format", "csv", status=2) == (
        "The view has no parameter for --format. Use --param for its own parameters."
    )


@pytest.mark.parametrize(
    ("formats", "file"),
    [
        ([CsvFormat], b"Name,Size\r\n"),
        ([TabFormat], b"Name\tSize\r\n"),
        ([TabFormat, CsvFormat], b"Name,Size\r\n"),
    ],
)
def test_the_file_of_a_report_with_a_page_is_written(settings, formats, file):
    view = ReportView.as_view(model=Maker, columns=["name", "size"], formats=formats)
    settings.ROOT_URLCONF = (path("report/", view),)
    assert dump("/report/") == file
