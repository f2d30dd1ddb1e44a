"""What stands around rules: options, parameters, imports, and files with nothing in them."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import pytest

from rulec.tests.support.telling import Case, bars, entered, says, tick

OPTIONS = (
    Case(
        "rules are tried by priority, a disabled one never",
        """
        rule late "The last" priority -1 on signal PING -> log "late"
        rule first priority 10 on signal PING -> log "first"
        rule off disabled on signal PING -> log "off"
        on signal PING -> log "between"
        """,
        [says("10:00", "PING")],
        """
        10:00:00 first AAPL: log acted "first"
        10:00:00 #4 AAPL: log acted "between"
        10:00:00 late AAPL: log acted "late"
        """,
    ),
    Case(
        "a cooldown rests a rule for one symbol, a shared one all rules that share it",
        """
        rule alone cooldown 1m on signal PING -> log "alone"
        rule one cooldown 2m shared calm on signal PING -> log "one"
        rule two cooldown 30s shared calm on signal PONG -> log "two"
        """,
        [
            says("10:00", "PING"),
            says("10:00:20", "PONG"),
            says("10:00:30", "PONG", "MSFT"),
            says("10:00:31", "PONG"),
            says("10:01", "PING"),
        ],
        """
        10:00:00 alone AAPL: log acted "alone"
        10:00:00 one AAPL: log acted "one"
        10:00:20 two AAPL: throttled (cooldown)
        10:00:30 two MSFT: log acted "two"
        10:00:31 two AAPL: log acted "two"
        10:01:00 alone AAPL: log acted "alone"
        10:01:00 one AAPL: throttled (cooldown)
        """,
    ),
    Case(
        "at most so often a minute, an hour or a day, over all symbols or each",
        """
        rule minutely at most 1 per minute on signal PING -> log "minute"
        rule hourly at most 2 per hour on signal PING -> log "hour"
        rule daily at most 2 per day each on signal PING -> log "day"
        """,
        [
            says("10:00", "PING"),
            says("10:00:59", "PING", "MSFT"),
            says("10:01", "PING", "MSFT"),
            says("11:00", "PING"),
            says("2026-01-06 10:00", "PING"),
        ],
        """
        10:00:00 minutely AAPL: log acted "minute"
        10:00:00 hourly AAPL: log acted "hour"
        10:00:00 daily AAPL: log acted "day"
        10:00:59 minutely MSFT: throttled (at most)
        10:00:59 hourly MSFT: log acted "hour"
        10:00:59 daily MSFT: log acted "day"
        10:01:00 minutely MSFT: log acted "minute"
        10:01:00 hourly MSFT: throttled (at most)
        10:01:00 daily MSFT: log acted "day"
        11:00:00 minutely AAPL: log acted "minute"
        11:00:00 hourly AAPL: log acted "hour"
        11:00:00 daily AAPL: log acted "day"
        2026-01-06 10:00:00 minutely AAPL: log acted "minute"
        10:00:00 hourly AAPL: log acted "hour"
        10:00:00 daily AAPL: log acted "day"
        """,
    ),
    Case(
        "a window includes its first moment and not its last, and may run past midnight",
        """
        rule morning during 09:35..10:00 on signal PING -> log "morning"
        rule night during 15:00..09:35 on signal PING -> log "night"
        """,
        [
            says("09:34:59", "PING"),
            says("09:35", "PING"),
            says("10:00", "PING"),
            says("15:00", "PING"),
            says("2026-01-06 09:34:59", "PING"),
            says("2026-01-09 16:00", "PING"),
            says("2026-01-10 09:00", "PING"),
            says("2026-01-10 16:00", "PING"),
        ],
        """
        09:35:00 morning AAPL: log acted "morning"
        15:00:00 night AAPL: log acted "night"
        2026-01-06 09:34:59 night AAPL: log acted "night"
        2026-01-09 16:00:00 night AAPL: log acted "night"
        2026-01-10 09:00:00 night AAPL: log acted "night"
        """,
    ),
    Case(
        "every option may stand beside the others, in any order",
        """
        rule all "Everything at once"
          during 09:30..16:00 at most 3 per day each cooldown 10s shared pace priority 2 * 5
          on signal PING where confidence > 0.5
          -> log "all"
          -> notify "done"
        """,
        [says("10:00", "PING"), says("10:00:05", "PING")],
        """
        10:00:00 all AAPL: log acted "all", notify acted "done"
        10:00:05 all AAPL: throttled (cooldown)
        """,
    ),
    Case(
        "only what acted or reversed uses up a cooldown or a count",
        """
        rule often at most 1 per hour on signal BUY -> enter long 5000 stop 1%
        rule rest cooldown 1h on signal OUT -> exit
        rule turn cooldown 1h on signal SHORT -> enter short 10 stop 1%
        rule small on signal SMALL -> enter long 10 stop 1%
        """,
        [
            tick("10:00", 150),
            says("10:00:01", "BUY"),
            says("10:00:02", "BUY", id="again"),
            says("10:01", "OUT"),
            says("10:02", "SMALL"),
            tick("10:02:01", 150),
            says("10:03", "SHORT"),
            tick("10:03:01", 150),
            tick("10:03:02", 150),
            says("10:04", "OUT"),
            tick("10:04:01", 150),
            says("10:05", "SHORT"),
        ],
        """
        10:00:01 often AAPL: enter refused (buying power)
        10:00:02 often AAPL: enter refused (buying power)
        10:01:00 rest AAPL: exit ignored (no trade)
        10:02:00 small AAPL: enter acted
        10:02:01 bought 10 AAPL at 150 as main
        10:03:00 turn AAPL: enter reversed
        10:03:01 sold 10 AAPL at 150 as exit
        10:03:01 AAPL closed by reverse: +0
        10:03:02 sold 10 AAPL at 150 as main
        10:04:00 rest AAPL: exit acted
        10:04:01 bought 10 AAPL at 150 as exit
        10:04:01 AAPL closed by exit: +0
        10:05:00 turn AAPL: throttled (cooldown)
        """,
    ),
    Case(
        "on a closed day no window is open",
        'rule day during 09:00..17:00 on signal PING -> log "open"',
        [says("2025-12-24 15:00", "PING"), says("2025-12-25 10:00", "PING"), says("2025-12-26 10:00", "PING")],
        """
        15:00:00 day AAPL: log acted "open"
        2025-12-26 10:00:00 day AAPL: log acted "open"
        """,
    ),
)

FLOW = """
param least = 0.8
rule follow on signal BUY where confidence > least -> log "{least}"
"""
WEAK = [says("10:00", "BUY", confidence=0.6)]

PARAMETERS = (
    Case(
        "a param holds what it says, as long as nobody sets it",
        """
        language 1
        param least = 0.8 in 0.5..0.95 step 0.05 "Least confidence to act on"
        param stake = $3_000 in $1_000..$30_000
        param side = 1 in [1, 2, 3]
        param rest = 30s
        on signal BUY where confidence >= least and side == 1 -> enter long stake stop 3% exit after rest
        """,
        [*entered(), tick("10:00:40", 151)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 20 AAPL at 150 as main
        10:00:40 sold 20 AAPL at 151 as exit
        10:00:40 AAPL closed by time: +20
        """,
    ),
    Case(
        "a param is set without editing the rules",
        """
        param least = 0.8 in 0.5..0.95 step 0.05 "Least confidence to act on"
        param stake = $3_000
        param loud = false
        on signal BUY where confidence >= least -> enter long stake stop 3%
        on signal BUY where loud -> log "loud"
        """,
        [says("09:59", "BUY", confidence=0.85, price=150.0), *entered()],
        """
        09:59:00 #2 AAPL: log acted "loud"
        10:00:01 #1 AAPL: enter acted
        10:00:01 #2 AAPL: log acted "loud"
        10:00:02 bought 40 AAPL at 150 as main
        stands: stop AAPL sell 40 at 145.5
        holds: AAPL long 40 at 150
        """,
        options=("--set", "least=0.9", "--set", "stake=$6_000", "--set", "card.loud=true"),
    ),
    Case(
        "a param may stand wherever a value does",
        """
        param frame = 5m
        param moment = 10:03
        param few = 1
        param begin = 09:45
        param cap = $20_000
        param half = 50%
        param length = 2
        let watch = [AAPL]
        let away = 2%
        limits { max position cap  max positions few  max orders few * 5 per minute  max daily loss half of equity }
        limits { only symbols watch }
        rule averages priority few cooldown frame * 2 at most few + 1 per day during begin..16:00
          on bar frame of watch where sma(length, frame) > $0 -> log "{close}"
        on time moment -> log "moment"
        on market open + frame -> log "after the open"
        on market close - frame * 2 -> log "before the close"
        on signal BUY -> enter long cap * half stop away -> scale in half at profit away / 2 at most few
        """,
        [*bars("09:30", range(100, 120)), *entered(), tick("10:01", 152), tick("10:01:01", 152), tick("10:02", 150)],
        """
        09:35:00 #3: log acted "after the open"
        09:45:00 averages AAPL: log acted "114"
        09:50:00 averages AAPL: throttled (cooldown)
        10:00:01 #5 AAPL: enter acted, scale_in armed
        10:00:02 bought 66 AAPL at 150 as main
        10:01:00 #5 AAPL: scale_in acted
        10:01:01 bought 33 AAPL at 152 as scale
        10:03:00 #2: log acted "moment"
        15:50:00 #4: log acted "before the close"
        stands: stop AAPL sell 99 at 147.66
        holds: AAPL long 99 at 150.667
        """,
    ),
    Case(
        "what is set on the command line comes before the configuration and before the file that uses",
        'use "flow.rules" with (least = 0.9)',
        WEAK,
        '10:00:00 follow AAPL: log acted "0.55"',
        options=("--set", "flow.least=0.55", "--config", "{folder}/rulec.toml"),
        files={"flow.rules": FLOW, "rulec.toml": "[params]\nleast = 0.5\n"},
    ),
    Case(
        "what the configuration sets comes before what the file says",
        'use "flow.rules"',
        WEAK,
        '10:00:00 follow AAPL: log acted "0.5"',
        options=("--config", "{folder}/rulec.toml"),
        files={"flow.rules": FLOW, "rulec.toml": "[params]\nleast = 0.5\n"},
    ),
    Case(
        "a file hands its own param on to the one that it uses",
        'param mine = 0.7\nuse "flow.rules" with (least = mine)',
        WEAK,
        '10:00:00 follow AAPL: log acted "0.55"',
        options=("--set", "mine=0.55"),
        files={"flow.rules": FLOW},
    ),
    Case(
        "one of a few values is set",
        'param chosen = AAPL in [AAPL, MSFT]\non signal BUY where symbol == chosen -> log "{chosen}"',
        [says("10:00", "BUY"), says("10:01", "BUY", "MSFT")],
        '10:01:00 #1 MSFT: log acted "MSFT"',
        options=("--set", "chosen=MSFT"),
    ),
)

IMPORTS = (
    Case(
        "a file that is used brings its rules, limits and names, with parameters of the user's choice",
        """
        use "shared/flow.rules" with (least = 0.5, stake = $1_500,)
        use std.risk
        on signal ALSO where strong and symbol in watch and premium > $1 -> log "also"
        """,
        [
            tick("10:00", 150),
            says("10:00:01", "BUY", confidence=0.6),
            tick("10:00:02", 150),
            says("10:01", "ALSO", confidence=0.6, fields={"premium": 2}),
            says("10:02", "BUY", "MSFT", confidence=0.6, price=1000.0),
            says("10:03", "BUY", "F", confidence=0.5, price=10.0),
        ],
        """
        10:00:01 follow AAPL: enter acted
        10:00:02 bought 10 AAPL at 150 as main
        10:01:00 #1 AAPL: log acted "also"
        10:02:00 follow MSFT: enter refused (max position)
        stands: stop AAPL sell 10 at 145.5
        holds: AAPL long 10 at 150
        """,
        files={
            "shared/flow.rules": """
            param least = 0.8
            param stake = $3_000
            field premium: money
            let watch = [AAPL, MSFT]
            let strong = confidence > least
            limits { max position $2_000 }
            rule follow on signal BUY where strong -> enter long stake * lots[symbol] stop 3%
            let lots = { AAPL: 1, else: 2 }
            """
        },
    ),
    Case(
        "a rule file that ships with rulec is used by its name",
        """
        use std.entries with (entry_size = $3_000)
        on position opened -> log "{position.quantity}"
        on signal BUY or SELL -> log "{signal}"
        """,
        [tick("10:00", 150), says("10:00:01", "BUY")],
        """
        10:00:01 signal_long AAPL: enter skipped (atr(14) unknown)
        10:00:01 #2 AAPL: log acted "BUY"
        """,
    ),
    Case(
        "a file that two others use brings its rules once",
        """
        use "other.rules"
        use "common.rules"
        on signal PING -> log "own {shared}"
        """,
        [says("10:00", "PING"), says("10:01", "PONG")],
        """
        10:00:00 other AAPL: log acted "other 3"
        10:00:00 #1 AAPL: log acted "own 3"
        10:01:00 common AAPL: log acted "common"
        """,
        files={
            "other.rules": 'use "common.rules"\nrule other on signal PING -> log "other {shared}"\n',
            "common.rules": 'param shared = 3\nrule common on signal PONG -> log "common"\n',
        },
    ),
)

LITTLE = (
    Case(
        "a file without a rule does nothing",
        "# nothing yet\n",
        [tick("10:00", 150)],
        "",
    ),
    Case(
        "limits that limit nothing refuse nothing",
        "limits { }\non signal BUY -> enter long 100 stop 3%",
        entered(),
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        stands: stop AAPL sell 100 at 145.5
        holds: AAPL long 100 at 150
        """,
    ),
)

CASES = (*OPTIONS, *PARAMETERS, *IMPORTS, *LITTLE)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("sentence"))
def test_declarations(case: Case, tmp_path: Path) -> None:
    case.check(tmp_path)
