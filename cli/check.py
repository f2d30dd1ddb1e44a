"""`rulec check`: compiles rule files and says what is wrong with them; connects to nothing, and changes files only when
it is asked to, with `--fix`.

Diagnostics go to standard output, in the format asked for; the summary of the formats for people goes to standard
error, so that nothing but diagnostics is ever read by a program.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from ..dsl.library import STANDARD_INPUT
from .actions import DEFAULT_FILE, signatures_of_actions
from .checking import FORMATS, Asked, as_text, check_asked, report
from .errors import CommandError
from .rules import read_settings, settings_option


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="full",
    show_default=True,
    help="How to print what is found.",
)
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--select", multiple=True, metavar="CODES", help="Show only these codes: W402,W405 or W4; W408 needs it.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Do not show these codes; an error fails all the same.")
@click.option("--fix", is_flag=True, help="Correct in the files what can be corrected in one way only.")
@click.option("--statistics", is_flag=True, help="Say how often each code was found.")
@click.option("--watch", is_flag=True, help="Check again whenever a file is saved, until Ctrl-C.")
@click.option("--broker", metavar="ib://HOST:PORT", help="Ask this broker about the rules' symbols and order types.")
@click.option("--no-cache", is_flag=True, help="Check anew what has not changed since it was checked.")
@settings_option
@click.option(
    "--config",
    metavar="FILE",
    help=f"Read which Python actions there are from here [{DEFAULT_FILE}, where there is one].",
)
def check(
    paths: tuple[str, ...],
    form: str,
    strict: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fix: bool,
    statistics: bool,
    watch: bool,
    broker: str | None,
    no_cache: bool,
    settings: tuple[str, ...],
    config: str | None,
) -> int:
    """Compile rule files and say what is wrong with them.

    PATH is a file, a folder (all .rules files below it), or - for standard input. Exit code 0: no errors (and, with
    --strict, no warnings); 1: there are; 2: something could not be read.
    """
    asked = Asked(
        paths,
        form,
        strict,
        _codes(select, "--select"),
        _codes(ignore, "--ignore"),
        statistics,
        read_settings(settings),
        signatures_of_actions(config),
        to_error=fix and STANDARD_INPUT in paths,
        kept=not (no_cache or watch or fix),
    )
    if broker is not None and (watch or fix):
        raise CommandError("--broker: not with --watch or --fix", "check with the broker by itself")
    if watch:
        from .check_watch import watch_and_check

        if fix or STANDARD_INPUT in paths:
            raise CommandError("--watch: not with --fix, nor with standard input", "name files or folders to watch")
        return watch_and_check(asked)
    if fix:
        from .check_fix import fix_files

        return fix_files(asked)
    if broker is not None:
        return _check_with_broker(asked, broker, config)
    return report(asked, check_asked(asked))


def _check_with_broker(asked: Asked, broker: str, config: str | None) -> int:
    from .check_broker import ask_broker, broker_address, show, with_findings

    address = broker_address(asked, broker)
    checked = check_asked(asked)
    if checked.rules is None or asked.form != "json":
        code = report(asked, checked)
        if checked.rules is None:
            return code
        at_broker, findings = ask_broker(asked, address, config)
        show(findings, address)
        return max(code, at_broker)
    text, code = as_text(asked, checked)
    at_broker, findings = ask_broker(asked, address, config)
    click.echo(with_findings(text, findings, address), nl=False)
    return max(code, at_broker)


def _codes(given: Sequence[str], option: str) -> tuple[str, ...]:
    """The codes, or beginnings of codes, that an option names, separated by commas."""
    codes = tuple(code.strip().upper() for text in given for code in text.split(",") if code.strip())
    if codes:
        from ..dsl.codes import CODES

        for code in codes:
            if not any(known.startswith(code) for known in CODES):
                raise CommandError(f"{option} {code}: no code begins so", f"the codes are {', '.join(CODES)}")
    return codes
