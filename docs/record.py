"""Records what the documents show of a run whose rules are saved while it goes on (`make recording`).

    python -m rulec.docs.record            writes docs/recordings/hot-reload.cast and hot-reload.md
    python -m rulec.docs.record FOLDER     writes them there

The first one is for `asciinema play`, the second to be read; `generate.py` puts screens of it into other documents.
A real `rulec run` stands in the upper half of a terminal, a shell in the lower one, and what is typed there is typed as
by a person. Each step waits for what it is to bring about, and fails with the screen as it was if that does not come.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import attrs

from .cast import Cast
from .terminal import ABOVE, BELOW, HEIGHT, WIDTH, Picture, Terminal, TerminalError

RECORDINGS = Path(__file__).parent / "recordings"
TITLE = "rulec: rules saved while they trade"

RULES = "rule long\n  on signal BUY where confidence > 0.8\n  -> enter long 100 stop 3% target 8%\n"
RUN = "rulec run flow.rules --market random:1 --signals file:signals.jsonl"

_LOOKS_A_SECOND = 10
_PATIENCE = 30.0  # seconds in which a step must have brought about what it is to
_LETTERS = 4  # typed at a time
_READING = 3.5  # seconds that a screen is left to whoever watches


@attrs.frozen
class Key:
    """A screen that the text shows, and what it is about."""

    title: str
    about: str
    picture: Picture


class Recorder:
    """Types, watches, and keeps what it sees."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._begun = time.monotonic()
        self.cast = Cast(TITLE, WIDTH, HEIGHT)
        self.keys: list[Key] = []

    def type(self, pane: str, command: str) -> None:
        """Types a command, waits until the shell shows it, and sends it off."""
        for at in range(0, len(command), _LETTERS):
            self._terminal.write(pane, command[at : at + _LETTERS])
            self._look()
        self.until(command)
        self._terminal.press(pane, "Enter")

    def press(self, pane: str, key: str) -> None:
        self._terminal.press(pane, key)

    def until(self, *texts: str) -> Picture:
        """Watches until each of these texts stands in some line.

        Raises:
            TerminalError: that does not come.
        """
        end = time.monotonic() + _PATIENCE
        while True:
            picture = self._look()
            missing = [text for text in texts if text not in picture]
            if not missing:
                return picture
            if time.monotonic() > end:
                shown = "\n".join(picture.plain)
                raise TerminalError(f"this did not come: {', '.join(map(repr, missing))}; the screen was\n{shown}")

    def key(self, title: str, about: str) -> None:
        """Leaves the screen to whoever watches, and keeps it for the text."""
        self.cast.mark(self._now(), title)
        end = time.monotonic() + _READING
        picture = self._look()
        self.keys.append(Key(title, about, picture))
        while time.monotonic() < end:
            self._look()

    def _look(self) -> Picture:
        """What stands there now; it becomes part of the recording."""
        time.sleep(1 / _LOOKS_A_SECOND)
        picture = self._terminal.look()
        self.cast.add(self._now(), picture.coloured)
        return picture

    def _now(self) -> float:
        return time.monotonic() - self._begun


def tell(recorder: Recorder) -> None:
    """The story: an open position, a change taken up, a mistake refused, the mistake mended."""
    recorder.until("$")
    recorder.type(BELOW, "cat flow.rules")
    recorder.until("enter long 100")
    recorder.type(ABOVE, RUN)
    recorder.until("RULES", "a market made up from seed 1")
    recorder.type(BELOW, _signal("AAPL", "BUY", 0.91))
    recorder.until("opened long 100")
    recorder.key("A position is open", "The run stands above, a shell below. A signal came, and `long` has entered.")

    recorder.type(BELOW, "sed -i -e 's/0.8/0.85/' -e '$ a rule leave\\n  on signal SELL -> exit' flow.rules")
    recorder.until("rules reloaded: 1 added, 1 changed", "~ long", "+ leave")
    recorder.key(
        "A save is taken up",
        "`~ long`: from now on it asks for more confidence. It entered the open trade, which keeps its stop and its\n"
        "target. `+ leave` is new, and may close that trade.",
    )

    recorder.type(BELOW, "sed -i 's/stop 3%/stop 2/' flow.rules")
    recorder.until("SAVED RULES, NOT USED", "2 what?")
    recorder.key(
        "A save with a mistake is refused", "A stop without a unit: the mistake is shown, the rules in force stay."
    )
    recorder.type(BELOW, _signal("MSFT", "BUY", 0.88))
    recorder.until("MSFT   long")
    recorder.key(
        "The run goes on meanwhile",
        "A signal is decided by the rules in force: the stop of the new trade is 3% away, as before the mistake.",
    )

    recorder.type(BELOW, "sed -i 's/stop 2/stop 2%/' flow.rules")
    recorder.until("rules reloaded: 1 changed; 2 rules in force", "it entered AAPL, MSFT")
    recorder.key(
        "The mended save is taken up", "What is entered from now on has a stop of 2%; the stops of both trades stay."
    )
    recorder.type(BELOW, _signal("AAPL", "SELL"))
    recorder.until("closed long by exit")
    recorder.key("A rule that came with a save closes a trade", "`leave` has closed what `long` had entered.")

    recorder.press(ABOVE, "C-c")
    recorder.until("stopped by SIGINT; nothing was cancelled", "realised")
    recorder.key("The run is stopped", "What is still open, and what still protects it, is named.")


def _signal(symbol: str, kind: str, confidence: float | None = None) -> str:
    sure = "" if confidence is None else f',"confidence":{confidence}'
    return f'echo \'{{"symbol":"{symbol}","signal":"{kind}"{sure}}}\' >> signals.jsonl'


def as_text(keys: Sequence[Key]) -> str:
    """The key screens as a page to read."""
    parts = [
        "# Rules saved while they trade\n\n"
        "The screens of [hot-reload.cast](hot-reload.cast) one by one (`asciinema play docs/recordings/hot-reload.cast`"
        "\nplays it). `make recording` makes both anew; [running.md](../running.md) tells what a save does.\n"
    ]
    for number, key in enumerate(keys, 1):
        shown = "\n".join(key.picture.plain).rstrip()
        parts.append(f"\n## {number}. {key.title}\n\n{key.about}\n\n```text\n{shown}\n```\n")
    return "".join(parts)


def main(names: Sequence[str] = ()) -> int:
    place = Path(names[0]) if names else RECORDINGS
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "flow.rules").write_text(RULES, encoding="utf-8")
            (folder / "signals.jsonl").touch()
            with Terminal(folder, path) as terminal:
                recorder = Recorder(terminal)
                tell(recorder)
    except TerminalError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    place.mkdir(parents=True, exist_ok=True)
    for file, text in (("hot-reload.cast", recorder.cast.text()), ("hot-reload.md", as_text(recorder.keys))):
        (place / file).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{place / file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
