"""What all tests share: two profiles, quick and long, chosen by one switch.

Quick is what a person waits for: fixed seeds, few examples. Long (`make long`, which sets RULEC_LONG=1) draws many
fresh examples and runs the tests marked `long` or `clients`. A marked test is left out of the quick profile, not
skipped: it is no part of it. `-m long` and `-m clients` ask for the marked ones by name.
"""

from __future__ import annotations

import os

import hypothesis
import pytest

LONG = os.environ.get("RULEC_LONG", "") not in ("", "0")

# No deadline: on a busy build machine it measures the neighbours.
hypothesis.settings.register_profile("quick", max_examples=30, derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("long", max_examples=2_000, deadline=None, print_blob=True)
hypothesis.settings.load_profile("long" if LONG else "quick")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the tests marked `long` or `clients` out of the quick profile."""
    if LONG or config.getoption("markexpr"):
        return
    wanted: list[pytest.Item] = []
    unwanted: list[pytest.Item] = []
    for item in items:
        marked = item.get_closest_marker("long") or item.get_closest_marker("clients")
        (unwanted if marked else wanted).append(item)
    if unwanted:
        config.hook.pytest_deselected(items=unwanted)
        items[:] = wanted
