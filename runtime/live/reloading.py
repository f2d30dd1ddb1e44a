"""Saved rules taken into force while a run goes on.

    folders -> something changed -> wait until it is quiet -> read, compile, make ready (in a thread) -> inbox -> loop

The loop goes on meanwhile with the rules it has; it takes the new ones between two inputs. One reload is under way at
a time, made ready against the rules that are in force then; a save during it makes it begin again.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Protocol

from watchfiles import awatch

from ...dsl.depth import room_to_work
from ..core.engine import Engine
from ..event.reload import Reload, RuleTexts, reload_from
from ..rule.rule_set import RuleSet, make_ready
from .inbox import NewRules
from .rule_files import Loaded, RuleFiles, Signature, is_doubtful

_STEP = 10  # milliseconds between two looks at what the system tells
_GATHERED = 60  # milliseconds after which what has been told is handed on
_LOOKED = 2_000  # milliseconds after which we look ourselves: not every disk tells, nor does a folder further up
_QUIET = 0.015  # seconds without a change before files are read
_DOUBTFUL = 1.0  # seconds for which a file that may be half written must stay as it is
_AGAIN = 1.0  # seconds until the next try where folders cannot be watched
_MOST_RESTARTS = 3
_LONGEST_WAIT = 0.3  # seconds: somebody who saves on and on must not keep the rules from changing for ever


class Judge(Protocol):
    """Whoever says whether new rules can be used, and is told where they come to nothing."""

    def prepare(self, loaded: Loaded) -> str | None:
        """Does what new rules need beside themselves, in a thread; why they cannot be used, None where they can."""

    def refused(self, loaded: Loaded, why: str | None) -> None:
        """The files as they are now cannot be used, and the rules in force go on.

        `why` says what is wrong where the texts are not at fault.
        """

    def back(self) -> None:
        """After a refusal the files are again what is in force."""

    def unwatched(self, why: str) -> None:
        """The folders cannot be watched at the moment; it is tried again."""


class Reloader:
    """Follows rule files for one engine.

    `texts` are those that the rules in force came from; what is made ready goes to `put`.
    """

    def __init__(
        self, files: RuleFiles, engine: Engine, texts: RuleTexts, put: Callable[[NewRules], None], judge: Judge
    ) -> None:
        self._files = files
        self._engine = engine
        self._texts = texts
        self._put = put
        self._judge = judge
        self._changed = asyncio.Event()
        self._refused: Loaded | None = None

    async def follow(self) -> None:
        """Watches and reloads until cancelled."""
        # Rules live long and are many: looking for circles among them again and again would stop the loop for as long
        # as half a second. They form none, so that what goes is freed without that.
        gc.freeze()
        watching = asyncio.ensure_future(self._watch())
        watching.add_done_callback(lambda done: self._changed.set())
        try:
            self._changed.set()  # what was saved between the start and now
            while True:
                await self._changed.wait()
                if watching.done():
                    watching.result()
                self._changed.clear()
                await self._reload()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self) -> None:
        told = False
        seen = await self._signature()
        while True:
            folders = await asyncio.to_thread(self._files.folders)
            try:
                async for changes in awatch(
                    *folders,
                    watch_filter=lambda change, path: self._files.concerns(path),
                    step=_STEP,
                    debounce=_GATHERED,
                    rust_timeout=_LOOKED,
                    yield_on_timeout=True,
                    recursive=False,
                ):
                    told = False
                    before, seen = seen, await self._signature()
                    if changes or seen != before:
                        self._changed.set()
                    if await asyncio.to_thread(self._files.folders) != folders:
                        break
            except (OSError, RuntimeError) as error:
                if not told:
                    self._judge.unwatched(str(error))
                    told = True
                await asyncio.sleep(_AGAIN)
            self._changed.set()  # nothing is missed between two watches

    async def _reload(self) -> None:
        """Brings what is on the disk into force, once it is quiet there."""
        restarts = 0
        while True:
            await self._settle()
            loaded = await asyncio.to_thread(self._load)
            if not loaded.is_steady:
                continue
            if loaded.is_fine and loaded.texts == self._texts:
                if self._refused is not None:
                    self._refused = None
                    self._judge.back()
                return
            if is_doubtful(self._texts, loaded) and not await self._stays(_DOUBTFUL):
                continue
            if restarts < _MOST_RESTARTS and await self._signature() != loaded.signature:
                restarts += 1
                continue
            await self._bring(loaded)
            return

    async def _settle(self) -> None:
        """Waits until nothing changes, though not for ever."""
        end = asyncio.get_running_loop().time() + _LONGEST_WAIT
        while not await self._stays(_QUIET) and asyncio.get_running_loop().time() < end:
            pass

    async def _stays(self, seconds: float) -> bool:
        """Whether nothing changes on the disk for so long."""
        before = await self._signature()
        end = asyncio.get_running_loop().time() + seconds
        while (left := end - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(min(left, 0.05))
            if await self._signature() != before:
                return False
        return True

    async def _signature(self) -> Signature:
        """What the disk says: in a thread, for a folder may hold thousands of files."""
        return await asyncio.to_thread(self._files.signature)

    def _load(self) -> Loaded:
        with room_to_work():
            loaded = self._files.load()
            gc.freeze()  # before anybody looks for circles in what has come
        return loaded

    async def _bring(self, loaded: Loaded) -> None:
        why = None
        if loaded.is_fine:
            why = await asyncio.to_thread(self._judge.prepare, loaded)
        if not loaded.is_fine or why is not None:
            if self._refused is None or not _says_the_same(loaded, self._refused):
                self._refused = loaded
                self._judge.refused(loaded, why)
            return
        self._refused = None
        ready, reload = await asyncio.to_thread(self._make_ready, loaded)
        taken = asyncio.Event()
        self._put(NewRules(reload, ready, taken.set))
        await taken.wait()
        self._texts = loaded.texts
        gc.freeze()

    def _make_ready(self, loaded: Loaded) -> tuple[RuleSet, Reload]:
        plan = loaded.compilation.plan
        assert plan is not None, "files without a mistake have a plan"
        reload = reload_from(self._texts, loaded.texts, 0)
        with room_to_work():
            ready = make_ready(plan, reload.digest, self._engine.rules, self._engine.runner.index)
            gc.freeze()
        return ready, reload


def _says_the_same(one: Loaded, other: Loaded) -> bool:
    return (one.library.problems, one.compilation.diagnostics, one.texts) == (
        other.library.problems,
        other.compilation.diagnostics,
        other.texts,
    )
