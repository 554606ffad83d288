"""URLconf of lists whose rows can be downloaded."""

from django.urls import path

from tests.pages import list_views as views

urlpatterns = [
    path("plain/", views.PlainList.as_view()),
    path("search/", views.SearchList.as_view()),
    path("form/", views.FormList.as_view()),
    path("default/", views.DefaultList.as_view()),
    path("filtered/", views.FilteredList.as_view()),
    path("private/", views.PrivateList.as_view()),
    path("limited/", views.LimitedList.as_view()),
    path("unfinished/", views.UnfinishedList.as_view()),
]
