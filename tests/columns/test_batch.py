import pytest

from streamreports.columns import Column
from streamreports.exceptions import ColumnError
from streamreports.reports import Report
from tests.factories import SpecimenFactory
from tests.models import Part, Specimen

pytestmark = pytest.mark.django_db

specimens = Specimen.objects.order_by("pk")


def rows_of(*columns, queryset=specimens, **options):
    return list(Report(queryset, columns, **options).rows())


def test_batch_function_is_given_the_instances_of_each_chunk():
    for number in range(5):
        SpecimenFactory(integer=number)
    calls = []

    def doubled(instances):
        calls.append([instance.integer for instance in instances])
        return [instance.integer * 2 for instance in instances]

    rows = rows_of("integer", Column(batch=doubled), chunk_size=2)
    assert rows == [("0", "0"), ("1", "2"), ("2", "4"), ("3", "6"), ("4", "8")]
    assert calls == [[0, 1], [2, 3], [4]]


def test_batch_function_runs_its_queries_once_a_chunk(django_assert_num_queries):
    SpecimenFactory.create_batch(5)

    def number_of_parts(instances):
        parts = Part.objects.filter(specimen__in=instances).values_list("specimen")
        return [list(parts).count((instance.pk,)) for instance in instances]

    with django_assert_num_queries(1 + 3):
        assert rows_of(Column(batch=number_of_parts), chunk_size=2) == [("0",)] * 5


def test_batch_values_are_formatted_and_escaped():
    SpecimenFactory.create_batch(2)
    column = Column(batch=lambda instances: [1.5, None], label="x", format=".2f")
    assert rows_of(column, Column(batch=lambda instances: ["=a", "b"], label="y")) == [
        ("1.50", "'=a"),
        ("", "b"),
    ]


def test_batch_function_may_be_a_generator():
    SpecimenFactory.create_batch(2)

    def numbers(instances):
        yield from range(len(instances))

    assert rows_of(Column(batch=numbers)) == [("0",), ("1",)]


def test_batch_function_that_changes_its_instances_changes_no_other_column():
    SpecimenFactory(char="before")

    def change(instances):
        for instance in instances:
            instance.char = "after"
        return [None]

    assert rows_of(Column(batch=change), "char") == [("", "before")]


@pytest.mark.parametrize(
    ("returned", "problem"),
    [
        ([1], "returned 1 values for 2 instances."),
        ([1, 2, 3], "returned 3 values for 2 instances."),
        ("ab", "returned a str."),
        ({"a": 1, "b": 2}, "returned a dict."),
        ({1, 2}, "returned a set."),
        (None, "returned a NoneType."),
    ],
    ids=repr,
)
def test_batch_function_returns_a_value_for_each_instance(returned, problem):
    SpecimenFactory.create_batch(2)
    with pytest.raises(ColumnError) as caught:
        rows_of(Column(batch=lambda instances: returned, name="stock", label="Stock"))
    assert caught.value.problem == f"The batch function of 'stock' {problem}"
    assert caught.value.hint == "Return a list with a value for each instance, in their order."


def number_in_stock(instances):
    return [0 for _ in instances]


def test_label_of_a_batch_column_is_the_name_of_its_function():
    assert Report(specimens, [Column(batch=number_in_stock)]).header == ["Number in stock"]


def test_batch_column_without_a_label_is_refused():
    with pytest.raises(ColumnError) as caught:
        Report(specimens, [Column(batch=lambda instances: instances)])
    assert caught.value.problem == "'<lambda>' has no label."


def test_batch_column_has_no_source():
    with pytest.raises(ColumnError) as caught:
        Report(specimens, [Column("id", batch=number_in_stock)])
    assert caught.value.problem == "'id' has a source and a batch function."


def test_batch_must_be_callable():
    with pytest.raises(ColumnError) as caught:
        Report(specimens, [Column(batch="id")])
    assert caught.value.problem == "batch='id' is not callable."


def test_batch_column_needs_model_instances():
    with pytest.raises(ColumnError) as caught:
        Report(Specimen.objects.values("char"), [Column(batch=number_in_stock)])
    assert caught.value.problem == (
        "'number_in_stock' needs model instances, and the queryset has values()."
    )
