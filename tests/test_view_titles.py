"""What a report is called on pages."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from streamreports.views import StreamingCsvView
from tests.models import Maker


class MakersView(StreamingCsvView):
    model = Maker
    columns = ["name"]


def test_the_default_title_is_the_plural_name_of_the_model():
    assert MakersView().get_title() == "Makers"


def test_the_default_title_is_that_of_the_queryset():
    view = type("View", (StreamingCsvView,), {"queryset": Maker.objects.all()})()
    assert view.get_title() == "Makers"


def test_the_title_may_be_a_translation():
    assert MakersView(title=gettext_lazy("Yes")).get_title() == "Yes"


def test_a_report_whose_queryset_is_not_known_has_a_title():
    class InvalidView(MakersView):
        def get_queryset(self):
            raise ValidationError("Give a letter.")

    assert InvalidView().get_title() == "Report"


def test_the_default_description_is_empty():
    assert MakersView().get_description() == ""


def test_the_description_is_that_of_the_view():
    assert MakersView(description=gettext_lazy("Yes")).get_description() == "Yes"
