"""Pages and problems in German, word by word."""

import pytest

from tests.models import Maker
from tests.pages.html import parse

pytestmark = [pytest.mark.urls("tests.pages.urls"), pytest.mark.django_db]

GERMAN = {"accept-language": "de"}
HTML = {"accept": "text/html", **GERMAN}


@pytest.fixture(autouse=True)
def own_templates(settings):
    """Leave out the templates of the demo, so that those of the package are rendered."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]


def test_the_page_of_a_report(client):
    Maker.objects.create(name="Ann", size=1)
    page = parse(client.get("/makers/", headers=HTML))
    assert page.one("html")["lang"] == "de"
    assert page.one("body").text == (
        "All makers Who made what Filter und Spalten Name contains Or a part of it Size --------- "
        "Small works Large works Key Von Bis Sortierung Standardsortierung Full name, aufsteigend "
        "Full name, absteigend Size, aufsteigend Size, absteigend Spalten Die Zahlen legen die "
        "Reihenfolge fest. Ist keine Spalte ausgewählt, werden alle angezeigt. Full name Size Loud "
        "Anzeigen Zurücksetzen 1 Zeile 32 Bytes CSV herunterladen Erste Zeile Full name Size "
        "Loud Ann 1 ANN"
    )


def test_the_texts_that_the_script_shows(client):
    form = parse(client.get("/makers/", headers=HTML)).one("form")
    assert form["data-loading"] == "Die Vorschau wird geladen"
    assert form["data-failed"] == (
        "Die Vorschau konnte nicht geladen werden. Versuchen Sie es mit der Schaltfläche "
        "„Anzeigen“ erneut."
    )


def test_the_page_of_an_invalid_request(client):
    response = client.get("/makers/?nme=1&size=x", headers=HTML)
    assert response.status_code == 400
    page = parse(response)
    assert page.one("title").text == "Fehler: All makers"
    assert page.one(role="alert").text == (
        "Der Bericht wurde aus folgendem Grund nicht erstellt: "
        "nme : Unbekannter Parameter. Meinten Sie „name“?"
    )
    assert page.described(page.one("select", name="size")) == (
        "Bitte eine gültige Auswahl treffen. x ist keine gültige Auswahl."
    )


def test_the_problem_of_an_invalid_request(client):
    headers = {"accept": "application/json", **GERMAN}
    response = client.get("/makers/?nme=1&format=csv", headers=headers)
    assert response.status_code == 400
    detail = "Unbekannter Parameter. Meinten Sie „name“?"
    assert response.json() == {
        "type": "about:blank",
        "title": "Ungültige Parameter",
        "status": 400,
        "detail": f"nme: {detail}",
        "errors": [{"parameter": "nme", "detail": detail}],
    }
