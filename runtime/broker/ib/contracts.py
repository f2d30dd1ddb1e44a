"""Which contract a symbol is: exactly one stock in USD, pinned by its number at the broker, asked for once.

A symbol is asked about when it is first met. One answer settles it; among several the one that is listed on one of the
exchanges of the United States, if that leaves one; else the symbol is unknown, and the choices are told. With the
contract come its price steps and its hours; the hours reach a week ahead and are asked for again every day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from ...clock import Clock
from ...market.hours import Hours
from ...numbers import US_STOCK_TICKS, TickBand, to_micros
from ...times import HOUR, MINUTE
from ..port import DataState, PriceSteps, SymbolData
from .asking import DataRequests, RequestNumbers
from .data_wire import ContractsEnd, ContractTold, MarketRuleTold
from .hours import ContractHours, parse_hours, zone_of
from .settings import IBSettings

US_EXCHANGES = ("NYSE", "NASDAQ", "ISLAND", "ARCA", "AMEX", "BATS", "IEX", "PINK")
SMART = "SMART"
_ASK_AGAIN_AFTER = 12 * HOUR  # hours change with the calendar, and the broker tells a week
_TRY_AGAIN_AFTER = 5 * MINUTE  # what had no answer, or no contract
_NO_CONTRACT = 200


@attrs.frozen
class StockContract:
    """A stock as the broker has it.

    `ticks` are None as long as the market rule is not told; `order_types` are the broker's words for what the contract
    allows.
    """

    symbol: str
    con_id: int
    primary_exchange: str
    name: str
    order_types: frozenset[str]
    hours: ContractHours
    rule: int | None
    ticks: tuple[TickBand, ...] | None = None


@attrs.define
class _Question:
    symbol: str
    asked: int
    answers: list[ContractTold] = attrs.Factory(list)


class Contracts:
    """The contracts that are known, and the questions about those that are not.

    `pulse` is the clock that waiting goes by. `resolved` is called with each contract that is new, `tell` with what
    there is to say of a symbol that has none.
    """

    def __init__(
        self,
        requests: DataRequests,
        numbers: RequestNumbers,
        pulse: Clock,
        settings: IBSettings,
        otherwise: Hours,
        resolved: Callable[[StockContract], None],
        tell: Callable[[SymbolData | PriceSteps], None],
    ) -> None:
        self._requests = requests
        self._numbers = numbers
        self._pulse = pulse
        self._settings = settings
        self._otherwise = otherwise
        self._resolved = resolved
        self._tell = tell
        self._known: dict[str, StockContract] = {}
        self._steps_told: dict[str, tuple[TickBand, ...]] = {}
        self._pinned: dict[str, int] = {}
        self._told: dict[str, int] = {}  # when a symbol was last answered, well or badly
        self._questions: dict[int, _Question] = {}
        self._unknown: dict[str, str] = {}
        self._rules: dict[int, tuple[TickBand, ...]] = {}
        self._asked_rules: set[int] = set()
        self._is_connected = False

    # ---- what is known ---------------------------------------------------------------------------------------------

    def get(self, symbol: str) -> StockContract | None:
        return self._known.get(symbol)

    def con_id(self, symbol: str) -> int | None:
        """The broker's number of a symbol's contract, also where only a position or an order has told it."""
        known = self._known.get(symbol)
        return self._pinned.get(symbol) if known is None else known.con_id

    def why_unknown(self, symbol: str) -> str | None:
        """Why a symbol has no contract; None where it has one, or where that is still open."""
        return self._unknown.get(symbol)

    def is_settled(self, symbol: str) -> bool:
        """Whether a symbol has been answered, well or badly."""
        return symbol in self._known or symbol in self._unknown

    def pin(self, symbol: str, con_id: int) -> None:
        """A position or an order of ours tells which contract its symbol is."""
        self._pinned[symbol] = con_id

    # ---- asking ----------------------------------------------------------------------------------------------------

    def want(self, symbol: str) -> None:
        """Asks about a symbol, unless it is known or being asked about, or had no contract a moment ago."""
        if symbol in self._known or any(open_.symbol == symbol for open_ in self._questions.values()):
            return
        since = self._told.get(symbol)
        if since is None or self._pulse.now() - since >= _TRY_AGAIN_AFTER:
            self._ask(symbol)
        elif symbol in self._unknown:
            self._tell(SymbolData(symbol, DataState.UNKNOWN_SYMBOL, self._unknown[symbol]))

    def connected(self) -> None:
        """A connection stands: what the last one left open is asked again."""
        self._is_connected = True
        still_open = dict.fromkeys(question.symbol for question in self._questions.values())
        self._questions.clear()
        self._asked_rules.clear()
        for symbol in still_open:
            self._ask(symbol)
        for contract in self._known.values():
            if contract.ticks is None:
                self._ask_rule(contract.rule)

    def disconnected(self) -> None:
        self._is_connected = False

    def advance(self) -> None:
        """Asks again what has had no answer, and for hours that are growing old."""
        if not self._is_connected:
            return
        now = self._pulse.now()
        for request, question in list(self._questions.items()):
            if now - question.asked >= self._settings.answer_within:
                del self._questions[request]
                self._ask(question.symbol)
        asked = {question.symbol for question in self._questions.values()}
        for symbol in self._known:
            if symbol not in asked and now - self._told[symbol] >= _ASK_AGAIN_AFTER:
                self._ask(symbol)

    def _ask(self, symbol: str) -> None:
        request = self._numbers.take()
        self._questions[request] = _Question(symbol, self._pulse.now())
        if self._is_connected:
            self._requests.ask_contract(request, symbol)

    def _ask_rule(self, rule: int | None) -> None:
        if rule is not None and rule not in self._asked_rules and rule not in self._rules:
            self._asked_rules.add(rule)
            self._requests.ask_market_rule(rule)

    # ---- answers ---------------------------------------------------------------------------------------------------

    def on_contract(self, told: ContractTold) -> None:
        question = self._questions.get(told.request)
        if question is not None:
            question.answers.append(told)

    def on_end(self, told: ContractsEnd) -> None:
        question = self._questions.pop(told.request, None)
        if question is None:
            return
        fitting = fitting_contracts(question.symbol, question.answers)
        if len(fitting) == 1:
            self._settle(question.symbol, fitting[0])
        else:
            self._leave_unknown(question.symbol, _choices(question.symbol, fitting))

    def on_error(self, request: int, code: int, text: str) -> bool:
        """Takes an error about a question of ours; false where it is about something else."""
        question = self._questions.get(request)
        if question is None:
            return False
        if code == _NO_CONTRACT:
            del self._questions[request]
            self._leave_unknown(question.symbol, text or "no such contract")
        return True

    def on_rule(self, told: MarketRuleTold) -> None:
        bands = tick_bands(told.steps)
        if not bands:
            return
        self._rules[told.rule] = bands
        for symbol, contract in self._known.items():
            if contract.rule == told.rule:
                self._known[symbol] = attrs.evolve(contract, ticks=bands)
                self._tell_steps(symbol, bands)

    def _tell_steps(self, symbol: str, bands: tuple[TickBand, ...]) -> None:
        """The engine takes every stock for one with the usual steps, unless it is told otherwise."""
        if self._steps_told.get(symbol, US_STOCK_TICKS) != bands:
            self._steps_told[symbol] = bands
            self._tell(PriceSteps(symbol, bands))

    def _settle(self, symbol: str, told: ContractTold) -> None:
        before = self._known.get(symbol)
        spans = parse_hours(told.liquid_hours)
        if before is not None and before.con_id == told.con_id:
            hours = before.hours.tell(spans)
        else:
            hours = ContractHours(zone_of(told.zone), spans, self._otherwise)
        rule = market_rule(told)
        contract = StockContract(
            symbol,
            told.con_id,
            told.primary_exchange,
            told.name,
            frozenset(told.order_types),
            hours,
            rule,
            None if rule is None else self._rules.get(rule),
        )
        self._known[symbol] = contract
        self._told[symbol] = self._pulse.now()
        self._unknown.pop(symbol, None)
        if contract.ticks is None:
            self._ask_rule(rule)
        else:
            self._tell_steps(symbol, contract.ticks)
        if before is None or before.con_id != contract.con_id:
            self._resolved(contract)

    def _leave_unknown(self, symbol: str, text: str) -> None:
        self._told[symbol] = self._pulse.now()
        if symbol in self._known:
            return  # a contract does not cease to be for one bad answer
        self._unknown[symbol] = text
        self._tell(SymbolData(symbol, DataState.UNKNOWN_SYMBOL, text))


def fitting_contracts(symbol: str, answers: Sequence[ContractTold]) -> list[ContractTold]:
    """The stocks in USD of this symbol; where there are several, those listed in the United States if there are any."""
    stocks = {
        told.con_id: told
        for told in answers
        if told.security_type == "STK" and told.currency == "USD" and told.symbol == symbol
    }
    listed = [told for told in stocks.values() if told.primary_exchange.partition(".")[0] in US_EXCHANGES]
    return listed or list(stocks.values())


def market_rule(told: ContractTold) -> int | None:
    """The number of the rule for the price steps of orders that go to SMART."""
    rules = dict(zip(told.exchanges, told.market_rules, strict=False))
    return rules.get(SMART, told.market_rules[0] if told.market_rules else None)


def tick_bands(steps: Sequence[tuple[float, float]]) -> tuple[TickBand, ...]:
    """Price steps as bands of micros, from the lowest; empty where a step is none."""
    bands = sorted((to_micros(low), to_micros(step)) for low, step in steps)
    if not bands or any(step <= 0 for _, step in bands):
        return ()
    return tuple(TickBand(low, step) for low, step in bands)


def _choices(symbol: str, fitting: Sequence[ContractTold]) -> str:
    if not fitting:
        return f"there is no stock in USD with the symbol {symbol}"
    listed = "; ".join(f"{told.name} on {told.primary_exchange} (contract {told.con_id})" for told in fitting)
    return f"{symbol} is more than one contract: {listed}"
