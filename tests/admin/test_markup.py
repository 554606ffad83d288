import pytest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from hypothesis import example, given
from hypothesis import strategies as st

from streamreports.admin.markup import plain_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ('<a href="/1/">Ann</a>', "Ann"),
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("<b>1 &lt; 2</b>", "1 < 2"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<p>a</p>\n<p>b</p>", "a\nb"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
        ('<img src="icon.svg" alt="True">', ""),
        ("<style>p { color: red }</style><script>alert('<b>')</script>ok", "ok"),
        ("&nbsp;", "\xa0"),
        ("<b>cut", "cut"),
        ("1 < 2", "1 < 2"),
        ("<!-- hidden -->shown", "shown"),
        ("", ""),
    ],
)
def test_html_becomes_text(markup, text):
    assert plain_text(mark_safe(markup)) == text


@pytest.mark.parametrize("value", ["<b>&amp;</b>", None, 5, ["<b>"], b"<b>"])
def test_what_is_not_html_stays_as_it_is(value):
    assert plain_text(value) is value


@given(st.text())
@example("<![a")
@example("<" * 200 + "a>")
@example("<!DOCTYPE [<!a")
def test_text_in_html_comes_back(text):
    """Whatever users have typed; a browser joins lines and spaces, too."""
    printed = plain_text(format_html("<b>{}</b>", text))
    assert printed.split() == text.split()


@given(st.text("<>!/[]-&;= \"'abpscript\n"))
@example("<![if a]>")
@example("<!" * 100)
def test_any_markup_prints(markup):
    assert isinstance(plain_text(mark_safe(markup)), str)


def test_joined_html_has_a_line_for_each_part():
    markup = format_html_join(mark_safe("<br>"), "<i>{}</i>", [("a",), ("<b>",)])
    assert plain_text(markup) == "a\n<b>"
