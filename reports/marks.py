"""Marks in a page: what is between them is generated, what is around them is somebody's own."""

from dataclasses import dataclass


class MarkError(ValueError):
    """A page has not exactly one place for what is generated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """A pair of lines that no reader of the page sees.

    Attributes:
        name: of what is between them.
        command: that writes it.
    """

    name: str
    command: str

    @property
    def begin(self) -> str:
        """The line above what is generated."""
        return f"<!-- {self.name}: begin (what is between these marks is written by `{self.command}`) -->"

    @property
    def end(self) -> str:
        """The line below it."""
        return f"<!-- {self.name}: end -->"

    def are_in(self, page: str) -> bool:
        """Whether either of them is."""
        return self.begin in page or self.end in page

    def place(self, page: str, section: str) -> str:
        """The page with the section between its marks; all that is around them stays.

        Raises:
            MarkError: the marks are not there, once each and in order.
        """
        before, begin, rest = page.partition(self.begin)
        _, end, after = rest.partition(self.end)
        if not (begin and end) or self.begin in rest or self.end in before + after:
            raise MarkError(f"expected a line {self.begin!r} and below it {self.end!r}, each once")
        return f"{before}{self.begin}\n\n{section}\n\n{self.end}{after}"
