"""URLconf of a list of reports, and of the reports that it lists."""

from functools import wraps

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import user_passes_test
from django.core.exceptions import PermissionDenied
from django.urls import include, path, re_path
from django.views.generic import TemplateView

from streamreports.pages import ReportIndexView
from tests.pages import views

for_root = user_passes_test(lambda user: user.username == "root", login_url="/login/")


def asynchronous(view):
    """Make a view asynchronous, as a decorator of a project may do."""

    @wraps(view)
    async def wrapper(request, *args, **kwargs):
        if not (await request.auser()).is_staff:
            raise PermissionDenied
        return await sync_to_async(view)(request, *args, **kwargs)

    return wrapper


reports = [
    path("async/", asynchronous(views.PlainReport.as_view(title="Asynchronous"))),
    path("plain/", views.PlainReport.as_view()),
    path("makers.csv", views.MakersFile.as_view()),
    path("private/", views.PrivateReport.as_view()),
    path("staff/", views.StaffReport.as_view()),
    path("decorated/", for_root(views.PlainReport.as_view(title="For root"))),
    path("missing/", views.MissingReport.as_view()),
    path("broken/", views.BrokenReport.as_view()),
    path("session/", views.SessionReport.as_view()),
    path("<int:year>/", views.YearReport.as_view()),
    path("this-year/", views.YearReport.as_view(), {"year": 2026}),
    re_path(r"^group-(\d+)/$", views.PlainReport.as_view()),
    path("other/", TemplateView.as_view(template_name="no-report.html")),
    path("plain/", views.PlainReport.as_view(title="Hidden by the first pattern")),
]

urlpatterns = [
    path("", ReportIndexView.as_view()),
    path("more/", views.Index.as_view()),
    path("reports/", include((reports, "reports"))),
]
