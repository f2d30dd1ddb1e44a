"""Every section and key of `rulec.toml`, once: how it is read, its default, what it means."""

from __future__ import annotations

import attrs

from ..market.hours import HOURS
from . import values
from .values import Reader


@attrs.frozen
class Key:
    """A key of a section. `default` is written as in the file; "" where there is none.

    `field` is the attribute of the settings that it sets, where that is not called the same.
    """

    name: str
    read: Reader
    default: str
    meaning: str
    field: str = ""

    @property
    def target(self) -> str:
        return self.field or self.name


@attrs.frozen
class Section:
    """A section: its own keys, or, with `each`, names that the user chooses, all read alike."""

    name: str
    meaning: str
    keys: tuple[Key, ...] = ()
    each: Key | None = None


LIMITS_MEANING = "As in the rules' `limits` block, which they join: the tightest wins."

SECTIONS: tuple[Section, ...] = (
    Section(
        "params",
        "Values for the rules' `param`s, under the command line's `--set`. With a unit, as a text.",
        each=Key("NAME", values.text, "", 'The param `NAME`, or `FILE.NAME`: `min_confidence = 0.7`, `stop = "3%"`.'),
    ),
    Section(
        "limits",
        LIMITS_MEANING,
        (
            Key("max_position", values.text, "", 'Most in one symbol: `"20% of equity"` or `"$20_000"`.'),
            Key("max_sector", values.text, "", "Most in one sector; see `[sectors]`."),
            Key("max_exposure", values.text, "", "Most in all symbols together, long and short added up."),
            Key("max_positions", values.text, "", "How many symbols at once: `10`."),
            Key("max_order", values.text, "", "Most in one order."),
            Key("max_orders", values.text, "", 'How many orders that open: `"30 per minute"`.'),
            Key("max_daily_loss", values.text, "", 'A loss that halts until the next session: `"2% of equity"`.'),
            Key("only_symbols", values.text, "", 'No others: `["AAPL", "MSFT"]`.'),
            Key("no_shorting", values.flag, "false", "Refuses to sell short."),
        ),
    ),
    Section(
        "sectors",
        "Which sector a symbol belongs to, for `max sector`. A symbol with a dot stands in quotes.",
        each=Key("SYMBOL", values.text, "", 'The sector: `AAPL = "technology"`.'),
    ),
    Section(
        "market",
        "The market.",
        (
            Key("hours", values.one_of(tuple(HOURS)), '"nyse"', "The regular hours; `always` is round the clock."),
            Key("timeframe", values.timeframe, "", "That of indicators for which the rules state none.", "timeframe"),
        ),
    ),
    Section(
        "broker",
        "Interactive Brokers, for `--broker ib://…`; what the address states comes before these.",
        (
            Key("instance", values.instance, "", "The name in the references of our orders; the client id without it."),
            Key("client_id", values.client_id, "1", "The client id, where the address states none."),
            Key("short_selling", values.flag, "false", "Whether an account with real money may sell short."),
            Key(
                "heartbeat", values.duration, '"5s"', "A broker that is silent for so long is asked for a sign of life."
            ),
            Key(
                "dead_after", values.duration, '"10s"', "A connection without one for so long is dead, and made again."
            ),
            Key(
                "reconnect_from",
                values.duration,
                '"1s"',
                "The first pause before connecting again; each is twice the last,",
            ),
            Key("reconnect_to", values.duration, '"1m"', "up to this one, shortened by chance by up to a half."),
            Key(
                "quiet_windows",
                values.windows,
                '["23:45-00:45", "Fri 23:00-03:00"]',
                "When a lost connection is expected, in New York's time: it is told as information, and attempts are "
                "slower. Add the time at which your TWS or IB Gateway restarts.",
            ),
            Key("connect_within", values.duration, '"10s"', "One attempt to connect takes no longer."),
            Key("answer_within", values.duration, '"10s"', "A request without an answer for so long is made again."),
            Key("start_within", values.duration, '"1m"', "A start that takes longer is given up."),
            Key("messages_per_second", values.messages, "45", "The most that are sent; the broker allows 50."),
            Key("past_bars", values.count, "500", "Bars of the past that are fetched where rules do not say how many."),
            Key(
                "lockstep",
                values.endpoint,
                "",
                'The control port of `rulec gateway`, as in `"127.0.0.1:4003"`: its market then waits for this run '
                "with each event, and the run's time is the market's. For tests.",
            ),
            Key(
                "bars_within", values.duration, '"6s"', "A bar that nobody traded after is over so long after its end."
            ),
            Key(
                "codes",
                values.codes,
                "",
                'A table, `[broker.codes]`: error codes, each with the class it is to have (`399 = "information"`).',
            ),
        ),
    ),
    Section(
        "simulation",
        "The simulated exchange; options of the command line come before these.",
        (
            Key("equity", values.money, '"$100_000"', "What the account starts with."),
            Key("leverage", values.multiple, "2", "Buying power as a multiple of equity."),
            Key("fill", values.fill, "", "When a market order meets a tick: `next` (replay) or `standing` (run)."),
            Key("slippage", values.slippage, '"0bp"', 'Against every market and stop order: `"5bp"` or `"$0.01"`.'),
            Key("commission", values.commission, '"$0"', 'A share, with a minimum an order: `"$0.005,min $1"`.'),
            Key("latency", values.latency, '"0"', "How long a command is under way."),
            Key("partial_fills", values.seed, "", "A seed: orders fill in random parts."),
        ),
    ),
    Section(
        "policy",
        "How trades are managed; see the promises.",
        (
            Key("answer_within", values.duration, '"10s"', "A command without an answer for so long is asked about."),
            Key(
                "accept_close_within",
                values.duration,
                '"2s"',
                "A closing order that is not accepted for so long is withdrawn and the stop restored.",
            ),
            Key(
                "naked_for",
                values.duration,
                '"10s"',
                "Shares held for so long without a confirmed stop are closed at market. It cannot be switched off.",
            ),
            Key("flat_within", values.duration, '"30s"', "A reversal's second half is dropped after so long."),
            Key("anchor_every", values.duration, '"1s"', "Stops and targets follow a filling entry at most so often."),
            Key("price_sanity", values.fraction, '"20%"', "How far a stated entry price may lie from the last price."),
            Key("stale_signal", values.duration, '"60s"', "A signal older than this enters nothing."),
            Key("future_signal", values.duration, '"5s"', "Neither does one that lies further in the future."),
            Key("signal_prices", values.flag, "true", "Whether a signal's own price may be the reference of an entry."),
            Key("quote_age", values.duration, '"10s"', "At a broker: a quote older than this prices no entry."),
            Key(
                "profit_age",
                values.duration,
                '"60s"',
                "At a broker: how long the profit and loss is known for without news, while shares are held.",
            ),
            Key("account_age", values.duration, '"240s"', "At a broker: the same for the account's values."),
            Key(
                "signal_distance",
                values.fraction,
                '"5%"',
                "At a broker: a signal whose price lies further than this from the quote enters nothing.",
            ),
            Key(
                "first_quote_within",
                values.duration,
                '"5s"',
                "At a broker: how long an entry waits for the first quote of a symbol.",
            ),
            Key("locate_within", values.duration, '"10s"', "A short without shares to borrow is cancelled after this."),
            Key(
                "check_before_open",
                values.duration,
                '"5m"',
                "How long before each open the broker is asked whether every stop and target is still there.",
            ),
        ),
    ),
    Section(
        "signals.max_age",
        "How old a signal may be, by its source, in place of `stale_signal`.",
        each=Key("SOURCE", values.duration, "", 'The age: `flow = "10m"`.'),
    ),
    Section(
        "actions",
        "Python functions that rules may `call`.",
        (Key("module", values.text, "", 'The file they stand in, by its way from this one: `"my_actions.py"`.'),),
    ),
    Section(
        "journal",
        "The journal on disk.",
        (
            Key(
                "sync",
                values.sync,
                '"normal"',
                "What it survives: `normal` the death of the process, `full` the loss of power, too.",
            ),
        ),
    ),
)

BY_NAME = {section.name: section for section in SECTIONS}
