from hypothesis import example, given

from streamreports.escaping import escape_formula, replace_unencodable
from streamreports.previews.cells import PreviewCell, text_cell
from tests.strategies import hostile_text

texts = hostile_text.map(replace_unencodable)


@given(texts)
@example("")
@example("'")
@example("''=1")
def test_the_original_of_any_text_is_restored(text):
    escaped = escape_formula(text)
    cell = text_cell(escaped, escapes=True)
    assert cell == PreviewCell(escaped, text, is_escaped=escaped != text)


@given(texts)
def test_text_of_a_column_without_escaping_is_left_as_it_is(text):
    assert text_cell(text, escapes=False) == PreviewCell(text, text)
