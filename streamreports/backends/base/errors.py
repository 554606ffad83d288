"""Explain the errors of a database."""

from collections.abc import Callable, Iterable, Iterator


def exception_chain(exception: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those that caused it: the driver's is the cause of Django's."""
    seen: set[int] = set()
    while exception is not None and id(exception) not in seen:
        yield exception
        seen.add(id(exception))
        exception = exception.__cause__ or exception.__context__


def timed_out(setting: str) -> str:
    """Return the explanation for a timeout of the database, and how to avoid it."""
    return (
        f"{setting} ended it: raise it for reports, or use a buffering proxy. The time that slow"
        " clients need counts, too."
    )


def explain(exception: BaseException, explainers: Iterable[Callable[[BaseException], str]]) -> str:
    """Return the first explanation for an exception or for one that caused it; "" if none has."""
    explainers = list(explainers)
    explanations = (
        explain_error(error) for error in exception_chain(exception) for explain_error in explainers
    )
    return next(filter(None, explanations), "")
