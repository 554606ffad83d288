"""The kinds of values that Django's functions return, for use by vendors."""

from django.db.models import Count, Max, Min
from django.db.models import functions as f

Kinds = dict[type, str]

# The function returns the kind of its arguments.
SAME = "same"

# Their SQL returns text for any arguments.
TEXT_FUNCTIONS: Kinds = dict.fromkeys(
    (f.Left, f.Lower, f.LTrim, f.Replace, f.Right, f.RTrim, f.Substr, f.Trim, f.Upper), "text"
)
HASH_FUNCTIONS: Kinds = dict.fromkeys(
    (f.MD5, f.SHA1, f.SHA224, f.SHA256, f.SHA384, f.SHA512), "text"
)
PADDING_FUNCTIONS: Kinds = dict.fromkeys((f.LPad, f.Repeat, f.Reverse, f.RPad), "text")
INTEGER_FUNCTIONS: Kinds = dict.fromkeys(
    (Count, f.DenseRank, f.Length, f.Rank, f.RowNumber, f.StrIndex), "integer"
)
# Concat consists of ConcatPair, which vendors cast to text.
CONCATENATIONS: Kinds = dict.fromkeys((f.Concat, f.text.ConcatPair), "text")
SAME_FUNCTIONS: Kinds = dict.fromkeys((f.Coalesce, f.Greatest, f.Least, f.NullIf, Max, Min), SAME)
EXTRACTIONS: tuple[type, ...] = (
    f.Extract, f.ExtractDay, f.ExtractHour, f.ExtractIsoWeekDay, f.ExtractIsoYear,
    f.ExtractMinute, f.ExtractMonth, f.ExtractQuarter, f.ExtractSecond, f.ExtractWeek,
    f.ExtractWeekDay, f.ExtractYear,
)  # fmt: skip
# A date or datetime in local time, without a zone.
TRUNCATIONS: Kinds = dict.fromkeys(
    (
        f.Trunc, f.TruncDay, f.TruncHour, f.TruncMinute, f.TruncMonth, f.TruncQuarter,
        f.TruncSecond, f.TruncWeek, f.TruncYear,
    ),
    "timestamp",
)  # fmt: skip
DATE_CASTS: Kinds = {f.TruncDate: "date", f.TruncTime: "time"}
