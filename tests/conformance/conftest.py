"""What the tests of conformance share: the libraries, and each scenario played once with each of them.

They need three environments that are built from the network, so they are no part of `make test`: `make clients` and
the machine's script ask for them by their mark.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from .environments import LIBRARIES
from .playing import Played, played_once

Play = Callable[[str], Played]


@pytest.fixture(scope="session", params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> str:
    """Each of the client libraries in turn."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def played(library: str, tmp_path_factory: pytest.TempPathFactory) -> Play:
    """Answers what came of a scenario with the library. It is played once, whichever worker asks for it first."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return lambda scenario: played_once(library, scenario, shared / f"{library}-{scenario}")
