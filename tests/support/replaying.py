"""Replays rules through the command's own door and reads what it printed."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import attrs

from rulec.cli.main import main

OPEN = "2026-01-05T15:00:00Z"  # Monday, 10:00 in New York


def at(seconds: float, start: str = "2026-01-05T15:00") -> str:
    """A time so many seconds after 10:00 New York time on that Monday."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"2026-01-05T{15 + hours:02d}:{minutes:02d}:{rest:09.6f}Z"


def price(seconds: float, value: float, symbol: str = "AAPL", **more: Any) -> dict[str, Any]:
    return {"type": "price", "time": at(seconds), "symbol": symbol, "price": value, **more}


def quote(seconds: float, bid: float, ask: float, symbol: str = "AAPL") -> dict[str, Any]:
    return {"type": "quote", "time": at(seconds), "symbol": symbol, "bid": bid, "ask": ask}


def signal(seconds: float, kind: str, symbol: str = "AAPL", **more: Any) -> dict[str, Any]:
    return {"type": "signal", "time": at(seconds), "symbol": symbol, "signal": kind, "confidence": 0.9, **more}


def fault(seconds: float, event: str, **more: Any) -> dict[str, Any]:
    return {"type": "fault", "time": at(seconds), "event": event, **more}


@attrs.frozen
class Replayed:
    """What a replay printed: one dictionary a line."""

    lines: tuple[dict[str, Any], ...]
    text: str

    def of(self, kind: str, **wanted: Any) -> list[dict[str, Any]]:
        """The lines of a type whose keys have these values."""
        return [
            line
            for line in self.lines
            if line["type"] == kind and all(line.get(key) == value for key, value in wanted.items())
        ]

    def one(self, kind: str, **wanted: Any) -> dict[str, Any]:
        found = self.of(kind, **wanted)
        assert len(found) == 1, f"{len(found)} lines of {kind} with {wanted}:\n{self.text}"
        return found[0]

    @property
    def outcomes(self) -> list[str]:
        return [line["outcome"] for line in self.of("decision")]

    @property
    def summary(self) -> dict[str, Any]:
        return self.one("summary")

    def last_order(self, **wanted: Any) -> dict[str, Any]:
        """The latest line of the one order with these values."""
        found = self.of("order", **wanted)
        assert len({line["id"] for line in found}) == 1, self.text
        return [line for line in self.of("order") if line["id"] == found[0]["id"]][-1]

    def working(self) -> list[dict[str, Any]]:
        """The latest line of every order that has not ended."""
        latest = {line["id"]: line for line in self.of("order")}
        done = {"filled", "cancelled", "rejected", "expired"}
        return [line for line in latest.values() if line["status"] not in done]


def run(arguments: Sequence[str]) -> tuple[int, str, str]:
    """Runs `rulec` in this process: exit code, standard output, standard error."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    return code, out.getvalue(), err.getvalue()


def replay(folder: Path, rules: str, events: Iterable[dict[str, Any]], *options: str) -> Replayed:
    """Replays a rule file's text on events, twice, and checks that both printed the same."""
    rule_file = folder / "card.rules"
    rule_file.write_text(rules)
    event_file = folder / "events.jsonl"
    event_file.write_text("".join(json.dumps(event) + "\n" for event in events))
    arguments = ["replay", str(rule_file), "--events", str(event_file), "--json", *options]
    code, text, errors = run(arguments)
    assert code == 0, errors
    assert run(arguments)[1] == text
    return Replayed(tuple(json.loads(line) for line in text.splitlines()), text)
