"""`python -m benchmarks [NAME…] [--write]`: measures, prints, and with `--write` keeps docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence

from . import checking, compiling, matching, mixed, ordering, reloading, replaying, starting, triggers
from .harness import WrongAnswerError
from .machine import machine
from .processes import ROOT
from .report import Report, as_markdown, as_text
from .sizes import FULL, Sizes

BENCHMARKS: Mapping[str, Callable[[Sizes], Report]] = {
    "starting": starting.run,
    "compiling": compiling.run,
    "mixed": mixed.run,
    "checking": checking.run,
    "matching": matching.run,
    "triggers": triggers.run,
    "replaying": replaying.run,
    "reloading": reloading.run,
    "ordering": ordering.run,
}
DOCUMENT = ROOT / "docs" / "benchmarks.md"

_HEAD = """\
# Benchmarks

`make bench` measures all of this again in some twelve minutes, `make bench ARGS=matching` one part of it, and
`make bench ARGS=--write` writes this page from what it measured.

How it is measured: everything that is compared runs in the same minutes, in turn (A B C, A B C, …), and a first round
is not counted. A figure is the median of the rounds; a ratio is the median of each round's ratio. Seconds are those of
the processor, because a machine that other work shares makes wall time mean little; *wall* is beside it for whole
processes. Even so, compare ratios, not figures, between two machines or two days. Before anything is timed its answers
are checked, peers' and rulec's alike: a wrong one ends the run.

Measured on: {machine}.
"""


def main(arguments: Sequence[str]) -> int:
    """Runs the benchmarks named, all where none is; exit code 1 where one gave a wrong answer."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md; goes with all of them")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark `{unknown[0]}`; there is {', '.join(BENCHMARKS)}")
    if given.write and given.names:
        parser.error("--write measures all of them: give no NAME")
    where = machine()
    reports: list[Report] = []
    print(where, end="\n\n")
    for name in given.names or BENCHMARKS:
        try:
            report = BENCHMARKS[name](FULL)
        except WrongAnswerError as wrong:
            print(f"{name}: {wrong}", file=sys.stderr)
            return 1
        print(as_text(report), flush=True)
        reports.append(report)
    if given.write:
        DOCUMENT.write_text(document(where, reports), encoding="utf-8")
    return 0


def document(where: str, reports: Sequence[Report]) -> str:
    """The text of docs/benchmarks.md."""
    return "\n".join([_HEAD.format(machine=where), *map(as_markdown, reports)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
