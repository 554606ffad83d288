import pytest
from django.contrib.auth.models import Permission
from django.db.models import Count, F
from django.http import Http404
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control, never_cache

from streamreports.columns import Column
from streamreports.formats.csv import CsvFormat
from tests.models import Certificate, Maker, Specimen
from tests.views import MakerCsvView, PlainCsvView, disposition, file_of, get, save

# Headers


def test_these_are_all_the_headers(db, rf):
    assert dict(get(rf, MakerCsvView).headers) == {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="makers.csv"',
        "Cache-Control": "private, no-store",
    }


def test_cache_control_can_be_changed(db, rf):
    response = get(rf, MakerCsvView, cache_control="private, max-age=60")
    assert response.headers["Cache-Control"] == "private, max-age=60"


def test_cache_control_can_be_left_out(db, rf):
    assert "Cache-Control" not in get(rf, MakerCsvView, cache_control=None).headers


def test_cache_control_can_be_left_to_a_decorator(db, rf):
    view = cache_control(public=True, max_age=60)(MakerCsvView.as_view(cache_control=None))
    assert view(rf.get("/")).headers["Cache-Control"] == "public, max-age=60"


def test_never_cache_adds_to_cache_control(db, rf):
    response = never_cache(MakerCsvView.as_view())(rf.get("/"))
    assert set(response.headers["Cache-Control"].split(", ")) == {
        "private",
        "no-store",
        "max-age=0",
        "no-cache",
        "must-revalidate",
    }


def test_further_headers_come_from_get_headers(db, rf):
    class View(MakerCsvView):
        def get_headers(self):
            return {**super().get_headers(), "X-Accel-Buffering": "no"}

    headers = get(rf, View).headers
    assert (headers["X-Accel-Buffering"], headers["Cache-Control"]) == ("no", "private, no-store")


def test_the_status_is_200(db, rf):
    assert get(rf, MakerCsvView).status_code == 200


# The file name


def test_the_file_is_named_after_the_model_by_default(db, rf):
    assert disposition(rf, PlainCsvView) == 'attachment; filename="makers.csv"'


def test_the_default_name_has_the_extension_of_the_format(db, rf):
    class TabFormat(CsvFormat):
        extension = "tsv"

    assert disposition(rf, PlainCsvView, formats=[TabFormat]) == (
        'attachment; filename="makers.tsv"'
    )


def test_the_default_name_is_in_the_active_language(db, rf):
    with translation.override("de"):
        header = disposition(rf, PlainCsvView, model=Permission)
    assert header == 'attachment; filename="Berechtigungen.csv"'


def test_the_default_name_is_of_the_model_of_the_queryset(db, rf):
    queryset = Certificate.objects.all()
    header = disposition(rf, PlainCsvView, model=None, queryset=queryset, columns=["number"])
    assert header == 'attachment; filename="certificates.csv"'


def test_the_name_can_be_given(db, rf):
    header = disposition(rf, PlainCsvView, filename="Größen.csv")
    assert header == "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fen.csv"


def test_the_name_can_be_a_lazy_translation(db, rf):
    with translation.override("de"):
        header = disposition(rf, PlainCsvView, filename=gettext_lazy("Yes"))
    assert header == 'attachment; filename="Ja"'


def test_an_empty_name_is_not_the_default(db, rf):
    assert disposition(rf, PlainCsvView, filename="") == 'attachment; filename="report"'


def test_the_name_may_depend_on_the_request(db, rf):
    class View(PlainCsvView):
        parameters = ["month"]

        def get_filename(self):
            return f"makers-{self.kwargs['year']}-{self.request.GET['month']}.csv"

    response = View.as_view()(rf.get("/", {"month": "11"}), year=2026)
    assert response.headers["Content-Disposition"] == ('attachment; filename="makers-2026-11.csv"')


# The queryset


def test_model_gives_every_object(db, rf):
    save("Ann", "Bob")
    assert sorted(file_of(rf, PlainCsvView).splitlines()) == ["Ann", "Bob", "Name"]


def test_queryset_gives_its_objects(db, rf):
    save("Ann", "Bob")
    queryset = Maker.objects.filter(name="Bob")
    assert file_of(rf, PlainCsvView, model=None, queryset=queryset) == "Name\r\nBob\r\n"


def test_queryset_is_stronger_than_model(db, rf):
    save("Ann", "Bob")
    queryset = Maker.objects.filter(name="Bob")
    assert file_of(rf, PlainCsvView, model=Specimen, queryset=queryset) == "Name\r\nBob\r\n"


def test_get_queryset_may_depend_on_the_request(db, rf):
    class View(PlainCsvView):
        parameters = ["name"]

        def get_queryset(self):
            return super().get_queryset().filter(name=self.request.GET["name"])

    save("Ann", "Bob")
    response = View.as_view()(rf.get("/", {"name": "Bob"}))
    assert b"".join(response) == b"Name\r\nBob\r\n"


def test_get_queryset_may_answer_that_there_is_nothing(db, client, settings):
    class View(PlainCsvView):
        def get_queryset(self):
            raise Http404("No such year.")

    settings.ROOT_URLCONF = (path("report/", View.as_view()),)
    assert client.get("/report/").status_code == 404


@pytest.mark.parametrize(
    "ordering", ["-name", ["-name"], ("-name", "pk"), F("name").desc(), [F("name").desc()]]
)
def test_ordering_orders_the_rows(db, rf, ordering):
    save("Ann", "Cid", "Bob")
    if not isinstance(ordering, (str, list, tuple)):
        ordering = (ordering,)
    assert file_of(rf, PlainCsvView, ordering=ordering) == "Name\r\nCid\r\nBob\r\nAnn\r\n"


def test_ordering_is_stronger_than_that_of_the_queryset(db, rf):
    save("Ann", "Cid", "Bob")
    queryset = Maker.objects.order_by("name")
    assert file_of(rf, PlainCsvView, queryset=queryset, ordering="-name") == (
        "Name\r\nCid\r\nBob\r\nAnn\r\n"
    )


def test_get_ordering_may_depend_on_the_request(db, rf):
    class View(PlainCsvView):
        parameters = ["order"]

        def get_ordering(self):
            return self.request.GET["order"]

    save("Ann", "Cid", "Bob")
    response = View.as_view()(rf.get("/", {"order": "-name"}))
    assert b"".join(response) == b"Name\r\nCid\r\nBob\r\nAnn\r\n"


def test_a_queryset_of_the_class_is_read_anew_for_each_request(db, rf):
    class View(PlainCsvView):
        queryset = Maker.objects.order_by("name")

    save("Ann")
    first = file_of(rf, View)
    save("Bob")
    assert (first, file_of(rf, View)) == ("Name\r\nAnn\r\n", "Name\r\nAnn\r\nBob\r\n")


def test_a_queryset_that_was_read_already_is_read_anew(db, rf):
    save("Ann")
    queryset = Maker.objects.order_by("name")
    assert len(queryset) == 1

    class View(PlainCsvView):
        def get_queryset(self):
            return queryset

    save("Bob")
    assert file_of(rf, View) == "Name\r\nAnn\r\nBob\r\n"


def test_reading_leaves_no_rows_in_the_queryset_of_the_class(db, rf):
    class View(PlainCsvView):
        queryset = Maker.objects.order_by("name")

    save("Ann")
    file_of(rf, View, columns=[Column(lambda maker: maker.name, label="Name")])
    assert View.queryset._result_cache is None


def test_an_annotation_of_the_queryset_can_be_a_column(db, rf):
    save("Ann")
    queryset = Maker.objects.annotate(specimen_count=Count("specimens"))
    assert file_of(rf, PlainCsvView, queryset=queryset, columns=["specimen_count"]) == (
        "Specimen count\r\n0\r\n"
    )


# Columns


def test_columns_may_be_a_tuple(db, rf):
    save("Ann", size=Maker.Size.LARGE)
    assert file_of(rf, PlainCsvView, columns=("name", "get_size_display")) == (
        "Name,Size\r\nAnn,Large works\r\n"
    )


def test_get_columns_may_depend_on_the_request(db, rf):
    class View(PlainCsvView):
        parameters = ["also"]

        def get_columns(self):
            return [*self.columns, *self.request.GET.getlist("also")]

    save("Ann", size=2)
    response = View.as_view()(rf.get("/", {"also": "size"}))
    assert b"".join(response) == b"Name,Size\r\nAnn,2\r\n"


def test_a_column_may_be_a_method_of_the_view(db, rf):
    class View(PlainCsvView):
        parameters = ["greeting"]

        def get_columns(self):
            return ["name", Column(self.greeting, label="Greeting")]

        def greeting(self, maker):
            return f"{self.request.GET['greeting']} {maker.name}"

    save("Ann")
    response = View.as_view()(rf.get("/", {"greeting": "Hello"}))
    assert b"".join(response) == b"Name,Greeting\r\nAnn,Hello Ann\r\n"


def test_a_method_of_the_view_is_labelled_by_its_name(db, rf):
    class View(PlainCsvView):
        def get_columns(self):
            return [Column(self.first_letter)]

        def first_letter(self, maker):
            return maker.name[0]

    save("Ann")
    assert file_of(rf, View) == "First letter\r\nA\r\n"


def test_columns_can_be_given_in_the_urlconf(db, rf):
    save("Ann", size=2)
    assert file_of(rf, PlainCsvView, columns=["size"]) == "Size\r\n2\r\n"


def test_two_urls_with_columns_of_their_own_do_not_mix(db, rf):
    save("Ann", size=2)
    views = [PlainCsvView.as_view(columns=["size"]), PlainCsvView.as_view()]
    assert [b"".join(view(rf.get("/"))) for view in views] == [
        b"Size\r\n2\r\n",
        b"Name\r\nAnn\r\n",
    ]


def test_an_attribute_that_does_not_exist_cannot_be_given_in_the_urlconf():
    with pytest.raises(TypeError, match="received an invalid keyword 'colums'"):
        PlainCsvView.as_view(colums=["size"])
