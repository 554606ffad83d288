"""Hostile data for hypothesis."""

from hypothesis import strategies as st

# Quotes, line ends, NUL, lone surrogates, formulas, apostrophes, right-to-left, emoji.
SHARP = "\"',;\t\r\n\0\ud800\udfff=+-@＝＋－＠\u202e\u200fא😀\u2028\x85\ufeff\x1c|\\ "

# Any character of Python's, lone surrogates among them.
characters = st.one_of(st.sampled_from(SHARP), st.characters())

hostile_text = st.text(characters, max_size=12)

# What any database can store: no NUL (PostgreSQL has none) and no lone surrogates.
storable_text = st.text(
    st.one_of(
        st.sampled_from([c for c in SHARP if c not in "\0\ud800\udfff"]),
        st.characters(codec="utf-8", exclude_characters="\0"),
    ),
    max_size=12,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
