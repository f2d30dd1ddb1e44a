"""`--state FILE`: what survives a restart of the gateway, kept in an SQLite file.

Orders with what their clients sent, executions, accounts, and the highest order number of each client. `save` runs
before bytes leave, so that a gateway that is killed has lost nothing that a client was told. Only what has changed is
written. An order that was never transmitted is known to nobody but its client, and is not kept.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import msgspec

from ..broker.exchange import Exchange, ExchangeEvent, Execution, ExecutionEvent, OrderEvent, SavedOrder
from .gateway import Gateway, GatewayState
from .mapper import Key, OrderFile

_APPLICATION = 0x52434757
_FORMAT = 1
_MAGIC = b"SQLite format 3\0"
_TABLES = """
CREATE TABLE accounts (name TEXT PRIMARY KEY, cash INTEGER NOT NULL);
CREATE TABLE clients (client_id INTEGER PRIMARY KEY, highest INTEGER NOT NULL);
CREATE TABLE orders (permanent_id INTEGER PRIMARY KEY, body BLOB NOT NULL, file BLOB NOT NULL);
CREATE TABLE executions (number INTEGER PRIMARY KEY, body BLOB NOT NULL);
"""


class StateError(Exception):
    """The file cannot be used; it was left as it is. The text says why."""


@attrs.frozen
class _KeptFile:
    """What the gateway remembers of an order; see `OrderFile`."""

    sent: dict[str, Any]
    wire_id: int | None
    shown: bool
    invalid: bool
    ended: int


class Store:
    """An open state file. `accounts` are those of the file with their first cash in micros; empty in a new one."""

    def __init__(self, path: str | Path) -> None:
        """Opens the file, or makes it.

        Raises:
            StateError: it is no state file, a newer one, damaged, or in use.
        """
        self._path = Path(path)
        self._exchange: Exchange | None = None
        self._gateway: Gateway | None = None
        self._changed: dict[int, Key] = {}
        self._new: list[Execution] = []
        self._executions = 0
        self._rewrite = False
        is_new = self._check_header()
        try:
            self._database = sqlite3.connect(self._path, isolation_level=None, timeout=0.2)
        except sqlite3.Error as error:
            raise StateError(f"{path}: cannot be used: {error}") from error
        try:
            self._prepare(is_new)
            self.accounts: Mapping[str, int] = dict(self._read("SELECT name, cash FROM accounts"))
        except BaseException:
            self._database.close()
            raise

    def close(self) -> None:
        self._database.close()

    # ---- coming back -----------------------------------------------------------------------------------------------

    def attach(self, exchange: Exchange, gateway: Gateway) -> None:
        """Brings back what is in the file, into an exchange and a gateway that have nothing yet, and keeps both.

        Raises:
            StateError: the records do not fit together.
        """
        try:
            rows = self._read("SELECT body, file FROM orders ORDER BY permanent_id")
            orders = [msgspec.json.decode(body, type=SavedOrder) for body, _ in rows]
            kept = [msgspec.json.decode(file, type=_KeptFile) for _, file in rows]
            bodies = self._read("SELECT body FROM executions ORDER BY number")
            executions = [msgspec.json.decode(body, type=Execution) for (body,) in bodies]
            exchange.restore(orders, executions)
        except (msgspec.MsgspecError, ValueError) as error:
            raise StateError(f"{self._path}: is damaged: {error}") from error
        files = {
            order.order.key: OrderFile(each.sent, each.wire_id, each.shown, each.invalid, each.ended)
            for order, each in zip(orders, kept, strict=True)
        }
        gateway.restore(GatewayState(dict(self._read("SELECT client_id, highest FROM clients")), files))
        self._executions = len(executions)
        self._exchange, self._gateway = exchange, gateway
        if not self.accounts:
            accounts = exchange.ledger.accounts
            self._write(lambda: self._put_accounts((name, each.initial_cash) for name, each in accounts.items()))

    # ---- keeping ---------------------------------------------------------------------------------------------------

    def note(self, events: Sequence[ExchangeEvent]) -> None:
        """Remembers what of the exchange is to be written next."""
        for event in events:
            if isinstance(event, OrderEvent):
                self._changed[event.permanent_id] = event.order.key
            elif isinstance(event, ExecutionEvent):
                execution = event.execution
                self._changed[execution.permanent_id] = (execution.client_id, execution.order_id)
                if execution.execution_id.endswith(".01"):
                    self._new.append(execution)
                else:
                    self._rewrite = True  # a correction changes what later executions have realised

    def save(self) -> None:
        """Writes what has changed, in one transaction.

        Raises:
            StateError: it cannot be written; then nobody may be told of it.
        """
        if self._exchange is None or self._gateway is None:
            raise RuntimeError("a store that is attached to nothing")
        self._write(self._put_changes)

    def _put_changes(self) -> None:
        assert self._exchange is not None and self._gateway is not None
        state = self._gateway.state()
        execute = self._database.execute
        for permanent_id, key in self._changed.items():
            file = state.files.get(key) or OrderFile()
            kept = _KeptFile(dict(file.sent), file.wire_id, file.shown, file.invalid, file.ended)
            body = msgspec.json.encode(self._exchange.saved_order(permanent_id))
            execute("INSERT OR REPLACE INTO orders VALUES (?, ?, ?)", (permanent_id, body, msgspec.json.encode(kept)))
        if self._rewrite:
            execute("DELETE FROM executions")
            self._executions = 0
            self._new = list(self._exchange.ledger.executions)
        for execution in self._new:
            self._executions += 1
            execute("INSERT INTO executions VALUES (?, ?)", (self._executions, msgspec.json.encode(execution)))
        for client_id, highest in state.highest.items():
            execute("INSERT OR REPLACE INTO clients VALUES (?, ?)", (client_id, highest))
        self._changed.clear()
        self._new = []
        self._rewrite = False

    def _put_accounts(self, accounts: Iterable[tuple[str, int]]) -> None:
        self._database.executemany("INSERT INTO accounts VALUES (?, ?)", accounts)

    # ---- the file --------------------------------------------------------------------------------------------------

    def _check_header(self) -> bool:
        """Looks at the file without opening it as a database, which could change it; True where it is to be made."""
        try:
            with self._path.open("rb") as file:
                header = file.read(100)
        except FileNotFoundError:
            return True
        except OSError as error:
            raise StateError(f"{self._path}: cannot be read: {error.strerror or error}") from error
        if not header:
            return True
        if not header.startswith(_MAGIC) or int.from_bytes(header[68:72], "big") != _APPLICATION:
            raise StateError(f"{self._path}: is no state of a gateway")
        version = int.from_bytes(header[60:64], "big")
        if version > _FORMAT:
            raise StateError(f"{self._path}: has format {version}, this version of rulec knows up to {_FORMAT}")
        return False

    def _prepare(self, is_new: bool) -> None:
        try:
            self._set_up(is_new)
        except sqlite3.OperationalError as error:
            why = "another gateway uses it" if "locked" in str(error) else str(error)
            raise StateError(f"{self._path}: cannot be used: {why}") from error
        except sqlite3.DatabaseError as error:
            raise StateError(f"{self._path}: is damaged: {error}") from error

    def _set_up(self, is_new: bool) -> None:
        execute = self._database.execute
        execute("PRAGMA locking_mode = EXCLUSIVE")
        execute("BEGIN EXCLUSIVE")
        if is_new:
            for statement in _TABLES.strip().split("\n"):
                execute(statement)
            execute(f"PRAGMA application_id = {_APPLICATION}")
            execute(f"PRAGMA user_version = {_FORMAT}")
        execute("COMMIT")
        (found,) = execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise StateError(f"{self._path}: is damaged: {found}")
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = NORMAL")

    def _read(self, query: str) -> list[Any]:
        try:
            return self._database.execute(query).fetchall()
        except sqlite3.DatabaseError as error:
            raise StateError(f"{self._path}: is damaged: {error}") from error

    def _write(self, put: Callable[[], None]) -> None:
        try:
            self._database.execute("BEGIN")
            put()
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            raise StateError(f"{self._path}: cannot be written: {error}") from error
