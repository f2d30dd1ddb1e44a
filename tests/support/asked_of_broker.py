"""What the data side of the adapter asks of a broker, written down; implements its `DataRequests`."""

from __future__ import annotations


class Asked:
    """Keeps requests as short tuples, oldest first; `take` answers them and forgets."""

    def __init__(self) -> None:
        self.requests: list[tuple[object, ...]] = []
        self.numbers: list[int] = []

    def take(self) -> list[tuple[object, ...]]:
        taken, self.requests = self.requests, []
        return taken

    @property
    def latest(self) -> int:
        """The number of the latest request that has one."""
        return self.numbers[-1]

    def ask_contract(self, request: int, symbol: str) -> None:
        self._note(request, "contract", symbol)

    def ask_market_rule(self, rule: int) -> None:
        self.requests.append(("market rule", rule))

    def ask_quotes(self, request: int, symbol: str, con_id: int) -> None:
        self._note(request, "quotes", symbol, con_id)

    def end_quotes(self, request: int) -> None:
        self.requests.append(("end quotes", request))

    def ask_bars(self, request: int, symbol: str, con_id: int, size: str, duration: str) -> None:
        self._note(request, "bars", symbol, size, duration)

    def end_bars(self, request: int) -> None:
        self.requests.append(("end bars", request))

    def _note(self, request: int, *what: object) -> None:
        self.numbers.append(request)
        self.requests.append(what)
