"""Brazilian Portuguese, where its grammar differs from that of English."""

import pytest
from django.utils import translation

from streamreports.exports.models import Export
from streamreports.logs.models import OUTCOMES
from streamreports.previews import RowCount


@pytest.fixture(autouse=True)
def portuguese():
    with translation.override("pt-br"):
        yield


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1_000_000, "cerca de 1 milhão de linhas"),
        (1_500_000, "cerca de 1,5 milhão de linhas"),
        (2_000_000, "cerca de 2 milhões de linhas"),
    ],
)
def test_a_number_below_two_is_singular(number, text):
    assert str(RowCount(number, is_exact=False)) == text


def test_the_states_of_an_export_are_feminine():
    assert {state.value: str(state.label) for state in Export.State} == {
        "queued": "Aguardando",
        "running": "Em execução",
        "done": "Pronta",
        "failed": "Falhou",
        "cancelled": "Cancelada",
        "expired": "Expirada",
    }


def test_the_outcomes_of_a_report_are_masculine():
    assert {outcome: str(label) for outcome, label in OUTCOMES} == {
        "completed": "concluído",
        "aborted": "interrompido",
        "failed": "falhou",
    }


def test_the_message_of_a_failed_preview_names_the_button():
    message = translation.gettext(
        "The preview could not be loaded. Use the button Show to try again."
    )
    assert f"Use o botão {translation.gettext('Show')} para" in message
