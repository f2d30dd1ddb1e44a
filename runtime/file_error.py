"""What is wrong with a file that a user wrote for a run, and where."""

from __future__ import annotations


class FileError(Exception):
    """A file that cannot be used; prints as `FILE:LINE: message`, without the line where none is known."""

    def __init__(self, path: str, line: int | None, message: str, help_text: str | None = None) -> None:
        super().__init__(path, line, message)
        self.path = path
        self.line = line
        self.message = message
        self.help = help_text

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.message}"
