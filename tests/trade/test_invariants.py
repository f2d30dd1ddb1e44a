"""The checker is checked: it complains of every breach, by its number, and of nothing else."""

from __future__ import annotations

import pytest

from rulec.tests.trade.breaches import CASES, Case, is_right, verdict


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_checker_says_what_is_broken(case: Case) -> None:
    assert is_right(case), f"expected {case.expected}, the checker said {verdict(case)}"
