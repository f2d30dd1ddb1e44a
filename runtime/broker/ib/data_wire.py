"""What the broker says of contracts, market data and bars, as frozen records; beside `wire.py`.

`request` is the number under which it was asked for. Symbols are spelt as rules spell them (`BRK.B`); prices are floats
in currency, times whole seconds since 1970 UTC unless said otherwise.
"""

from __future__ import annotations

import attrs


@attrs.frozen
class ContractTold:
    """A contract that fits a question (contractData).

    `order_types` and `exchanges` are as the broker lists them, `market_rules` beside the exchanges one by one;
    `liquid_hours` is the broker's text, in `zone`.
    """

    request: int
    con_id: int
    symbol: str
    security_type: str
    currency: str
    exchange: str
    primary_exchange: str
    trading_class: str
    name: str
    minimum_tick: float
    order_types: tuple[str, ...]
    exchanges: tuple[str, ...]
    market_rules: tuple[int, ...]
    zone: str
    trading_hours: str
    liquid_hours: str


@attrs.frozen
class ContractsEnd:
    request: int


@attrs.frozen
class MarketRuleTold:
    """Price steps: from each low edge (currency, included) up, prices are multiples of the step beside it."""

    rule: int
    steps: tuple[tuple[float, float], ...]


@attrs.frozen
class PriceTickTold:
    """A price of some kind (1 bid, 2 ask, 4 last, 66 to 68 the same delayed, …) with the size that goes with it."""

    request: int
    kind: int
    price: float
    size: float


@attrs.frozen
class SizeTickTold:
    request: int
    kind: int
    size: float


@attrs.frozen
class TextTickTold:
    request: int
    kind: int
    text: str


@attrs.frozen
class DataTypeTold:
    """Which data a request brings from now on: 1 live, 2 frozen, 3 delayed, 4 delayed and frozen."""

    request: int
    kind: int


@attrs.frozen
class SnapshotEnd:
    request: int


@attrs.frozen
class PastBarTold:
    """A bar of the past, or the present state of the one that goes on.

    `stamp` is the broker's text: seconds since 1970, or a date for bars of a day and longer.
    """

    request: int
    stamp: str
    open: float
    high: float
    low: float
    close: float
    volume: float
    is_update: bool


@attrs.frozen
class PastBarsEnd:
    request: int


@attrs.frozen
class AccountTimeTold:
    """The account's values as told so far are of this time (the broker's own text); it comes every three minutes."""

    time: str


@attrs.frozen
class AccountEnd:
    """All of the account's values were told once."""

    account: str


@attrs.frozen
class ServerTimeTold:
    """The broker's clock: the answer to a sign of life."""

    time: int


@attrs.frozen
class NotUnderstood:
    """A message that could not be read; `text` begins it."""

    text: str


DataTold = (
    ContractTold
    | ContractsEnd
    | MarketRuleTold
    | PriceTickTold
    | SizeTickTold
    | TextTickTold
    | DataTypeTold
    | SnapshotEnd
    | PastBarTold
    | PastBarsEnd
    | AccountTimeTold
    | AccountEnd
    | ServerTimeTold
    | NotUnderstood
)
