"""The journal's file: what it holds, who may write to it, what becomes of a damaged one or a full disk."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import attrs
import pytest

from rulec.runtime.broker.port import Command
from rulec.runtime.broker.simulated import SimulatedBroker
from rulec.runtime.core.records import OrderRecord
from rulec.runtime.core.settings import Settings
from rulec.runtime.event.inputs import OutsideInput
from rulec.runtime.journal import JournalError, RunHeader, SqliteJournal, Sync, read_rows, read_runs, read_steps
from rulec.runtime.recorded import begin_run, read_recording
from rulec.runtime.simulation import Simulation, simulate
from rulec.tests.runtime.journal.scenarios import NYSE, SCENARIOS

CARD = SCENARIOS["a stop concludes the card's long"]
RUNS = ("r0", "r1")
COMMANDS = {"Place", "Modify", "Cancel", "AskOrder", "AskPosition", "Subscribe"}


def begin(journal: SqliteJournal, run: str = "r0") -> Settings:
    return begin_run(journal, CARD.plan(), "nyse", Settings(run=run), CARD.simulation, {"size": "100"})


def simulated(journal: SqliteJournal, settings: Settings) -> Simulation:
    return simulate(CARD.plan(), NYSE, settings, CARD.simulation, journal=journal)


def write(path: Path, folder: Path) -> None:
    with SqliteJournal.open(str(path)) as journal:
        simulated(journal, begin(journal)).session.run(CARD.inputs(folder))


def rows(path: Path) -> list[tuple[int, str]]:
    with contextlib.closing(sqlite3.connect(path)) as database:
        return list(database.execute("SELECT seq, kind FROM log ORDER BY rowid"))


def test_a_step_is_its_input_its_records_and_its_commands_under_one_number(tmp_path: Path) -> None:
    write(tmp_path / "run.db", tmp_path)
    written = rows(tmp_path / "run.db")
    assert written[:2] == [(0, "RunHeader"), (1, "Price")]
    second = [kind for seq, kind in written if seq == 2]
    assert second == ["Signal", "Decision", "OrderRecord", "OrderRecord", "OrderRecord", "Subscribe", "Place"]


def test_the_schema_is_as_promised(tmp_path: Path) -> None:
    write(tmp_path / "run.db", tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / "run.db")) as database:
        tables = {
            name: [column[1] for column in database.execute(f"PRAGMA table_info({name})")]
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        (mode,) = database.execute("PRAGMA journal_mode").fetchone()
    assert tables == {"log": ["seq", "now", "kind", "version", "body"], "snapshot": ["seq", "body"]}
    assert mode == "wal"


@pytest.mark.parametrize("change", ["UPDATE log SET body = ''", "DELETE FROM log"])
def test_the_log_is_append_only(tmp_path: Path, change: str) -> None:
    write(tmp_path / "run.db", tmp_path)
    with (
        contextlib.closing(sqlite3.connect(tmp_path / "run.db")) as database,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        database.execute(change)


@pytest.mark.parametrize(("sync", "level"), [(Sync.NORMAL, 1), (Sync.FULL, 2)])
def test_sync_is_what_sqlite_is_told(tmp_path: Path, sync: Sync, level: int) -> None:
    with SqliteJournal.open(str(tmp_path / "run.db"), sync) as journal:
        assert journal._database.execute("PRAGMA synchronous").fetchone() == (level,)


def test_the_header_says_what_the_run_was_made_with(tmp_path: Path) -> None:
    write(tmp_path / "run.db", tmp_path)
    (header,) = read_runs(str(tmp_path / "run.db"))
    assert isinstance(header, RunHeader)
    assert (header.run, header.account, header.client_id, header.instance) == ("r0", "DU1", 1, "1")
    assert (header.rules, header.hours, header.parameters) == (CARD.plan().fingerprint, "nyse", {"size": "100"})
    assert header.settings.equity == 100_000.0
    assert header.engine


def test_the_configurations_hash_changes_with_any_setting_and_not_with_the_runs_name(tmp_path: Path) -> None:
    changes: Iterable[Settings] = (Settings(), Settings(run="other"), Settings(timeframe=60.0), Settings(instance="2"))
    with SqliteJournal.open(str(tmp_path / "run.db")) as journal:
        for settings in changes:
            begin_run(journal, CARD.plan(), "nyse", settings, CARD.simulation, {})
        begin_run(journal, CARD.plan(), "always", Settings(), CARD.simulation, {})
        begin_run(journal, CARD.plan(), "nyse", Settings(), attrs.evolve(CARD.simulation, latency=1), {})
        begin_run(journal, CARD.plan(), "nyse", Settings(), CARD.simulation, {"size": "1"})
    first, other, *different = [header.configuration for header in read_runs(str(tmp_path / "run.db"))]
    assert first == other
    assert len({first, *different}) == 1 + len(different)


# ---- several runs ---------------------------------------------------------------------------------------


def test_a_second_run_is_appended_under_the_next_free_name(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    write(path, tmp_path)
    write(path, tmp_path)
    assert [header.run for header in read_runs(str(path))] == ["r0", "r1"]
    first, second = ([row for row in read_rows(str(path), run) if row.seq] for run in RUNS)
    assert [row.body.replace("r0-", "r1-") for row in first] == [row.body for row in second]
    values = [{row.value.id for row in read_rows(str(path), run) if isinstance(row.value, OrderRecord)} for run in RUNS]
    assert all(values)
    assert not values[0] & values[1]


@pytest.mark.parametrize(
    ("taken", "wanted", "free"),
    [
        ([], "r0", "r0"),
        (["r0"], "r0", "r1"),
        (["r0", "r1", "r2"], "r0", "r3"),
        (["1767625200"], "1767625200", "1767625201"),
        (["live"], "live", "live1"),
    ],
)
def test_a_run_takes_its_name_or_the_next_free_one(tmp_path: Path, taken: list[str], wanted: str, free: str) -> None:
    with SqliteJournal.open(str(tmp_path / "run.db")) as journal:
        for name in taken:
            assert begin(journal, name).run == name
        assert journal.free_run(wanted) == free


def test_a_run_can_be_asked_for_by_name(tmp_path: Path) -> None:
    write(tmp_path / "run.db", tmp_path)
    assert read_recording(str(tmp_path / "run.db"), "r0").header.run == "r0"
    with pytest.raises(JournalError, match="no run r7"):
        read_recording(str(tmp_path / "run.db"), "r7")


# ---- who may write --------------------------------------------------------------------------------------


def test_a_second_writer_is_refused_while_the_first_one_writes(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with SqliteJournal.open(str(path)) as journal:
        begin(journal)
        second = f"from rulec.runtime.journal import SqliteJournal\nSqliteJournal.open({str(path)!r})"
        done = subprocess.run([sys.executable, "-c", second], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "another run writes to this journal" in done.stderr
    SqliteJournal.open(str(path)).close()


def test_the_journal_can_be_read_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with SqliteJournal.open(str(path)) as journal:
        run = simulated(journal, begin(journal))
        for number, event in enumerate(CARD.inputs(tmp_path)[:2], 1):
            run.session.handle(event)
            outside = f"from rulec.runtime.journal import read_rows\nprint(list(read_rows({str(path)!r}))[-1].seq)"
            done = subprocess.run([sys.executable, "-c", outside], capture_output=True, text=True, check=True)
            assert int(done.stdout) >= number


def test_what_was_committed_survives_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    script = (
        "import os, signal\nfrom pathlib import Path\n"
        "from rulec.tests.runtime.journal.test_store import CARD, SqliteJournal, begin, simulated\n"
        f"journal = SqliteJournal.open({str(path)!r})\n"
        "run = simulated(journal, begin(journal))\n"
        f"for event in CARD.inputs(Path({str(tmp_path)!r}))[:3]:\n    run.session.handle(event)\n"
        "journal.append(99, 99, event, (), ())\n"  # not committed
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL
    steps = list(read_steps(str(path), "r0"))
    assert len(steps) > 3
    assert 99 not in {row.seq for row in read_rows(str(path))}
    with SqliteJournal.open(str(path)) as journal:
        assert journal.runs == ("r0",)


# ---- what is refused ------------------------------------------------------------------------------------


def spoil_a_page(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[4096:4200] = b"\xa5" * 104
    path.write_bytes(body)


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def replace_by_text(path: Path) -> None:
    path.write_text("time,symbol,open\n" * 50)


def make_another_database(path: Path) -> None:
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE log (seq, now, kind, version, body)")


def change(path: Path, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def write_as_a_newer_schema(path: Path) -> None:
    change(path, "PRAGMA user_version = 9")


def add_a_row_of_a_newer_version(path: Path) -> None:
    change(path, "INSERT INTO log VALUES (0, 0, 'RunHeader', 9, '{}')")


def spoil_the_header(path: Path) -> None:
    change(path, "DROP TRIGGER log_keeps_bodies", "UPDATE log SET body = '{\"run\"' WHERE kind = 'RunHeader'")


REFUSED: dict[Callable[[Path], None], str] = {
    spoil_a_page: "damaged",
    cut_in_half: "damaged",
    replace_by_text: "no journal of rulec",
    make_another_database: "no journal of rulec",
    write_as_a_newer_schema: "newer rulec",
    add_a_row_of_a_newer_version: "newer rulec",
    spoil_the_header: "damaged",
}


@pytest.mark.parametrize("spoil", REFUSED, ids=lambda spoil: spoil.__name__)
def test_a_damaged_or_newer_file_is_refused_and_left_as_it_is(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    folder = tmp_path / "journals"
    folder.mkdir()
    path = folder / "run.db"
    write(path, tmp_path)
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(JournalError, match=REFUSED[spoil]) as writing:
        SqliteJournal.open(str(path))
    with pytest.raises(JournalError, match=REFUSED[spoil]):
        list(read_rows(str(path)))
    assert str(writing.value).startswith(f"{path}: ")
    assert path.read_bytes() == before
    assert [entry.name for entry in folder.iterdir()] == ["run.db"]


def test_a_row_that_belongs_to_no_input_is_damage(tmp_path: Path) -> None:
    write(tmp_path / "run.db", tmp_path)
    change(tmp_path / "run.db", "INSERT INTO log VALUES (99, 1, 'Cancel', 1, '{\"order_id\":\"r0-2\"}')")
    with pytest.raises(JournalError, match="damaged: row 99 of run r0, Cancel, belongs to no input"):
        list(read_steps(str(tmp_path / "run.db"), "r0"))


@pytest.mark.parametrize("path", ["missing/run.db", "."])
def test_a_place_where_no_file_can_be_is_said(tmp_path: Path, path: str) -> None:
    with pytest.raises(JournalError, match="cannot be opened"):
        SqliteJournal.open(str(tmp_path / path))


def test_a_missing_journal_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="there is no such file"):
        read_runs(str(tmp_path / "run.db"))


def test_an_empty_file_becomes_a_journal(tmp_path: Path) -> None:
    (tmp_path / "run.db").touch()
    write(tmp_path / "run.db", tmp_path)
    assert rows(tmp_path / "run.db")


# ---- a full disk ----------------------------------------------------------------------------------------


class Watched:
    """Keeps what is sent to a broker."""

    def __init__(self, broker: SimulatedBroker) -> None:
        self.broker = broker
        self.sent: list[Command] = []

    def send(self, commands: Iterable[Command]) -> None:
        commands = list(commands)
        self.sent += commands
        self.broker.send(commands)


def go_round(run: Simulation, events: Sequence[OutsideInput]) -> None:
    """Trades as long as it can, a second between events."""
    for number in range(1000):
        event = events[number % len(events)]
        run.session.handle(attrs.evolve(event, time=events[0].time + number * 1_000_000))


def test_nothing_is_sent_that_a_full_disk_did_not_take(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with SqliteJournal.open(str(path)) as journal:
        run = simulated(journal, begin(journal))
        watched = run.session.sequencer.broker = Watched(run.broker)
        (pages,) = journal._database.execute("PRAGMA page_count").fetchone()
        journal._database.execute(f"PRAGMA max_page_count = {pages + 24}")
        events = CARD.inputs(tmp_path)
        with pytest.raises(JournalError, match="the disk is full") as full:
            go_round(run, events)
        assert full.value.help is not None
        # whoever goes on regardless gets no further
        with pytest.raises(JournalError, match="the disk is full"):
            run.session.sequencer.feed(events[0], run.session.sequencer.now)
    journalled = [row.value for row in read_rows(str(path)) if row.kind in COMMANDS]
    assert journalled == watched.sent
    assert len(journalled) > 10
