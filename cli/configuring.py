"""The configuration, as the commands use it: `--config FILE`, else `rulec.toml` where the command is run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ..runtime.configuration import Configuration, ConfigurationError, read_configuration
from .actions import DEFAULT_FILE
from .errors import CommandError

F = TypeVar("F", bound=Callable[..., Any])


def config_option(function: F) -> F:
    """Adds `--config FILE` to a command; it gets `config`, None where not given."""
    return click.option(
        "--config", metavar="FILE", help=f"Read the configuration from this file [{DEFAULT_FILE}, where there is one]."
    )(function)


def load_configuration(path: str | None, *, default: bool = True) -> Configuration:
    """The configuration that was asked for, else the default file's, else the empty one.

    Raises:
        CommandError: it cannot be read or is wrong; named as `FILE:LINE: …`.
    """
    if path is None:
        if not default or not Path(DEFAULT_FILE).is_file():
            return Configuration()
        path = DEFAULT_FILE
    try:
        return read_configuration(path)
    except ConfigurationError as error:
        raise CommandError(str(error), error.help) from error
