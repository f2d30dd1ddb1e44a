"""Sources of signals: a file that grows, and standard input. Each puts lines into the inbox as they come."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol

from .inbox import Arrival, ArrivedLine, SourceNews
from .splitting import LineSplitter

_CHUNK = 1 << 16
_LOOK_EVERY = 0.1  # seconds between two looks at a file

Put = Callable[[Arrival], None]


class SignalSource(Protocol):
    """Lines of signals from outside."""

    def open(self) -> None:
        """Opens the source; from now on nothing that it brings is missed.

        Raises:
            OSError: it cannot be opened.
        """

    async def follow(self, put: Put) -> None:
        """Brings lines for as long as the run goes on, or to the source's end."""


class FollowedFile:
    """A file of JSON lines, followed as it grows.

    It is read from its start, or from where it ends when it is opened. A file that was cut short or replaced under its
    name (as programs that rotate their files do) is read from its start again.
    """

    def __init__(self, path: str, *, from_start: bool) -> None:
        self._path = path
        self._from_start = from_start
        self._splitter = LineSplitter()
        self._skip_to_line_end = False
        self._file: BinaryIO | None = None

    def open(self) -> None:
        self._file = file = Path(self._path).open("rb", buffering=0)
        if not self._from_start:
            while data := file.read(_CHUNK):
                self._splitter.feed(data)
            # the last line may be whole without an end, or be half written: what comes next tells
            self._skip_to_line_end = bool(self._splitter.begun)

    async def follow(self, put: Put) -> None:
        assert self._file is not None, "a source is opened before it is followed"
        try:
            while True:
                self._read_rest(self._file, put)
                await asyncio.sleep(_LOOK_EVERY)
                self._file = self._same_or_reopened(self._file, put)
        finally:
            self._file.close()

    def _read_rest(self, file: BinaryIO, put: Put) -> None:
        while data := file.read(_CHUNK):
            if self._skip_to_line_end and data.startswith((b"\n", b"\r\n")):
                self._splitter = LineSplitter(number=self._splitter.number + 1)
                data = data.partition(b"\n")[2]
            self._skip_to_line_end = False
            for number, line in self._splitter.feed(data):
                put(ArrivedLine(self._path, number, line))

    def _same_or_reopened(self, file: BinaryIO, put: Put) -> BinaryIO:
        here = os.fstat(file.fileno())
        try:
            named = Path(self._path).stat()
            is_new = (named.st_dev, named.st_ino) != (here.st_dev, here.st_ino)
            fresh = Path(self._path).open("rb", buffering=0) if is_new else None
        except FileNotFoundError:
            return file  # being replaced: a later look finds the new one
        if fresh is not None:
            self._read_rest(file, put)  # what its writer added last
            file.close()
            file = fresh
            put(SourceNews(self._path, "the file was replaced: reading the new one from its start"))
        elif named.st_size < file.tell():
            file.seek(0)
            put(SourceNews(self._path, "the file was cut short: reading it from its start"))
        else:
            return file
        self._splitter = LineSplitter()
        self._skip_to_line_end = False
        return file


class StandardInput:
    """Standard input, whatever it is: a pipe, a terminal, a file.

    It is read in a thread of its own, straight from the descriptor, so that a read that waits stops neither the loop
    nor the end of the program.
    """

    NAME = "<stdin>"

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._splitter = LineSplitter()

    def open(self) -> None:
        os.fstat(self._descriptor)

    async def follow(self, put: Put) -> None:
        loop = asyncio.get_running_loop()
        chunks: asyncio.Queue[bytes | OSError] = asyncio.Queue()
        taken = threading.Event()

        def hand_over(chunk: bytes | OSError) -> bool:
            taken.clear()
            try:
                loop.call_soon_threadsafe(chunks.put_nowait, chunk)
            except RuntimeError:
                return False  # the loop has ended, and the run with it
            taken.wait()
            return True

        def read() -> None:
            try:
                while hand_over(data := os.read(self._descriptor, _CHUNK)) and data:
                    pass
            except OSError as error:
                hand_over(error)

        threading.Thread(target=read, name="standard input", daemon=True).start()
        while True:
            chunk = await chunks.get()
            taken.set()
            if isinstance(chunk, OSError):
                put(SourceNews(self.NAME, f"standard input cannot be read: {chunk.strerror or chunk}"))
                return
            lines = self._splitter.feed(chunk) if chunk else self._splitter.finish()
            for number, line in lines:
                put(ArrivedLine(self.NAME, number, line))
            if not chunk:
                put(SourceNews(self.NAME, "standard input has ended; the run goes on"))
                return
