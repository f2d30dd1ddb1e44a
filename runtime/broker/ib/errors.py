"""What the broker's error codes mean for an order: one table, as data.

A code says less than it seems to. Many arrive about orders that go on working, and client libraries that take them for
an order's end have cost people their protection. So every code has a class, and the class says what follows; a code
that the table does not have is of the class `unknown`: the order is asked about, never taken for dead. A configuration
may put codes in other classes (`[broker.codes]`).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

import attrs


class CodeClass(enum.Enum):
    """What a code about an order means for it."""

    INFORMATION = "information"
    STILL_LIVE = "still live"
    CHANGED = "changed"
    REJECTED = "rejected"
    MODIFICATION_REFUSED = "modification refused"
    CANCEL_REFUSED = "cancel refused"
    CANCELLED = "cancelled"
    NOT_FOUND = "not found"
    CONNECTION = "connection"
    DATA = "data"
    PACING = "pacing"
    UNKNOWN = "unknown"

    @property
    def meaning(self) -> str:
        """What follows, for readers of the documents."""
        return _MEANINGS[self]


_MEANINGS = {
    CodeClass.INFORMATION: "nothing: a notice",
    CodeClass.STILL_LIVE: "nothing: the order goes on working; the text is shown",
    CodeClass.CHANGED: "the order goes on, perhaps with other terms than were asked for: it is asked about",
    CodeClass.REJECTED: "a modification that is under way was refused, and its order is asked about; without one, an "
    "order that never worked is rejected, and one that worked is suspect and asked about",
    CodeClass.MODIFICATION_REFUSED: "the modification was refused, the order as it was goes on: it is asked about",
    CodeClass.CANCEL_REFUSED: "the cancel was refused: the order is asked about",
    CodeClass.CANCELLED: "the order's status says it as well; where it does not, the order is suspect, and asked about",
    CodeClass.NOT_FOUND: "what was under way, a cancel or a modification, was refused: the order is asked about",
    CodeClass.CONNECTION: "nothing for an order: what was under way is told by the next look at everything",
    CodeClass.DATA: "nothing for an order: a request has no data",
    CodeClass.PACING: "too many messages: the order is asked about",
    CodeClass.UNKNOWN: "any code that is not in the table: the text is shown and the order is asked about",
}


@attrs.frozen
class CodeRow:
    code: int
    kind: CodeClass
    meaning: str


def _rows(kind: CodeClass, meanings: Mapping[int, str]) -> tuple[CodeRow, ...]:
    return tuple(CodeRow(code, kind, meaning) for code, meaning in meanings.items())


_C = CodeClass

CODES: tuple[CodeRow, ...] = (
    *_rows(
        _C.REJECTED,
        {
            103: "the order's number is in use already",
            106: "the order can't be transmitted",
            107: "the order is incomplete",
            109: "the price is too far from the market for the settings of TWS",
            110: "the price is no multiple of the minimum variation",
            111: "the time in force does not go with the order type",
            113: "the order type is for the day only",
            114: "a relative order is for stocks only",
            116: "the exchange is closed for good",
            140: "the size is no whole number",
            141: "the price is no number",
            144: "the order has the wrong fields",
            147: "the order's fields do not go together",
            152: "hidden orders are not possible here",
            154: "the security is halted",
            163: "the price violates the percentage that is set in TWS",
            200: "no such contract; of a request: no data",
            201: "rejected",
            203: "the security is not available or allowed for this account",
            321: "the request does not pass the checks, or the API is read-only",
            325: "discretionary orders are not possible here",
            328: "a trailing stop can't be attached to this order",
            336: "the date and time are no valid ones",
            347: "selling short needs the shares to be located",
            355: "the size does not go with the market's rule",
            361: "the trigger price is invalid",
            383: "the size is above the limit that is set in TWS",
            384: "the price is beyond the limit that is set in TWS",
            387: "the exchange does not know this order type",
            388: "the size is below the smallest",
            391: "the time in force is invalid",
            412: "the contract is not available for trading",
            426: "no account has enough shares",
            434: "the size is zero",
            435: "an account is wanted",
            436: "an allocation is wanted",
            10006: "the parent is missing",
            10243: "fractions of shares can't be ordered through the API",
            10268: "the attribute EtradeOnly is not known any more",
            10269: "the attribute FirmQuoteOnly is not known any more",
        },
    ),
    *_rows(
        _C.MODIFICATION_REFUSED,
        {
            104: "a filled order can't be changed",
            105: "the change does not go with the original, which stays live",
            329: "the order type can't be changed",
            10326: "the group of an order can't be changed",
        },
    ),
    *_rows(
        _C.CANCEL_REFUSED,
        {
            136: "the order can't be cancelled",
            161: "the order is in no state to be cancelled",
            10147: "the order to be cancelled is not found",
            10148: "the order can't be cancelled, for the state that the text names",
        },
    ),
    *_rows(_C.CANCELLED, {202: "cancelled: as asked, or with a text because the price is outside the allowed band"}),
    *_rows(_C.NOT_FOUND, {135: "no order has this number"}),
    *_rows(
        _C.STILL_LIVE,
        {
            399: "a message about the order, such as that it waits for the exchange to open",
            404: "held until shares to sell short are located",
        },
    ),
    *_rows(_C.CHANGED, {10349: "the time in force was set to DAY by a preset of TWS"}),
    *_rows(_C.PACING, {100: "more than 50 messages in a second"}),
    *_rows(
        _C.CONNECTION,
        {
            326: "the client id is in use",
            502: "no connection could be made (the client library's own)",
            504: "not connected (the client library's own, or ours)",
            507: "a message of a wrong length (the client library's own)",
            1100: "the broker's servers are out of reach",
            1101: "they are back, market data has to be asked for again",
            1102: "they are back, market data goes on",
            1300: "the port was changed",
        },
    ),
    *_rows(
        _C.DATA,
        {
            101: "no more lines of market data",
            162: "a historical request found nothing, or was one too many",
            300: "no such request of market data",
            354: "no right to this market data",
            366: "no such historical request",
            420: "too many requests of real-time bars",
            10089: "this market data needs a subscription of its own for the API",
            10090: "a part of this market data is not subscribed",
            10167: "delayed market data is shown",
            10168: "no right to this market data, and none delayed",
            10186: "no right to this market data, and none delayed",
            10197: "another session uses the market data",
        },
    ),
    *_rows(
        _C.INFORMATION,
        {
            2103: "a market data farm is disconnected",
            2104: "a market data farm is fine",
            2105: "a historical data farm is disconnected",
            2106: "a historical data farm is fine",
            2107: "a historical data farm sleeps until it is needed",
            2108: "a market data farm sleeps until it is needed",
            2109: "the wish to trade outside regular hours was not heeded",
            2119: "a market data farm is being connected",
            2158: "the farm of contracts' details is fine",
        },
    ),
)

WARNINGS = range(2100, 2200)
"""Interactive Brokers' own range for warnings: those that have no row of their own are notices, too."""


class CodeTable:
    """Looks codes up; `changes` come before the table."""

    def __init__(self, changes: Mapping[int, CodeClass] | None = None) -> None:
        self._kinds = {row.code: row.kind for row in CODES} | dict(changes or {})

    def kind(self, code: int) -> CodeClass:
        found = self._kinds.get(code)
        if found is not None:
            return found
        return CodeClass.INFORMATION if code in WARNINGS else CodeClass.UNKNOWN


def read_codes(value: Any) -> dict[int, CodeClass]:
    """Reads the codes of a configuration: a table of codes, each with the name of its class. Any: what TOML holds.

    Raises:
        ValueError: says what is expected.
    """
    if not isinstance(value, Mapping):
        raise ValueError('a table of codes is wanted, as in  [broker.codes]  and  399 = "still live"')
    return {_code(code): _kind(name) for code, name in value.items()}


def _code(text: Any) -> int:
    if isinstance(text, str) and text.isascii() and text.isdigit() and 0 < len(text) <= 6:
        return int(text)
    raise ValueError(f"`{text}` is no error code; write a number such as 399")


def _kind(name: Any) -> CodeClass:
    for kind in CodeClass:
        if name == kind.value:
            return kind
    raise ValueError(f"one of {', '.join(kind.value for kind in CodeClass)} is wanted, not `{name}`")
