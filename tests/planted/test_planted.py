"""Every planted bug is caught, and without one nothing is."""

from __future__ import annotations

import pytest

from rulec.tests.planted.bugs import BUGS, Bug
from rulec.tests.planted.hunting import hunt


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_caught(bug: Bug) -> None:
    assert hunt(bug).by is not None


def test_there_are_bugs_in_the_engine_the_exchange_and_the_checker() -> None:
    assert sum(bug.where.startswith(("trade.", "Portfolio.")) for bug in BUGS) >= 12
    assert sum(bug.where.startswith(("Walk.", "Book.")) for bug in BUGS) >= 2
    assert sum(bug.in_checker for bug in BUGS) >= 4
