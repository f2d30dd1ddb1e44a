"""The risk gate: what may raise a position is judged by a tuple of checks before it leaves.

    intent -> None (allowed) | Reason (refused)

A limit refuses, it never shrinks an order; a limit that cannot be computed refuses too. Whatever only reduces or
protects is not asked about here at all. Working and in-flight opening orders count as filled, at their limit or
reference price. With several limits of a kind each is checked, so the tightest wins.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

import attrs

from ...dsl.plan import Limit, LimitKind, Period
from ..broker.port import OrderSide
from .reasons import Reason

_SECONDS = {Period.MINUTE: 60, Period.HOUR: 3600, Period.DAY: 86400}


@attrs.frozen
class Intent:
    """Shares that a rule or a Python user wants to open.

    `price` is the reference or stated price in currency, `value` price times quantity. `stated` tells a price that
    was written from one that was observed. `replaces` says that the symbol's present trade is closed first (a
    reversal); `adds` that it joins the present trade. `orders` is the number of brackets.
    """

    symbol: str
    side: OrderSide
    quantity: int
    price: float
    orders: int = 1
    stated: bool = False
    replaces: bool = False
    adds: bool = False

    @property
    def value(self) -> float:
        return self.price * self.quantity


class Situation(Protocol):
    """What the checks may look at: a read-only view of the engine's books at this step's `now`."""

    @property
    def now(self) -> int:
        """Microseconds since 1970 UTC."""

    @property
    def halted(self) -> bool: ...

    @property
    def connected(self) -> bool: ...

    @property
    def short_selling(self) -> bool:
        """Whether the account may sell short at all."""

    @property
    def dry_run(self) -> bool:
        """Whether nothing that opens shares is to leave."""

    @property
    def loss_halted(self) -> bool: ...

    @property
    def buying_power_multiple(self) -> float: ...

    @property
    def price_sanity(self) -> float:
        """How far a stated entry price may lie from the last, as a fraction."""

    @property
    def sectors(self) -> Mapping[str, str]: ...

    def symbol_halted(self, symbol: str) -> bool: ...

    def reconciled(self, symbol: str) -> bool:
        """Whether the broker has told all that it knows of a symbol since the connection began."""

    def unresolved(self, symbol: str) -> bool:
        """Whether what an order of a symbol is doing is unknown."""

    def foreign_shares(self, symbol: str) -> int:
        """Shares of the account that are not ours, signed."""

    def data_fault(self, symbol: str) -> Reason | None:
        """Why no price of a symbol is to be trusted now; None where there is nothing against it."""

    def price_is_fresh(self, symbol: str) -> bool:
        """Whether the last price of a symbol is young enough to count with."""

    def closed_for_session(self, symbol: str) -> bool:
        """Whether a clock rule has exited near the close, so that the symbol stays flat until the next session."""

    def market_open(self, symbol: str) -> bool: ...

    def has_trade(self, symbol: str) -> bool: ...

    def equity(self) -> float | None:
        """Currency."""

    def day_loss_known(self) -> bool: ...

    def last(self, symbol: str) -> float | None: ...

    def signed_exposure(self, symbol: str) -> float | None:
        """Currency: position and opening orders of one symbol, signed; None where a price is unknown."""

    def gross_exposure(self, without: str, among: Collection[str] | None = None) -> float | None:
        """Currency: positions and opening orders of all symbols but one, or of these, shorts counted like longs; None
        where a price is unknown.
        """

    def exposed_symbols(self) -> Sequence[str]: ...

    def open_trades(self) -> int: ...

    def openings_since(self, time: int) -> int:
        """How many opening brackets were sent at or after a time."""

    def day_start(self) -> int:
        """When the exchange's day began."""


Check = Callable[[Intent, Situation, Sequence[Limit]], Reason | None]


def judge(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    """The first reason against an intent, or None where it may leave."""
    for check in CHECKS if limits else _WITHOUT_LIMITS:
        reason = check(intent, situation, limits)
        if reason is not None:
            return reason
    return None


def _of(limits: Sequence[Limit], kind: LimitKind) -> Sequence[Limit]:
    return [limit for limit in limits if limit.kind is kind] if limits else ()


def _exceeds(limit: Limit, amount: float, situation: Situation) -> bool | None:
    """Whether an amount of money is above a limit; None where the equity is needed and unknown."""
    bound = limit.value
    if bound is None:
        return False
    if limit.of_equity:
        equity = situation.equity()
        if equity is None:
            return None
        bound *= equity
    # a cent of slack: 0.2 * 100000 must allow a position of exactly 20000
    return amount > bound + 1e-6


def _check_amount(
    kind: LimitKind, amount: float | None, situation: Situation, limits: Sequence[Limit], reason: Reason
) -> Reason | None:
    for limit in _of(limits, kind):
        if amount is None:
            return Reason.NO_REFERENCE
        exceeds = _exceeds(limit, amount, situation)
        if exceeds is None:
            return Reason.EQUITY_UNKNOWN
        if exceeds:
            return reason
    return None


def check_halts(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    if situation.halted:
        return Reason.HALTED
    if situation.loss_halted:
        return Reason.DAILY_LOSS
    if situation.symbol_halted(intent.symbol):
        return Reason.SYMBOL_HALTED
    if not situation.connected:
        return Reason.DISCONNECTED
    return None


def check_account(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    """What a real account adds: others trade in it, and not everything about it is always known."""
    if not situation.reconciled(intent.symbol):
        return Reason.NOT_RECONCILED
    if situation.unresolved(intent.symbol):
        return Reason.ORDER_UNKNOWN
    return Reason.FOREIGN_SHARES if situation.foreign_shares(intent.symbol) else None


def check_data(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    return situation.data_fault(intent.symbol)


def check_hours(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    return None if situation.market_open(intent.symbol) else Reason.OUTSIDE_HOURS


def check_session(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    return Reason.FLAT_FOR_SESSION if situation.closed_for_session(intent.symbol) else None


def check_one_trade(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    if situation.has_trade(intent.symbol) and not (intent.replaces or intent.adds):
        return Reason.TRADE_EXISTS
    return None


def check_symbols(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    if any(intent.symbol not in limit.symbols for limit in _of(limits, LimitKind.ONLY_SYMBOLS)):
        return Reason.ONLY_SYMBOLS
    return None


def check_shorting(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    if intent.side is not OrderSide.SELL:
        return None
    if _of(limits, LimitKind.NO_SHORTING):
        return Reason.NO_SHORTING
    return None if situation.short_selling else Reason.SHORT_SELLING


def check_day_loss(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    if _of(limits, LimitKind.DAILY_LOSS) and not situation.day_loss_known():
        return Reason.PROFIT_UNKNOWN
    return None


def check_price_sanity(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    last = situation.last(intent.symbol)
    if intent.stated and last is not None and abs(intent.price - last) > situation.price_sanity * last:
        return Reason.PRICE_SANITY
    return None


def check_order(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    return _check_amount(LimitKind.ORDER, intent.value, situation, limits, Reason.MAX_ORDER)


def _symbol_after(intent: Intent, situation: Situation) -> float | None:
    """The symbol's gross exposure once the intent has filled, in currency."""
    signed = intent.side.sign * intent.value
    if intent.replaces:
        return abs(signed)
    present = situation.signed_exposure(intent.symbol)
    return None if present is None else abs(present + signed)


def check_position(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    if not _of(limits, LimitKind.POSITION):
        return None
    after = _symbol_after(intent, situation)
    return _check_amount(LimitKind.POSITION, after, situation, limits, Reason.MAX_POSITION)


def check_positions(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    if intent.adds or intent.replaces:
        return None
    for limit in _of(limits, LimitKind.POSITIONS):
        if limit.value is not None and situation.open_trades() + 1 > limit.value:
            return Reason.MAX_POSITIONS
    return None


def _gross_after(intent: Intent, situation: Situation, symbols: Collection[str] | None) -> float | None:
    own = _symbol_after(intent, situation)
    others = None if own is None else situation.gross_exposure(intent.symbol, symbols)
    return None if own is None or others is None else own + others


def check_other_prices(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    """A limit over several symbols counts with the prices of all of them."""
    if not any(limit.kind in (LimitKind.SECTOR, LimitKind.EXPOSURE) for limit in limits):
        return None
    others = (symbol for symbol in situation.exposed_symbols() if symbol != intent.symbol)
    return None if all(map(situation.price_is_fresh, others)) else Reason.STALE_PRICE


def check_sector(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    if not _of(limits, LimitKind.SECTOR):
        return None
    sector = situation.sectors.get(intent.symbol)
    exposed = situation.exposed_symbols()
    if sector is None or any(symbol not in situation.sectors for symbol in exposed):
        return Reason.SECTOR_UNKNOWN
    members = {symbol for symbol in exposed if situation.sectors[symbol] == sector}
    return _check_amount(
        LimitKind.SECTOR, _gross_after(intent, situation, members), situation, limits, Reason.MAX_SECTOR
    )


def check_exposure(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    if not _of(limits, LimitKind.EXPOSURE):
        return None
    after = _gross_after(intent, situation, None)
    return _check_amount(LimitKind.EXPOSURE, after, situation, limits, Reason.MAX_EXPOSURE)


def check_buying_power(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    equity = situation.equity()
    after = _gross_after(intent, situation, None)
    if equity is None:
        return Reason.EQUITY_UNKNOWN
    if after is None:
        return Reason.EXPOSURE_UNKNOWN
    if after > situation.buying_power_multiple * equity + 1e-6:
        return Reason.BUYING_POWER
    return None


def check_rate(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    for limit in _of(limits, LimitKind.ORDERS):
        period = limit.period or Period.MINUTE
        # minute and hour slide; a day is the exchange's date
        since = situation.day_start() if period is Period.DAY else situation.now - _SECONDS[period] * 1_000_000 + 1
        if limit.value is not None and situation.openings_since(since) + intent.orders > limit.value:
            return Reason.MAX_ORDERS
    return None


def check_dry_run(intent: Intent, situation: Situation, limits: Sequence[Limit]) -> Reason | None:
    """The last check: what a dry run refuses for this alone would have been sent."""
    return Reason.DRY_RUN if situation.dry_run else None


CHECKS: tuple[Check, ...] = (
    check_halts,
    check_account,
    check_data,
    check_hours,
    check_session,
    check_one_trade,
    check_symbols,
    check_shorting,
    check_price_sanity,
    check_order,
    check_position,
    check_positions,
    check_day_loss,
    check_other_prices,
    check_sector,
    check_exposure,
    check_buying_power,
    check_rate,
    check_dry_run,
)

# Those that only hold an intent against the limits of rules and settings.
_OF_LIMITS = (
    check_symbols,
    check_order,
    check_position,
    check_positions,
    check_day_loss,
    check_other_prices,
    check_sector,
    check_exposure,
    check_rate,
)
_WITHOUT_LIMITS = tuple(check for check in CHECKS if check not in _OF_LIMITS)
