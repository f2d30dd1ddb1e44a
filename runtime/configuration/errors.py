"""What is wrong with a configuration, and where."""

from __future__ import annotations

from ..file_error import FileError


class ConfigurationError(FileError):
    """A configuration that cannot be used."""
