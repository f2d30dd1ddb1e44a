"""What a user may set of the engine's behaviour, with the defaults that runtime promises name."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

SECOND = 1_000_000


@attrs.frozen
class TradePolicy:
    """Times in microseconds, fractions as fractions.

    Attributes:
        answer_within: a command without an answer for this long is asked about.
        accept_close_within: a closing order not accepted for this long is withdrawn and the stop restored.
        naked_for: shares held this long without a confirmed stop, in regular hours, are closed at market.
        flat_within: a reversal's second half is dropped when the first is not flat by then.
        anchor_every: stops and targets follow a filling entry at most this often.
        price_sanity: how far a stated entry price may lie from the last price.
        stale_signal: a signal older than this enters nothing.
        future_signal: neither does one further than this in the future.
        stale_by_source: for signals of these sources, in place of `stale_signal`.
        buying_power: multiple of the equity that positions may reach.
        signal_prices: whether a signal's own price may serve as the reference (simulation and replay only).
        quote_age: at a broker, a quote older than this prices no entry, and a limit that needs a price refuses.
        profit_age: at a broker, the P&L stream is unknown after this long without news while shares are held.
        account_age: at a broker, the account's values are unknown after this long without news.
        signal_distance: at a broker, a signal's price this far from the quote enters nothing.
        first_quote_within: at a broker, how long an entry waits for the first quote of its symbol.
        locate_within: a short that the broker holds for shares to borrow is cancelled after this long.
        check_before_open: protective orders are asked about this long before each open.
    """

    answer_within: int = 10 * SECOND
    accept_close_within: int = 2 * SECOND
    naked_for: int = 10 * SECOND
    flat_within: int = 30 * SECOND
    anchor_every: int = SECOND
    price_sanity: float = 0.20
    stale_signal: int = 60 * SECOND
    future_signal: int = 5 * SECOND
    stale_by_source: Mapping[str, int] = attrs.field(factory=dict, hash=False)
    buying_power: float = 2.0
    signal_prices: bool = True
    quote_age: int = 10 * SECOND
    profit_age: int = 60 * SECOND
    account_age: int = 240 * SECOND
    signal_distance: float = 0.05
    first_quote_within: int = 5 * SECOND
    locate_within: int = 10 * SECOND
    check_before_open: int = 300 * SECOND
