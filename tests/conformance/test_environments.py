"""The environments of the client libraries: what is pinned, and what is said where they cannot be built."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .environments import LIBRARIES, PINS, EnvironmentFailed, cache_folder, folder_name, interpreter_of, version_of

ROOT = Path(__file__).resolve().parents[2]


def test_the_pins_are_those_that_the_makefile_locks() -> None:
    wanted = dict(re.findall(r"(\w+)==(\S+)", (ROOT / "Makefile").read_text(encoding="utf-8").partition("CLIENTS")[2]))
    assert wanted == {library: version_of(library) for library in LIBRARIES}


@pytest.mark.parametrize("pins", sorted(PINS.glob("*.txt")), ids=lambda path: path.stem)
def test_everything_is_pinned_by_hashes_and_names_no_index(pins: Path) -> None:
    text = pins.read_text(encoding="utf-8")
    pinned = [line for line in text.splitlines() if "==" in line]
    assert pinned and all(line.endswith("\\") for line in pinned)
    assert "://" not in text


def test_without_a_network_it_says_what_is_missing_and_where_it_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RULEC_CLIENT_ENVIRONMENTS", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    assert cache_folder() == tmp_path
    with pytest.raises(EnvironmentFailed) as failure:
        interpreter_of("ibapi")
    assert f"the environment with ibapi could not be built, and is not in {tmp_path}." in str(failure.value)
    assert "It needs a network once; RULEC_CLIENT_ENVIRONMENTS names a folder that has it." in str(failure.value)
    assert not (tmp_path / folder_name("ibapi") / "complete").exists(), "it is built afresh the next time"
