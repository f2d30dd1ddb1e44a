"""What is wrong with a journal, and what to do about it."""

from __future__ import annotations


class JournalError(Exception):
    """A journal that cannot be read or written; prints as `FILE: message`. `help` is the remedy, where there is one."""

    def __init__(self, path: str, message: str, help_text: str | None = None) -> None:
        super().__init__(path, message)
        self.path = path
        self.message = message
        self.help = help_text

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"
