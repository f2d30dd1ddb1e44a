"""How a command says that it could not be carried out."""

from __future__ import annotations

import click


class CommandError(click.ClickException):
    """The command could not be carried out: exit code 2, and a message with its remedy on standard error.

    `message` names the file or option at fault first (`flow.rules: there is no such file`).
    """

    exit_code = 2

    def __init__(self, message: str, help_text: str | None = None) -> None:
        super().__init__(message)
        self.help_text = help_text

    def show(self, file: object = None) -> None:
        """Print the message and the remedy on standard error."""
        click.echo(f"{click.style('error', fg='red', bold=True)}: {self.message}", err=True)
        if self.help_text is not None:
            click.echo(f"  help: {self.help_text}", err=True)


class LineRefused(CommandError):
    """A line of an input file is wrong. The message starts `FILE:LINE: `, so that an editor finds the place."""

    def show(self, file: object = None) -> None:
        click.echo(self.message, err=True)
