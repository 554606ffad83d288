"""URLconf of a site whose reports have the language in their paths."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from tests.exports.support import MakersView

urlpatterns = [
    *i18n_patterns(path("makers/", MakersView.as_view())),
    path("exports/", include("streamreports.exports.urls")),
]
