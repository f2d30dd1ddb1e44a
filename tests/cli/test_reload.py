"""Saved rules in a running `rulec run`: real files, real processes, in the ways in which editors save."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from rulec.tests.cli.test_run import Running, running
from rulec.tests.support.replaying import run as command

ENTRY = "rule long\n  on signal BUY where confidence > {} -> enter long 100 stop {} target 8%\n"
LOG = 'on signal {} -> log "{}"\n'


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "flow.rules"
    path.write_text(ENTRY.format(0.8, "3%"))
    return path


@pytest.fixture
def run(tmp_path: Path, rules: Path) -> Iterator[Running]:
    """A run of the rules on a market made up, with its journal, that waits for signals."""
    options = ("--market", "random:1", "--signals", "-", "--json", "--journal", "journal.db")
    with running(tmp_path, "flow.rules", *options) as started:
        started.until("ready")
        yield started


def send(run: Running, kind: str, symbol: str = "AAPL", confidence: float = 0.9) -> None:
    run.write(json.dumps({"symbol": symbol, "signal": kind, "confidence": confidence}) + "\n")


def said(run: Running, kind: str) -> str:
    """What the rules say on a signal of this kind."""
    send(run, kind)
    return str(run.until("decision")["actions"][0]["text"])


def labels(line: Mapping[str, Any], change: str) -> list[str]:
    return [each["rule"] for each in line[change]]


def test_a_change_is_taken_up_and_a_mistake_refused_while_a_position_is_open(run: Running, rules: Path) -> None:
    send(run, "BUY")
    run.until("position", event="opened")
    rules.write_text(ENTRY.format(0.7, "3%") + "on signal SELL of AAPL -> exit\n")
    line = run.until("reload")
    trade = {"trade": next(each["trade"] for each in run.lines if each["type"] == "order"), "symbol": "AAPL"}
    assert (line["result"], line["rules"]) == ("applied", 2)
    assert (labels(line, "added"), labels(line, "changed"), labels(line, "removed")) == (["flow#2"], ["long"], [])
    assert line["changed"][0]["trades"] == [{**trade, "touch": "entered"}]
    assert line["added"][0]["trades"] == [{**trade, "touch": "may act"}]

    rules.write_text(ENTRY.format(0.7, "3"))
    line = run.until("reload")
    assert line["result"] == "refused"
    assert [(one["code"], one["line"]) for one in line["diagnostics"]] == [("E202", 2)]
    send(run, "SELL")
    assert run.until("position", event="closed")["reason"] == "exit"

    rules.write_text("# nothing\n" + ENTRY.format(0.95, "3%"))
    line = run.until("reload", result="applied")
    assert (labels(line, "changed"), labels(line, "removed")) == (["long"], ["flow#2"])
    send(run, "BUY", confidence=0.96)
    assert run.until("decision")["at"] == "flow.rules:2"
    assert run.stop(signal.SIGTERM) == 0


def test_what_a_run_with_reloads_did_its_journal_does_again(run: Running, rules: Path, tmp_path: Path) -> None:
    send(run, "BUY")
    run.until("position", event="opened")
    for number in range(3):
        rules.write_text(ENTRY.format(0.7, "3%") + LOG.format("HOW", number))
        run.until("reload")
        send(run, "HOW")
        run.until("decision")
    assert run.stop(signal.SIGINT) == 0
    told = [line for line in run.lines if line["type"] not in ("ready", "notice")]  # how it ended is no part of it

    code, text, errors = command(["replay", "--journal", str(tmp_path / "journal.db"), "--json"])
    assert (code, errors) == (0, "")
    assert [json.loads(line) for line in text.splitlines()] == told

    code, text, errors = command(["replay", str(rules), "--journal", str(tmp_path / "journal.db"), "--json"])
    assert code == 0
    assert "reloaded its rules 3 times" in errors
    assert '"type":"reload"' not in text


def test_editors_save_as_they_like(run: Running, rules: Path, tmp_path: Path) -> None:
    beside = tmp_path / ".flow.rules.swp"

    beside.write_text(LOG.format("HOW", "renamed over it"))
    beside.replace(rules)
    run.until("reload", result="applied")
    assert said(run, "HOW") == "renamed over it"

    rules.rename(tmp_path / "flow.rules~")  # a backup first, the new file afterwards
    rules.write_text(LOG.format("HOW", "after a backup"))
    run.until("reload", result="applied")
    assert said(run, "HOW") == "after a backup"

    whole = LOG.format("HOW", "written twice") + LOG.format("OTHER", "all of it")
    rules.write_text(whole)
    rules.write_text(whole)
    run.until("reload", result="applied")
    assert said(run, "HOW") == "written twice"

    for cut in (0, 10, whole.index("\n") + 1, len(whole) - 1):  # what is half written is not believed
        rules.write_text(("#\n" + whole + "# more\n")[: cut and cut + 2])
        time.sleep(0.3)
        rules.write_text(LOG.format("HOW", f"cut at {cut}") + LOG.format("OTHER", "all of it"))
        line = run.until("reload")
        assert (line["result"], line["rules"]) == ("applied", 2), line
        assert said(run, "HOW") == f"cut at {cut}"
        whole = rules.read_text()

    text = rules.read_text()
    rules.unlink()
    line = run.until("reload")
    assert line["result"] == "refused"
    assert "flow.rules: there is no such file" in line["reason"]
    assert said(run, "OTHER") == "all of it"
    rules.write_text(text)
    assert "as the rules in force" in run.until("notice")["text"]

    rules.write_text("")
    assert run.until("reload", result="applied")["rules"] == 0  # it stayed empty: that is what is wanted
    assert run.stop(signal.SIGTERM) == 0


def test_a_used_file_is_watched_too_wherever_it_lies(tmp_path: Path, rules: Path) -> None:
    shared = tmp_path / "shared" / "words.rules"
    shared.parent.mkdir()
    shared.write_text(LOG.format("HOW", "first"))
    rules.write_text('use "shared/words.rules"\n' + ENTRY.format(0.8, "3%"))
    with running(tmp_path, "flow.rules", "--market", "random:1", "--signals", "-", "--json") as run:
        run.until("ready")
        shared.write_text(LOG.format("HOW", "second"))
        run.until("reload", result="applied")
        assert said(run, "HOW") == "second"
        shared.rename(tmp_path / "away")
        assert run.until("reload")["diagnostics"][0]["code"] == "E105"
        assert said(run, "HOW") == "second"
        (tmp_path / "away").write_text(LOG.format("HOW", "third"))
        (tmp_path / "away").rename(shared)
        run.until("reload", result="applied")
        assert said(run, "HOW") == "third"


def test_a_file_that_is_new_in_a_folder_joins_its_rules(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "one.rules").write_text(LOG.format("ONE", 1))
    with running(tmp_path, "rules", "--market", "random:1", "--signals", "-", "--json") as run:
        run.until("ready")
        (folder / "two.rules").write_text(LOG.format("TWO", 2))
        assert labels(run.until("reload"), "added") == ["two#1"]
        (folder / "deeper").mkdir()
        time.sleep(0.3)
        (folder / "deeper" / "three.rules").write_text(LOG.format("THREE", 3))
        assert labels(run.until("reload"), "added") == ["three#1"]
        assert said(run, "THREE") == "3"
        (folder / "one.rules").unlink()
        assert labels(run.until("reload"), "removed") == ["one#1"]


def test_two_hundred_saves_in_a_row_lose_no_signal_and_mix_no_rules(run: Running, rules: Path, tmp_path: Path) -> None:
    def text(number: int) -> str:
        lines = [f'rule r{at}\n  on signal HOW -> log "{number}"\n' for at in range(20)]
        return "".join(lines)

    rules.write_text(text(0))
    run.until("reload", result="applied")
    for number in range(1, 201):
        if number % 2:
            rules.write_text(text(number))
        else:
            (tmp_path / "new").write_text(text(number))
            (tmp_path / "new").replace(rules)
        send(run, "HOW")
        run.until("decision", rule="r19")
        time.sleep(0.01)
    time.sleep(0.5)
    send(run, "HOW")
    run.until("decision", rule="r19")
    assert run.stop(signal.SIGTERM) == 0
    by_signal: dict[int, list[str]] = {}
    for line in run.lines:
        if line["type"] == "decision":
            by_signal.setdefault(line["seq"], []).append(line["actions"][0]["text"])
    assert len(by_signal) == 201
    assert all(len(texts) == 20 and len(set(texts)) == 1 for texts in by_signal.values()), by_signal
    numbers = [int(texts[0]) for _, texts in sorted(by_signal.items())]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 200
    reloads = [line for line in run.lines if line["type"] == "reload"]
    assert all(line["result"] == "applied" for line in reloads)
    assert len(reloads) > 5


def test_with_no_watch_a_save_changes_nothing(tmp_path: Path, rules: Path) -> None:
    with running(tmp_path, "flow.rules", "--market", "random:1", "--signals", "-", "--json", "--no-watch") as run:
        run.until("ready")
        rules.write_text(LOG.format("HOW", "unheard"))
        time.sleep(0.5)
        send(run, "HOW")
        send(run, "BUY")
        assert run.until("decision")["rule"] == "long"
        assert not [line for line in run.lines if line["type"] == "reload"]


def test_params_that_were_set_stay_set(tmp_path: Path, rules: Path) -> None:
    rules.write_text('param least = 0.8\non signal HOW where confidence > least -> log "one"\n')
    options: Sequence[str] = ("--market", "random:1", "--signals", "-", "--json", "--set", "least=0.3")
    with running(tmp_path, "flow.rules", *options) as run:
        run.until("ready")
        rules.write_text('param least = 0.9\non signal HOW where confidence > least -> log "two"\n')
        run.until("reload", result="applied")
        send(run, "HOW", confidence=0.4)
        assert run.until("decision")["actions"][0]["text"] == "two"
        rules.write_text('on signal HOW -> log "three"\n')
        line = run.until("reload")
        assert line["result"] == "refused"
        assert "--set" in line["reason"]


def test_a_link_to_a_file_of_any_name_is_watched_at_both_ends(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "strategy.txt", tmp_path / "strategy"
    real.write_text(LOG.format("HOW", "first"))
    link.symlink_to(real)
    with running(tmp_path, "strategy", "--market", "random:1", "--signals", "-", "--json") as run:
        run.until("ready")
        real.write_text(LOG.format("HOW", "second"))
        run.until("reload", result="applied")
        assert said(run, "HOW") == "second"
        (tmp_path / "other.txt").write_text(LOG.format("HOW", "third"))
        (tmp_path / "new").symlink_to(tmp_path / "other.txt")
        (tmp_path / "new").replace(link)
        run.until("reload", result="applied")
        assert said(run, "HOW") == "third"


def test_what_editors_hide_beside_the_rules_is_none_of_them(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "one.rules").write_text(LOG.format("ONE", 1))
    with running(tmp_path, "rules", "--market", "random:1", "--signals", "-", "--json") as run:
        run.until("ready")
        (folder / ".#one.rules").symlink_to("somebody@somewhere.4711")  # Emacs, while somebody types
        (folder / "._one.rules").write_bytes(b"\x00\x05\x16\x07")  # a Mac, on a foreign disk
        time.sleep(0.5)
        (folder / "one.rules").write_text(LOG.format("ONE", "mended"))
        line = run.until("reload")
        assert (line["result"], line["rules"]) == ("applied", 1)
        assert said(run, "ONE") == "mended"


def test_a_folder_of_rules_may_be_exchanged_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "rules"

    def another(name: str, text: str) -> Path:
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.rules").write_text(LOG.format("ONE", text))
        return tmp_path / name

    another("rules", "first")
    with running(tmp_path, "rules", "--market", "random:1", "--signals", "-", "--json") as run:
        run.until("ready")

        new = another("new", "exchanged")
        folder.rename(tmp_path / "old")
        new.rename(folder)
        run.until("reload", result="applied")
        assert said(run, "ONE") == "exchanged"

        (folder / "one.rules").write_text(LOG.format("ONE", "edited in the new one"))
        run.until("reload", result="applied")
        assert said(run, "ONE") == "edited in the new one"

        folder.rename(tmp_path / "older")
        line = run.until("reload")
        assert (line["result"], "rules: there is no such file or folder" in line["reason"]) == ("refused", True)
        (tmp_path / "older").rename(folder)
        assert "as the rules in force" in run.until("notice")["text"]

        folder.rename(tmp_path / "version 1")
        folder.symlink_to(another("version 2", "behind a link"))
        run.until("reload", result="applied")
        assert said(run, "ONE") == "behind a link"
        (tmp_path / "new link").symlink_to(another("version 3", "behind another link"))
        (tmp_path / "new link").rename(folder)
        run.until("reload", result="applied")
        assert said(run, "ONE") == "behind another link"
        (tmp_path / "version 3" / "one.rules").write_text(LOG.format("ONE", "edited there"))
        run.until("reload", result="applied")
        assert said(run, "ONE") == "edited there"


def test_a_folder_further_up_may_be_exchanged_too(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name / "rules").mkdir(parents=True)
        (tmp_path / name / "rules" / "one.rules").write_text(LOG.format("ONE", name))
    (tmp_path / "current").symlink_to("first")
    with running(tmp_path, "current/rules/one.rules", "--market", "random:1", "--signals", "-", "--json") as run:
        run.until("ready")
        (tmp_path / "new").symlink_to("second")
        (tmp_path / "new").rename(tmp_path / "current")
        run.until("reload", result="applied")  # nothing tells of this: it is seen at the next look
        assert said(run, "ONE") == "second"
        (tmp_path / "second" / "rules" / "one.rules").write_text(LOG.format("ONE", "edited there"))
        run.until("reload", result="applied")
        assert said(run, "ONE") == "edited there"
