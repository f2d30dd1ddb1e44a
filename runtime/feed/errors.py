"""What is wrong with a feed's text, and where."""

from __future__ import annotations


class LineError(ValueError):
    """A line that is no event; the message says what to write instead, the caller knows the place."""


class FeedError(Exception):
    """An event file that cannot be used.

    Prints as `FILE:LINE: message`, without the line where the file as a whole is at fault.
    """

    def __init__(self, path: str, line: int | None, message: str) -> None:
        super().__init__(path, line, message)
        self.path = path
        self.line = line
        self.message = message

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.message}"
