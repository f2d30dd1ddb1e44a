"""Why something was not done: one enumeration, from which the documentation's table is generated.

The value is what a decision record shows, the docstring of each member (second item) is what the table says.
"""

from __future__ import annotations

import enum


class Reason(enum.Enum):
    """The reason in a decision: its text, and what it means."""

    def __init__(self, text: str, meaning: str) -> None:
        self.text = text
        self.meaning = meaning

    # nothing to do
    ALREADY_THAT_SIDE = ("already that side", "the symbol's trade is on the side that the rule would enter")
    IN_FLIGHT = ("in flight", "the trade is being closed or reversed")
    NO_TRADE = ("no trade", "the action needs a trade of the symbol and there is none")
    ALREADY_ARMED = ("already armed", "this action of this rule is armed on the trade, or has been used up")
    NOTHING_HELD = ("nothing held", "the entry has not filled yet, so there is nothing to act on")
    WINDING_DOWN = ("winding down", "a stop or exit of the trade has filled: nothing opens any more")
    WOULD_LOOSEN = ("would loosen", "the stop stands tighter already, and a stop is never loosened")
    THROUGH_MARKET = ("at or through the market", "the stop would lie at or through the market")
    NO_TARGET = ("no target", "the trade has no target that is unfilled and not given up")
    ALREADY_THERE = ("already there", "the order stands at that price already")
    NOTHING_TO_CANCEL = ("nothing to cancel", "no order of that kind works or is armed")
    EXITED = ("exited before the open", "an exit of the symbol came while the entry waited for the open")
    NO_ORDER = ("no order", "no order of this id works")
    PROTECTION = ("protects a position", "a stop or a closing order is never cancelled by hand")
    OWNED = ("another rule acted first", "a rule tried earlier has acted on this symbol on the same event")
    # impossible orders
    NO_REFERENCE = ("no reference", "no price is known from which the order could be priced and sized")
    STOP_WRONG_SIDE = (
        "stop on the wrong side",
        "the stop would lie at or beyond the market, at zero, or in the spread",
    )
    TARGET_WRONG_SIDE = ("target on the wrong side", "the target would lie on the losing side of the entry")
    SIZE_BELOW_ONE = ("size below one share", "the size comes to less than one share")
    NO_PRICE = ("no price", "the price comes to zero or less")
    STOP_WITH_LIMIT = (
        "stop with a limit",
        "on the closing side a stop with a limit is refused: the price may pass its limit and leave the shares bare",
    )
    NO_QUOTE = ("no quote", "the broker has told no quote of the symbol")
    STALE_QUOTE = ("stale quote", "the symbol's last quote is older than `quote_age`")
    DELAYED_DATA = ("delayed data", "the broker has only delayed prices of the symbol")
    NO_DATA = ("no market data", "the broker gives no prices of the symbol: a subscription may be missing")
    UNKNOWN_SYMBOL = ("unknown symbol", "the broker knows no single US stock of this name")
    SIGNAL_DISTANCE = (
        "signal price off the market",
        "the signal's price lies further than `signal_distance` from the quote",
    )
    CONFIDENCE = ("confidence outside 0..1", "the signal to emit would have a confidence below 0 or above 1")
    BEYOND_STOP = ("at or beyond the stop", "the double-down would lie at or beyond the trade's stop")
    STALE_SIGNAL = ("stale", "the signal is older than allowed, or lies in the future")
    # the gate
    HALTED = ("halted", "new entries are halted until `rulec resume`")
    SYMBOL_HALTED = ("symbol halted", "the symbol is halted until it is released")
    DAILY_LOSS = ("max daily loss", "the daily loss limit was reached; entries stop until the next session")
    DISCONNECTED = ("broker disconnected", "the broker is away, so nothing that opens shares leaves")
    NOT_RECONCILED = ("not reconciled", "the broker has not yet told its orders, executions and positions")
    ORDER_UNKNOWN = ("order unknown", "what an order of the symbol is doing is not known yet")
    FOREIGN_SHARES = ("foreign shares", "the account holds shares of the symbol that are not ours")
    FLAT_FOR_SESSION = (
        "flat for the session",
        "a clock rule has exited near the close: no entries until the next session",
    )
    OUTSIDE_HOURS = ("outside regular hours", "the market is closed for the symbol")
    ONLY_SYMBOLS = ("only symbols", "the symbol is not among those that `only symbols` allows")
    NO_SHORTING = ("no shorting", "`no shorting` forbids entering short")
    SHORT_SELLING = ("short selling is off", "a live account sells short only with `short_selling = true`")
    NO_LOCATE = ("no locate", "the broker found no shares to borrow in time")
    MAX_POSITION = ("max position", "the position in the symbol would exceed `max position`")
    MAX_SECTOR = ("max sector", "the exposure in the symbol's sector would exceed `max sector`")
    SECTOR_UNKNOWN = ("sector unknown", "`max sector` is set and the symbol's sector is not configured")
    MAX_EXPOSURE = ("max exposure", "the gross exposure would exceed `max exposure`")
    MAX_POSITIONS = ("max positions", "there are as many open trades as `max positions` allows")
    MAX_ORDER = ("max order", "the order's value would exceed `max order`")
    MAX_ORDERS = ("max orders", "as many orders as `max orders` allows were sent in the period")
    BUYING_POWER = ("buying power", "the exposure would exceed the buying power")
    EQUITY_UNKNOWN = ("equity unknown", "a limit of equity cannot be computed")
    PROFIT_UNKNOWN = ("P&L unknown", "`max daily loss` is set, and the broker's profit and loss is unknown or old")
    STALE_PRICE = ("stale price", "a limit counts another symbol whose last price is older than `quote_age`")
    EXPOSURE_UNKNOWN = ("exposure unknown", "a position of the account has no known price")
    PRICE_SANITY = ("price sanity", "the stated entry price lies too far from the last price")
    TRADE_EXISTS = ("one trade a symbol", "the symbol has a trade already")
    DRY_RUN = ("dry run", "`--dry-run` sends nothing that opens shares")
    # throttled
    COOLDOWN = ("cooldown", "the rule rests for this symbol")
    AT_MOST = ("at most", "the rule has acted as often as `at most` allows")
    # later
    NO_FLAT_IN_TIME = ("not flat in time", "the first half of a reversal was not flat in time: the second is dropped")
