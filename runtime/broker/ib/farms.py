"""The broker's farms, from which data come. They go and come, and say so over and over: told when one breaks, and when
it is well again. None of it is a disconnection."""

from __future__ import annotations

from collections.abc import Callable

_BROKEN = {2103: "market data", 2105: "past data", 2157: "contracts' details"}
_WELL = {2104: "market data", 2106: "past data", 2158: "contracts' details"}


class Farms:
    """The farms that are out of reach. `say` tells a person."""

    def __init__(self, say: Callable[[str, str | None, str], None]) -> None:
        self._say = say
        self._broken: set[str] = set()

    def forget(self) -> None:
        """A new connection tells anew which are well."""
        self._broken.clear()

    def on_notice(self, code: int, text: str) -> bool:
        """Takes a notice about a farm; false for any other."""
        kind = _BROKEN.get(code) or _WELL.get(code)
        if kind is None:
            return False
        farm = f"{kind} {text.rpartition(':')[2]}".strip()
        if code in _WELL and farm in self._broken:
            self._broken.discard(farm)
            self._say("info", None, f"the broker's farm for {farm} is well again")
        elif code in _BROKEN and farm not in self._broken:
            self._broken.add(farm)
            self._say("warning", None, f"the broker's farm for {farm} is out of reach: {text}")
        return True
