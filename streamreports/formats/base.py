"""What every format has."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Sequence
from typing import ClassVar

from streamreports.values import TextOptions

PIECE_SIZE = 64 * 1024  # characters: what a batch that is much longer is cut into


class Format(ABC):
    """Turn the rows of a report into the bytes of a file.

    ``content_type``: the media type of the file. ``extension``: the end of its name.
    """

    content_type: ClassVar[str]
    extension: ClassVar[str]

    def get_content_type(self) -> str:
        """Return the value of the Content-Type header."""
        return self.content_type

    @property
    def style(self) -> TextOptions:
        """Return how the format wants values printed, in the active language."""
        return TextOptions()

    def get_copy_options(self) -> str | None:
        """Return the options with which PostgreSQL's COPY writes the same, None where it cannot."""
        return None

    @abstractmethod
    def encode(
        self, header: Sequence[str], batches: Iterable[Sequence[Sequence[str]]]
    ) -> Generator[bytes, None, None]:
        """Yield the bytes of the file, a piece or more for each batch of rows.

        What shows that the file is whole comes last, when the batches have come to their end.
        """

    def check(self) -> None:  # noqa: B027  Most formats have nothing to go wrong.
        """Raise ReportError where the format could not write every report."""
