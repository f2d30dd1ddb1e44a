"""Symbols and contracts: every well-formed symbol of 1 to 5 letters, with a class or without, is a US stock here.

On the wire a class follows a blank (`BRK B`), in rulec a dot (`BRK.B`). A contract's id follows from its symbol alone,
so that it is the same in every gateway and at every start, and the symbol follows from it.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from ..market.hours import Hours, NyseHours
from ..numbers import TickBand, decimal_text, tick_at
from .replies import ContractData, ContractFields, MarketRule, PriceIncrement
from .requests import Contract

_FORM = re.compile(r"([A-Z]{1,5})(?: ([A-Z]))?", re.ASCII)
_FIRST_ID = 1_000_000
_LETTERS = 27  # none, or one of 26
_CODES = _LETTERS**6
EXCHANGES = ("SMART", "NYSE", "NASDAQ", "ISLAND", "ARCA", "AMEX", "BATS", "IEX", "IBKRATS")
ORDER_TYPES = "DAY,GTC,GTD,IOC,FOK,LIT,LMT,LOC,MIT,MKT,MOC,OCA,STP,STPLMT,TRAIL,TRAILLMT,WHATIF"
MARKET_RULE = 26
TIME_ZONE = "US/Eastern"
_DAYS_SHOWN = 7
_PRE_MARKET, _AFTER_MARKET = 4 * 3600, 20 * 3600


def own_symbol(wire: str) -> str:
    """rulec's spelling of a symbol on the wire: `BRK B` is `BRK.B`."""
    return wire.replace(" ", ".")


def wire_symbol(own: str) -> str:
    return own.replace(".", " ")


def is_symbol(wire: str) -> bool:
    return _FORM.fullmatch(wire) is not None


def contract_id(wire: str) -> int:
    """The id of a well-formed symbol; two symbols never share one."""
    form = _FORM.fullmatch(wire)
    if form is None:
        raise ValueError(f"{wire!r} is no symbol")
    code = 0
    for letter in (form[2] or "@") + form[1].ljust(5, "@"):
        code = code * _LETTERS + ord(letter) - 64
    return _FIRST_ID + code


def symbol_of(number: int) -> str | None:
    """The symbol (as on the wire) that has such an id, or None."""
    code = number - _FIRST_ID
    if not 0 < code < _CODES:
        return None
    letters = []
    for _ in range(6):
        code, letter = divmod(code, _LETTERS)
        letters.append(chr(letter + 64))
    share_class, name = letters[5], "".join(letters[4::-1]).rstrip("@")
    wire = name if share_class == "@" else f"{name} {share_class}"
    return wire if is_symbol(wire) else None


def contract_of(own: str) -> ContractFields:
    """The contract of a symbol in rulec's spelling."""
    wire = wire_symbol(own)
    name, _, share_class = wire.partition(" ")
    listed = "NASDAQ" if len(name) > 3 and not share_class else "NYSE"
    trading_class = wire if share_class else ("NMS" if listed == "NASDAQ" else name)
    return ContractFields(contract_id(wire), wire, listed, trading_class)


def resolve(contract: Contract) -> str | None:
    """The one symbol (rulec's spelling) that a client's description means, or None."""
    if contract.contract_id:
        wire = symbol_of(contract.contract_id)
        stated = contract.symbol or contract.local_symbol
        return None if wire is None or (stated and stated != wire) else own_symbol(wire)
    wire = contract.symbol or contract.local_symbol
    fits = (
        is_symbol(wire)
        and contract.local_symbol in ("", wire)
        and contract.security_type == "STK"
        and contract.currency in ("", "USD")
        and contract.exchange in ("", *EXCHANGES)
        and contract.primary_exchange in ("", *EXCHANGES)
    )
    return own_symbol(wire) if fits else None


class Instruments:
    """What the gateway says about contracts, given the hours and the ticks in force."""

    def __init__(self, hours: Hours, ticks: tuple[TickBand, ...], size_unit: int = 100) -> None:
        self._size_unit = size_unit
        self._hours = hours
        self._ticks = ticks
        self.minimum_tick = decimal_text(tick_at(100_000_000, ticks))

    def details(self, request_id: int, own: str, now: int) -> ContractData:
        contract = contract_of(own)
        exchanges = tuple(dict.fromkeys((*EXCHANGES, contract.primary_exchange)))
        return ContractData(
            request_id=request_id,
            contract=contract,
            market_name=contract.trading_class,
            minimum_tick=self.minimum_tick,
            order_types=ORDER_TYPES,
            valid_exchanges=",".join(exchanges),
            long_name=f"{contract.symbol} STAND-IN CORP",
            time_zone=TIME_ZONE,
            trading_hours=self._hours_text(now, around=True),
            liquid_hours=self._hours_text(now, around=False),
            market_rule_ids=",".join(str(MARKET_RULE) for _ in exchanges),
            stock_type="COMMON",
            size_multiplier=self._size_unit,
        )

    def market_rule(self, rule_id: int) -> MarketRule | None:
        if rule_id != MARKET_RULE:
            return None
        return MarketRule(rule_id, tuple(PriceIncrement(band.low, band.tick) for band in self._ticks))

    def _hours_text(self, now: int, around: bool) -> str:
        today = self._hours.day(now)
        return ";".join(self._day_text(today + timedelta(days=number), around) for number in range(_DAYS_SHOWN))

    def _day_text(self, day: date, around: bool) -> str:
        session = self._hours.session_on(day)
        if session is None:
            return f"{day:%Y%m%d}:CLOSED"
        first = self._hours.seconds_of_day(session.open)
        length = self._hours.seconds_of_day(session.close - 1) + 1
        if around and isinstance(self._hours, NyseHours):
            first, length = _PRE_MARKET, _AFTER_MARKET
        return f"{_moment(day, first)}-{_moment(day, length)}"


def _moment(day: date, seconds: int) -> str:
    days, seconds = divmod(seconds, 24 * 3600)
    return f"{day + timedelta(days=days):%Y%m%d}:{seconds // 3600:02d}{seconds // 60 % 60:02d}"
