"""`python -m rulec.tests.planted` plants every bug and prints the table: bug, where, caught by, seconds."""

from __future__ import annotations

import sys

from rulec.tests.planted.bugs import BUGS
from rulec.tests.planted.hunting import hunt


def main() -> int:
    free = 0
    sys.stdout.write(f"{'planted bug':60} {'where':55} {'caught by':45} seconds\n")
    for bug in BUGS:
        catch = hunt(bug)
        free += catch.by is None
        sys.stdout.write(f"{bug.name:60} {bug.where:55} {catch.by or 'NOT CAUGHT':45} {catch.seconds:7.2f}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(BUGS) - free} of {len(BUGS)} caught\n")
    return 1 if free else 0


if __name__ == "__main__":
    sys.exit(main())
