"""`rulec`: finds the command, runs it, and answers with its exit code.

0 is fine; 1 is that the thing asked about is not; 2 is that the command could not be carried out. A command is a click
command in a module of its own, imported when it is asked for, that returns its exit code (None is 0) and raises
`CommandError` for 2. It is added by a line in `COMMANDS`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from importlib import import_module

import attrs
import click

from ..dsl.record import Record
from ..dsl.spelling import nearest

NOT_CARRIED_OUT = 2


@attrs.frozen(eq=False, repr=False)
class CommandEntry(Record):
    """Where a command stands, below this package, and what it does, in a line for `rulec --help`."""

    module: str
    function: str
    summary: str


COMMANDS: dict[str, CommandEntry] = {
    "check": CommandEntry("check", "check", "Compile rule files and say what is wrong with them."),
    "fmt": CommandEntry("fmt", "fmt", "Lay rule files out in the one canonical way."),
    "test": CommandEntry("test", "test", "Run the scenario tests in rule files."),
    "run": CommandEntry("run", "run", "Trade rules; without options, play the recorded session."),
    "replay": CommandEntry("replay", "replay", "Drive rules with recorded events and print what they did."),
    "gateway": CommandEntry("gateway", "gateway", "Stand in for TWS and IB Gateway on a socket, for any IB client."),
    "explain": CommandEntry("explain", "explain", "Tell the story behind a code, or what the rules of a file do."),
    "new": CommandEntry("new", "new", "Make a working project to start from."),
}


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are run; its help imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            near = nearest(cmd_name, COMMANDS)
            raise click.UsageError(
                f"there is no command `{cmd_name}`{f'; did you mean `{near}`?' if near else ''}", ctx=ctx
            )
        command = getattr(import_module(f".{entry.module}", __package__), entry.function)
        assert isinstance(command, click.Command), "the table names click commands"
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


def _print_version(ctx: click.Context, parameter: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"rulec {version('rulec')}")
        ctx.exit()


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of a fault, anywhere in the line.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
)
def rulec() -> None:
    """Trading rules for Interactive Brokers: write them, check them, replay them, run them."""


@contextmanager
def _log_to_stderr() -> Iterator[None]:
    """What the log of rulec says, down to the traceback of a user's action that failed."""
    import logging

    log, handler = logging.getLogger("rulec"), logging.StreamHandler()
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        log.setLevel(before)
        log.removeHandler(handler)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (without the program's name) and return its exit code; never raises for a user's mistake."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    try:
        with _log_to_stderr() if debug else nullcontext():
            code = rulec.main(words, prog_name="rulec", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return NOT_CARRIED_OUT
    except BrokenPipeError:
        # whoever read the output has gone; what Python still holds for it must not fail again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOT_CARRIED_OUT
    except Exception as error:  # noqa: BLE001 - the outermost edge: a fault of ours, told without a traceback
        if debug:
            import traceback

            traceback.print_exc()
            return NOT_CARRIED_OUT
        click.echo(f"rulec failed: {type(error).__name__}: {error}", err=True)
        click.echo("  help: this is a fault of rulec's, not of yours; `--debug` shows where it happened", err=True)
        return NOT_CARRIED_OUT
