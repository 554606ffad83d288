"""The batches that a format is given."""

from hypothesis import given
from hypothesis import strategies as st

from streamreports.writing.batches import BATCH_SIZE, BatchSizer, size_of


class FakeReader:
    """Yield rows in batches as they are given, and note how many rows are wanted after each."""

    wanted = None

    def __init__(self, *batches):
        self._batches = batches
        self.was_wanted = []
        self.closed = False

    def batches(self):
        try:
            for batch in self._batches:
                yield batch
                self.was_wanted.append(self.wanted)
        finally:
            self.closed = True


def parts_of(*batches):
    sizer = BatchSizer(FakeReader(*batches))
    return list(sizer.batches())


def rows(number, width, cell="x"):
    return [(cell * width,)] * number


def test_small_batches_are_passed_on_as_they_are():
    first, second = rows(100, 10), rows(1000, 10)
    parts = parts_of(first, second)
    assert parts[0] is first
    assert parts[1] is second


def test_large_batch_is_passed_on_in_parts():
    parts = parts_of(rows(2000, 999))
    assert sum(map(len, parts)) == 2000
    assert {len(part) for part in parts[:-1]} == {66}


def test_rows_longer_than_a_batch_are_passed_on_one_by_one():
    assert parts_of(rows(5, 200_000)) == [rows(1, 200_000)] * 5


def test_rows_of_different_lengths_are_cut_by_their_own_length():
    parts = parts_of(rows(500, 1) + rows(300, 10_000))
    assert max(sum(map(size_of, part)) for part in parts) <= BATCH_SIZE + 10_001


def test_reader_is_asked_for_as_many_rows_as_make_a_batch():
    reader = FakeReader(rows(100, 63), rows(10, 65_535), rows(10, 1_000_000))
    list(BatchSizer(reader).batches())
    assert reader.was_wanted == [1024, 1, 1]


def test_native_values_have_a_size_too():
    reader = FakeReader([(1, None, 1.5, "x")] * 100)
    list(BatchSizer(reader).batches())
    assert reader.was_wanted == [BATCH_SIZE // 32]


def test_rows_are_counted_when_they_are_passed_on():
    sizer = BatchSizer(FakeReader(rows(3, 1), rows(4, 1)))
    batches = sizer.batches()
    assert sizer.rows == 0
    next(batches)
    assert sizer.rows == 3
    next(batches)
    assert sizer.rows == 7


def test_reader_is_closed_early():
    reader = FakeReader(rows(3, 1), rows(4, 1))
    batches = BatchSizer(reader).batches()
    next(batches)
    batches.close()
    assert reader.closed


@given(st.lists(st.lists(st.integers(0, 50_000), min_size=1, max_size=60), max_size=4))
def test_rows_keep_their_order_and_number(batches):
    given_rows = [[("x" * width, n) for n, width in enumerate(batch)] for batch in batches]
    parts = parts_of(*given_rows)
    assert [row for part in parts for row in part] == [row for batch in given_rows for row in batch]
    assert all(parts)
