"""`rulec.toml`: what each key sets, what is refused and where, and the table in the documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from rulec.dsl.compile import compile_text
from rulec.dsl.plan import Limit, LimitKind, Period
from rulec.runtime.broker.exchange import Commission, FillMode, Slippage
from rulec.runtime.broker.ib.errors import CodeClass
from rulec.runtime.broker.ib.settings import IBSettings
from rulec.runtime.broker.ib.windows import Window
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.configuration import Configuration, ConfigurationError, key_table, read_configuration
from rulec.runtime.configuration.keys import BY_NAME, SECTIONS
from rulec.runtime.core.engine import Engine
from rulec.runtime.core.policy import TradePolicy
from rulec.runtime.core.records import Decision
from rulec.runtime.core.settings import Settings
from rulec.runtime.event.inputs import Price, Signal
from rulec.runtime.journal import Sync
from rulec.runtime.market.hours import NyseHours
from rulec.runtime.times import parse_time

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
NOON = parse_time("2026-01-05T17:00:00Z")


def read(folder: Path, text: str) -> Configuration:
    file = folder / "rulec.toml"
    file.write_text(text, encoding="utf-8")
    return read_configuration(str(file))


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    configuration = read(tmp_path, "")
    assert configuration.apply(Settings()) == Settings()
    assert configuration.simulation(SimulationSettings()) == SimulationSettings()
    assert (configuration.parameters(), configuration.sync) == ([], Sync.NORMAL)
    assert attrs.evolve(configuration, path=None) == Configuration()


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('equity = "$50_000"', {"equity": 50_000.0}),
        ("equity = 250000", {"equity": 250_000.0}),
        ("leverage = 4", {"leverage": 4.0}),
        ('fill = "standing"', {"fill": FillMode.STANDING}),
        ('slippage = "5bp"', {"slippage": Slippage(basis_points=5.0)}),
        ('slippage = "$0.01"', {"slippage": Slippage(amount=10_000)}),
        ('commission = "$0.005,min $1"', {"commission": Commission(5_000, 1_000_000)}),
        ('latency = "50ms"', {"latency": 50_000}),
        ("latency = 0", {"latency": 0}),
        ("partial_fills = 7", {"partial_fills": 7}),
    ],
)
def test_the_simulated_exchange_is_set(tmp_path: Path, line: str, wanted: dict[str, Any]) -> None:
    found = read(tmp_path, f"[simulation]\n{line}\n").simulation(SimulationSettings())
    assert found == attrs.evolve(SimulationSettings(), **wanted)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('answer_within = "5s"', {"answer_within": 5_000_000}),
        ('accept_close_within = "500ms"', {"accept_close_within": 500_000}),
        ('naked_for = "1m"', {"naked_for": 60_000_000}),
        ('flat_within = "2m"', {"flat_within": 120_000_000}),
        ('anchor_every = "3s"', {"anchor_every": 3_000_000}),
        ('price_sanity = "5%"', {"price_sanity": 0.05}),
        ("price_sanity = 0.1", {"price_sanity": 0.1}),
        ('stale_signal = "1h"', {"stale_signal": 3_600_000_000}),
        ('future_signal = "1s"', {"future_signal": 1_000_000}),
        ("signal_prices = false", {"signal_prices": False}),
    ],
)
def test_the_policy_is_set(tmp_path: Path, line: str, wanted: dict[str, Any]) -> None:
    found = read(tmp_path, f"[policy]\n{line}\n").apply(Settings())
    assert found == Settings(policy=attrs.evolve(TradePolicy(), **wanted))


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('instance = "desk-2"', {"instance": "desk-2"}),
        ("client_id = 7", {"client_id": 7}),
        ("short_selling = true", {"short_selling": True}),
        ('heartbeat = "2s"', {"heartbeat": 2_000_000}),
        ('dead_after = "4s"', {"dead_after": 4_000_000}),
        ('reconnect_from = "500ms"', {"reconnect_from": 500_000}),
        ('reconnect_to = "5m"', {"reconnect_to": 300_000_000}),
        ('quiet_windows = ["23:55-00:05"]', {"quiet_windows": (Window(86_100, 300),)}),
        ("quiet_windows = []", {"quiet_windows": ()}),
        ('connect_within = "3s"', {"connect_within": 3_000_000}),
        ('answer_within = "20s"', {"answer_within": 20_000_000}),
        ('start_within = "2m"', {"start_within": 120_000_000}),
        ("messages_per_second = 30", {"messages_per_second": 30}),
        ("past_bars = 100", {"past_bars": 100}),
        ('bars_within = "3s"', {"bars_within": 3_000_000}),
        ('codes = { 399 = "rejected" }', {"codes": {399: CodeClass.REJECTED}}),
        ('[broker.codes]\n399 = "still live"', {"codes": {399: CodeClass.STILL_LIVE}}),
    ],
)
def test_the_connection_to_the_broker_is_set(tmp_path: Path, line: str, wanted: dict[str, Any]) -> None:
    found = read(tmp_path, f"[broker]\n{line}\n").broker
    assert attrs.evolve(IBSettings(), **found) == attrs.evolve(IBSettings(), **wanted)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('instance = "a/b"', "`a/b` is no name of an instance"),
        ("client_id = -1", "a whole number from 0 to 999999 is wanted, not -1"),
        ("messages_per_second = 51", "a whole number from 5 to 50 is wanted, not 51"),
        ('quiet_windows = "23:55-00:05"', "a list of windows is wanted"),
        ('quiet_windows = ["midnight"]', "`midnight` is no window"),
        ('codes = { 399 = "fine" }', "one of information, still live"),
    ],
)
def test_a_setting_of_the_broker_that_is_none_is_refused(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=r"rulec\.toml:2: ") as refused:
        read(tmp_path, f"[broker]\n{line}\n")
    assert message in str(refused.value)


def test_every_setting_of_the_broker_has_its_key() -> None:
    elsewhere = {"live", "codes"}  # the command line's --live, [broker.codes]
    fields = {field.name for field in attrs.fields(IBSettings)} - elsewhere
    assert {key.target for key in BY_NAME["broker"].keys} - elsewhere == fields


def test_every_field_of_the_policy_has_its_key() -> None:
    elsewhere = {
        "buying_power",  # [simulation] leverage
        "stale_by_source",  # [signals.max_age]
    }
    fields = {field.name for field in attrs.fields(TradePolicy)} - elsewhere
    assert {key.target for key in BY_NAME["policy"].keys} == fields


@pytest.mark.parametrize("section", ["policy", "simulation", "broker"])
def test_the_defaults_in_the_table_are_the_defaults(tmp_path: Path, section: str) -> None:
    lines = [f"{key.name} = {key.default}" for key in BY_NAME[section].keys if key.default]
    configuration = read(tmp_path, f"[{section}]\n" + "\n".join(lines) + "\n")
    assert configuration.apply(Settings()) == Settings()
    assert configuration.simulation(SimulationSettings()) == SimulationSettings()
    assert attrs.evolve(IBSettings(), **configuration.broker) == IBSettings()
    without = {key.name for key in BY_NAME[section].keys if not key.default}
    assert without == {"simulation": {"fill", "partial_fills"}, "broker": {"instance", "lockstep", "codes"}}.get(
        section, set()
    )


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('max_position = "20% of equity"', Limit(LimitKind.POSITION, 0.2, of_equity=True)),
        ('max_sector = "40% of equity"', Limit(LimitKind.SECTOR, 0.4, of_equity=True)),
        ('max_exposure = "150% of equity"', Limit(LimitKind.EXPOSURE, 1.5, of_equity=True)),
        ("max_positions = 10", Limit(LimitKind.POSITIONS, 10.0)),
        ('max_order = "$50_000"', Limit(LimitKind.ORDER, 50_000.0)),
        ('max_orders = "30 per minute"', Limit(LimitKind.ORDERS, 30.0, period=Period.MINUTE)),
        ('max_daily_loss = "2% of equity"', Limit(LimitKind.DAILY_LOSS, 0.02, of_equity=True)),
        ('only_symbols = ["AAPL", "BRK.B"]', Limit(LimitKind.ONLY_SYMBOLS, symbols=("AAPL", "BRK.B"))),
        ('only_symbols = "[AAPL, MSFT]"', Limit(LimitKind.ONLY_SYMBOLS, symbols=("AAPL", "MSFT"))),
        ("no_shorting = true", Limit(LimitKind.NO_SHORTING)),
    ],
)
def test_limits_are_those_of_the_language(tmp_path: Path, line: str, wanted: Limit) -> None:
    (found,) = read(tmp_path, f"[limits]\n{line}\n").apply(Settings()).limits
    assert found == wanted
    assert str(found.place).endswith("rulec.toml:2")


def test_a_limit_can_be_switched_off_and_every_kind_has_its_key(tmp_path: Path) -> None:
    assert read(tmp_path, "[limits]\nno_shorting = false\n").limits == ()
    assert {key.name for key in BY_NAME["limits"].keys} == {kind.value.replace(" ", "_") for kind in LimitKind}


def test_params_are_written_as_on_the_command_line(tmp_path: Path) -> None:
    text = (
        '[params]\nmin_confidence = 0.7\nsize = 100\nstop = "3%"\nfast = true\nopening = 09:35:00\n'
        'flow.alloc = "$30_000"\n"card.watch" = "AAPL"\n'
    )
    assert read(tmp_path, text).parameters() == [
        "min_confidence=0.7",
        "size=100",
        "stop=3%",
        "fast=true",
        "opening=09:35:00",
        "flow.alloc=$30_000",
        "card.watch=AAPL",
    ]


def test_market_sectors_journal_and_ages_are_set(tmp_path: Path) -> None:
    text = (
        '[market]\nhours = "always"\ntimeframe = "5m"\n[sectors]\nAAPL = "technology"\n"BRK.B" = "finance"\n'
        '[journal]\nsync = "full"\n[signals.max_age]\nflow = "10m"\n"my feed" = "5s"\n'
    )
    configuration = read(tmp_path, text)
    settings = configuration.apply(Settings())
    assert (configuration.hours("nyse"), settings.timeframe, configuration.sync) == ("always", 300.0, Sync.FULL)
    assert settings.sectors == {"AAPL": "technology", "BRK.B": "finance"}
    assert settings.policy.stale_by_source == {"flow": 600_000_000, "my feed": 5_000_000}
    assert Configuration().hours("nyse") == "nyse"


def test_a_sources_age_is_its_own() -> None:
    plan = compile_text("on signal BUY -> enter long 10 stop 3%").plan
    assert plan is not None
    policy = TradePolicy(stale_signal=60_000_000, stale_by_source={"slow": 600_000_000, "quick": 1_000_000})
    outcomes = {}
    for number, (source, age) in enumerate([("slow", 300), ("slow", 601), ("quick", 2), ("other", 59), ("other", 61)]):
        engine = Engine(plan.rules, NyseHours(), Settings(policy=policy))
        engine.step(1, NOON, Price(NOON, "AAPL", 150.0))
        signal = Signal(NOON - age * 1_000_000, "AAPL", "BUY", source=source, id=str(number))
        (decision, *_), _ = engine.step(2, NOON, signal)
        assert isinstance(decision, Decision)
        outcomes[source, age] = decision.reason
    stale = {key for key, reason in outcomes.items() if reason is not None and "stale" in reason}
    assert stale == {("slow", 601), ("quick", 2), ("other", 61)}


WRONG = [
    ("[polcy]\n", 1, "there is no section [polcy]; did you mean `policy`?"),
    ("\n[gateway]\nport = 1\n", 2, "there is no section [gateway]"),
    ('[policy]\n\nnaked_fr = "5s"\n', 3, "[policy] has no key `naked_fr`; did you mean `naked_for`?"),
    ("[limits]\nmax_postion = 1\n", 2, "[limits] has no key `max_postion`; did you mean `max_position`?"),
    ("[simulation]\nnonsense = 1\n", 2, "[simulation] has no key `nonsense`; there is commission, equity"),
    ("policy = 3\n", 1, "`policy` is a section: write [policy]"),
    ('[signals]\nmax_age = "60s"\n', 2, "`max_age` is a section: write [signals.max_age]"),
    ("[signals]\nmax_ages = 3\n", 2, "[signals] has no key `max_ages`; did you mean `max_age`?"),
    ("[policy]\nnaked_for = 10\n", 2, '[policy] naked_for: a time is wanted, as in "500ms", "10s" or "5m", not 10'),
    ('[policy]\nnaked_for = "0"\n', 2, "[policy] naked_for: a time above zero is wanted"),
    ('[policy]\nprice_sanity = "120%"\n', 2, "[policy] price_sanity: a percentage is wanted"),
    ('[policy]\nsignal_prices = "yes"\n', 2, '[policy] signal_prices: true or false is wanted, not "yes"'),
    ("[simulation]\nequity = -5\n", 2, "[simulation] equity: an amount above zero is wanted"),
    ("[simulation]\nequity = nan\n", 2, "[simulation] equity: an amount above zero is wanted"),
    ('[simulation]\nleverage = "2"\n', 2, "[simulation] leverage: a number from 1 to 100 is wanted"),
    ("[simulation]\nslippage = 5\n", 2, "[simulation] slippage: slippage is basis points or money a share"),
    ('[simulation]\nfill = "last"\n', 2, '[simulation] fill: one of next, standing is wanted, not "last"'),
    ("[simulation]\npartial_fills = true\n", 2, "[simulation] partial_fills: a whole number is wanted"),
    ('[journal]\nsync = "off"\n', 2, '[journal] sync: one of normal, full is wanted, not "off"'),
    ('[market]\nhours = "lse"\n', 2, "[market] hours: one of nyse, always is wanted"),
    ('[market]\ntimeframe = "5 min"\n', 2, "[market] timeframe: a timeframe is wanted"),
    ("[sectors]\nAAPL = 3\n", 2, "[sectors] AAPL: a text is wanted, not 3"),
    ("[params]\nx = [1]\n", 2, "[params] x: a value as in the rules is wanted"),
    ('[limits]\n# so\nmax_position = "20 of equity"\n', 3, '[limits] max_position: "20 of equity" is no limit: '),
    ('[limits]\nmax_position = "1% of equity } on signal BUY -> enter long 1 stop 1% limits {"\n', 2, "more than one"),
    ('[limits]\nno_shorting = "yes"\n', 2, "[limits] no_shorting: true or false is wanted"),
    ('[limits]\nonly_symbols = ["aapl"]\n', 2, "[limits] only_symbols: symbols are wanted"),
    ("[policy\n", 1, "not TOML: "),
    ("[policy]\nnaked_for = \n", 2, "not TOML: "),
]


@pytest.mark.parametrize(("text", "line", "message"), WRONG, ids=[message[:40] for *_, message in WRONG])
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(ConfigurationError) as wrong:
        read(tmp_path, text)
    assert str(wrong.value).startswith(f"{tmp_path / 'rulec.toml'}:{line}: ")
    assert message in str(wrong.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such file"):
        read_configuration(str(tmp_path / "other.toml"))
    (tmp_path / "rulec.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        read_configuration(str(tmp_path / "rulec.toml"))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_configuration(str(tmp_path))


def test_the_documents_table_is_the_codes() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert key_table() in text, "print it anew: python -m rulec.runtime.configuration"
    for section in SECTIONS:
        for key in section.keys:
            assert f"| `{key.name}` |" in text
