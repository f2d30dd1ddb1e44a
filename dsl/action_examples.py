"""The part of `syntax_examples.py` that is about actions: where one may stop half-way, and what is wanted there."""

from __future__ import annotations

from .told import Example, at, choice, end, missing

_ACTIONS = (
    "actions are enter, exit, scale in, double down, reverse, move, trail, cancel, place, emit, notify, log, halt, "
    "reset cooldown and call"
)
_MOVE_STOP = "write `move stop to breakeven` or `move stop to $145`"
_PLACED_AT = "write `at limit $160`, `at stop $150` or `at market`"

ACTION_EXAMPLES: tuple[Example, ...] = (
    end("on signal BUY ->", "`->` needs an action", "write `-> enter long 100 stop 3%`"),
    at(
        "on signal BUY -> 100",
        "`{found}` is not an action",
        _ACTIONS,
    ),
    at("on signal BUY -> close", "a position is closed with `exit`", "write `exit`", by="word"),
    at("on signal BUY -> flatten", "positions are closed with `exit`", "write `exit everything`", by="word"),
    at(
        "on signal BUY -> stop",
        "a stop belongs to its entry, or is moved",
        "write `enter long 100 stop 3%`, or `move stop to $145`",
        by="kind",
    ),
    at("on signal BUY -> target", "a target belongs to its entry", "write `enter long 100 target 8%`", by="kind"),
    choice("on signal BUY -> move", "`move` needs `stop` or `target`", f"{_MOVE_STOP}, or `move target to $160`"),
    choice("on signal BUY -> move stop", "after `move stop` stands `to` and a price", _MOVE_STOP),
    missing("on signal BUY -> move stop to", "`move stop to` needs a price", _MOVE_STOP),
    missing(
        "on signal BUY -> move stop to breakeven +",
        "the sign after `breakeven` needs a distance",
        "write `move stop to breakeven + 0.5%`",
    ),
    choice(
        "on signal BUY -> move target", "after `move target` stands `to` and a price", "write `move target to $160`"
    ),
    missing("on signal BUY -> move target to", "`move target to` needs a price", "write `move target to $160`"),
    missing("on signal BUY -> trail", "`trail` needs a distance", "write `trail 2%` or `trail 3 atr`"),
    at(
        "on signal BUY -> trail 2% after",
        "a trail that is set by itself trails at once",
        "write `trail 2%`; `after` belongs to the `trail` of an entry",
        by="kind",
    ),
    choice(
        "on signal BUY -> cancel",
        "`cancel` needs to know what",
        "write `cancel targets`, `cancel scales`, `cancel entries` or `cancel orders`",
    ),
    at(
        "on signal BUY -> cancel stop",
        "a stop is moved, never cancelled",
        "write `move stop to breakeven`, or `exit`",
        by="kind",
    ),
    choice("on signal BUY -> place", "`place` needs `buy` or `sell`", "write `place sell 50 at limit $160`"),
    missing("on signal BUY -> place buy", "`place` needs a size", "write `place buy 50 at limit $140`"),
    missing("on signal BUY -> place buy 50", "`place` needs a price", _PLACED_AT),
    at(
        "on signal BUY -> place buy 50 at $140",
        "an order at a price is a limit or a stop order; which?",
        "write `at limit {found}` or `at stop {found}`",
        by="kind",
    ),
    missing("on signal BUY -> place buy 50 at", "`at` needs a price", _PLACED_AT),
    missing("on signal BUY -> place buy 50 at limit", "`limit` needs a price", "write `at limit $140`"),
    at(
        "on signal BUY -> place buy 50 at limit $140 for",
        "a placed order has no time of its own",
        "leave it out; only an entry has `for 5m`",
        by="kind",
    ),
    missing("on signal BUY -> place buy 50 at limit $140 as", "`as` needs a name", "write `as hedge`"),
    choice("on signal BUY -> emit", "after `emit` stands `signal` and its kind", "write `emit signal BUY`"),
    missing("on signal BUY -> emit signal", "the signal needs a kind", "write `emit signal BUY`"),
    at(
        "on signal BUY -> emit signal STRONG of",
        "a signal is emitted `for` a symbol",
        "write `emit signal STRONG for AAPL`",
        by="kind",
    ),
    missing("on signal BUY -> emit signal STRONG for", "`for` needs a symbol", "write `emit signal STRONG for AAPL`"),
    missing("on signal BUY -> emit signal STRONG confidence", "`confidence` needs a value", "write `confidence 0.9`"),
    choice("on signal BUY -> reset", "after `reset` stands `cooldown`", "write `reset cooldown`"),
    missing(
        "on signal BUY -> reset cooldown of",
        "`of` needs the name of a rule or of a shared cooldown",
        "write `reset cooldown of flow_long`",
    ),
    missing("on signal BUY -> call", "`call` needs the name of an action", "write `call rebalance(symbol)`"),
    missing(
        "on signal BUY -> call rebalance",
        "the arguments stand in brackets",
        "write `call rebalance(symbol)`, or `call rebalance()`",
    ),
    missing(
        "on signal BUY -> call rebalance(weight =",
        "this argument has no value after `=`",
        "write `call rebalance(weight = 20%)`",
    ),
    at(
        "on signal BUY -> reverse 100",
        "`reverse` takes the shares that are held; only protection follows",
        "write `reverse stop 3% target 8%`",
        by="kind",
    ),
    *(
        at(
            f"on signal BUY -> reverse {side}",
            "`reverse` turns to the other side by itself",
            "write `reverse stop 3%`",
            by="kind",
        )
        for side in ("long", "short")
    ),
    at("on signal BUY -> enter 100", "`enter` needs `long` or `short`", "write `enter long 100`"),
    end("on signal BUY -> enter", "`enter` needs a side and a size", "write `enter long 100`"),
    missing(
        "on signal BUY -> enter long",
        "`enter` needs a size",
        "write `100`, `$30_000`, `2% of equity` or `risk 1% of equity`",
    ),
    missing("on signal BUY -> enter long risk", "`risk` needs an amount", "write `risk 1% of equity` or `risk $500`"),
    at(
        "on signal BUY -> enter long 100 shares",
        "a plain number is a number of shares; `shares` is not written",
        "leave it out",
        by="word",
    ),
    at(
        "on signal BUY -> enter long 100 with",
        "protection follows without `with`",
        "write `enter long 100 stop 3% target 8%`",
        by="word",
    ),
    at(
        "on signal BUY -> enter long 100 stop 3% and",
        "protections follow one another without `and`",
        "write `stop 3% target 8%`",
        by="kind",
    ),
    at(
        "on signal BUY -> enter long 100 stop 3%,",
        "protections follow one another without `,`",
        "write `stop 3% target 8%`",
        by="kind",
    ),
    missing("on signal BUY -> enter long 100 at", "`at` needs a price", "write `at market` or `at limit $150`"),
    at(
        "on signal BUY -> enter long 100 at $150",
        "an order at a price is a limit or a stop order; which?",
        "write `at limit {found}` or `at stop {found}`",
        by="kind",
    ),
    missing("on signal BUY -> enter long 100 at limit", "`limit` needs a price", "write `at limit $150`"),
    missing("on signal BUY -> enter long 100 at stop", "`stop` needs a price", "write `at stop $150`"),
    missing("on signal BUY -> enter long 100 at limit $150 for", "`for` needs a duration", "write `for 5m`"),
    missing(
        "on signal BUY -> enter long 100 stop",
        "`stop` needs a distance",
        "write `stop 3%`, `stop $2 away`, `stop 6 atr` or `stop at $145`",
    ),
    missing(
        "on signal BUY -> enter long 100 target",
        "`target` needs a distance",
        "write `target 8%`, `target $4 away`, `target 4 atr` or `target at $160`",
    ),
    missing(
        "on signal BUY -> enter long 100 target 8% for", "`for` needs a part of the shares", "write `target 8% for 50%`"
    ),
    missing("on signal BUY -> enter long 100 trail", "`trail` needs a distance", "write `trail 2%` or `trail 3 atr`"),
    missing("on signal BUY -> enter long 100 trail 2% after", "`after` needs a distance", "write `trail 2% after 4%`"),
    at("on signal BUY -> enter long 100 breakeven 2%", "`breakeven` needs `after`", "write `breakeven after 2%`"),
    missing(
        "on signal BUY -> enter long 100 breakeven after", "`after` needs a distance", "write `breakeven after 2%`"
    ),
    missing("on signal BUY -> enter long 100 exit after", "`after` needs a duration", "write `exit after 2h`"),
    missing("on signal BUY -> enter long 100 of", "`of` needs a symbol", "write `of AAPL`"),
    missing("on signal BUY -> enter long 2% of equity of", "`of` needs a symbol", "write `of AAPL`"),
    missing("on signal BUY -> enter long 100 stop at", "`at` needs a price", "write `at $145`"),
    missing("on signal BUY -> scale", "the action is called `scale in`", "write `scale in 50 at profit 2%`"),
    missing("on signal BUY -> scale in", "`scale in` needs a size", "write `scale in 50 at profit 2%`"),
    at(
        "on signal BUY -> scale in 50 at 2%",
        "`at` needs `profit` or `most` here",
        "write `scale in 50 at profit 2%`, `at most 3`",
    ),
    missing("on signal BUY -> scale in 50 at profit", "`at profit` needs a distance", "write `at profit 2%`"),
    missing("on signal BUY -> scale in 50 at most", "`at most` needs a number", "write `at most 3`"),
    missing("on signal BUY -> double", "the action is called `double down`", "write `double down 100% at loss 2%`"),
    missing("on signal BUY -> double down", "`double down` needs a size", "write `double down 100% at loss 2%`"),
    missing(
        "on signal BUY -> double down 100%",
        "`double down` needs a place to do it",
        "write `at loss 2%` or `at 50% to stop`",
    ),
    missing("on signal BUY -> double down 100% at", "`at` needs a place", "write `at loss 2%` or `at 50% to stop`"),
    missing("on signal BUY -> double down 100% at loss", "`at loss` needs a distance", "write `at loss 2%`"),
    missing(
        "on signal BUY -> double down 100% at 50%",
        "`at` with a part needs `to stop`, else write `at loss`",
        "write `at 50% to stop` or `at loss 2%`",
    ),
    missing("on signal BUY -> double down 100% at 50% to", "the way is `to stop`", "write `at 50% to stop`"),
    missing("on signal BUY -> exit 50% at", "`at` needs `market` or `limit`", "write `at market` or `at limit $160`"),
    missing("on signal BUY -> exit at limit", "`limit` needs a price", "write `at limit $160`"),
    missing("on signal BUY -> exit because", "`because` needs a text in quotes", 'write `because "enough"`'),
    missing("on signal BUY -> exit everything because", "`because` needs a text in quotes", 'write `because "enough"`'),
    missing("on signal BUY -> notify", "`notify` needs a text in quotes", 'write `notify "bought {symbol}"`'),
    missing("on signal BUY -> log", "`log` needs a text in quotes", 'write `log "bought {symbol}"`'),
)
