"""Which symbols are watched, and with which bars: a wish waits for its contract, and is granted when that is known."""

from __future__ import annotations

from collections.abc import Iterable

from ...times import SECOND
from .bars import BarFeed
from .contracts import Contracts, StockContract
from .market import MarketData
from .runs import BarsWanted


class Watching:
    """The wishes of a run. They only grow: what a rule wanted once, a trade of it may still want."""

    def __init__(self) -> None:
        self._wishes: dict[str, dict[float, int]] = {}

    def wish(self, symbol: str, bars: Iterable[BarsWanted]) -> None:
        """Of bars of one timeframe the most that was ever wished of the past counts."""
        wishes = self._wishes.setdefault(symbol, {})
        for wanted in bars:
            wishes[wanted.timeframe] = max(wanted.past, wishes.get(wanted.timeframe, 0))

    def pursue(self, symbol: str, contracts: Contracts, market: MarketData, bars: BarFeed) -> None:
        """Subscribes what is wished of a symbol, or asks for its contract first."""
        contract = contracts.get(symbol)
        if contract is None:
            contracts.want(symbol)
        else:
            self.grant(contract, market, bars)

    def grant(self, contract: StockContract, market: MarketData, bars: BarFeed) -> None:
        """A contract is known, or is another one now: subscribes what is wished of its symbol, if anything is."""
        wishes = self._wishes.get(contract.symbol)
        if wishes is None:
            return
        market.watch(contract.symbol, contract.con_id)
        for timeframe, past in wishes.items():
            bars.want(contract.symbol, contract.con_id, round(timeframe * SECOND), past, contract.hours)
