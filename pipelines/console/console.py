"""Explore for one reader on one snapshot: tables, queries, library; each use is noted.

The only way in: whoever may not open Explore gets no console, and the attempt is noted.
"""

import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipelines.console.copying import CopiedTable, copy_path, progress_path, read_tables
from pipelines.console.library import Library, PastQuery, SavedQuery
from pipelines.console.runner import REFUSALS, Outcome, QueryRun, Workers
from pipelines.errors import AccessError
from pipelines.metrics.access import Reader
from pipelines.metrics.access_log import note_access
from pipelines.settings import PROJECT_DIR, Settings
from pipelines.warehouse.snapshots import Snapshot

SHOWN_ROWS = 5_000

_LOCK = threading.Lock()
_BUILDERS: dict[Path, subprocess.Popen[str]] = {}
_WORKERS: dict[Path, Workers] = {}


@dataclass(frozen=True)
class CopyState:
    """How far the masked copy is: `done` of `total` tables, or the reason why it failed."""

    state: Literal["ready", "building", "failed"]
    done: int = 0
    total: int = 0
    message: str = ""


def open_console(reader: Reader, snapshot: Snapshot, settings: Settings | None = None) -> "Console":
    """The reader's console; raises AccessError where Explore is not theirs."""
    settings = settings or Settings()
    if not reader.may_open("sql"):
        note_access(settings, reader, "refused", "sql", snapshot_id=snapshot.id)
        raise AccessError(
            f"'{reader.id}' ({reader.role.name}) may not open Explore: it takes a role with `sql` "
            "and a scope of everything, because a query knows no rows of one's own."
        )
    return Console(settings, reader, snapshot)


class Console:
    """Queries of one reader on the masked copy of one snapshot."""

    def __init__(self, settings: Settings, reader: Reader, snapshot: Snapshot) -> None:
        self.seconds = settings.console_seconds
        self.shown_rows = SHOWN_ROWS
        self.snapshot = snapshot
        self.library = Library(settings)
        self._settings = settings
        self._reader = reader
        self._copy = copy_path(settings, snapshot)

    def prepare(self) -> CopyState:
        """Have the copy made by a process of its own, once; tells how far it is.

        Where it is ready, so is a worker: the first query does not wait for one to start.
        """
        state = self._copy_state()
        if state.state == "ready":
            self._workers()
        return state

    def _copy_state(self) -> CopyState:
        with _LOCK:
            if self._copy.exists():
                return CopyState("ready")
            builder = _BUILDERS.get(self._copy)
            if builder is None:
                builder = _BUILDERS[self._copy] = self._build()
            if builder.poll() is None:
                return CopyState("building", *self._progress())
            message = builder.communicate()[1]
            del _BUILDERS[self._copy]
            return CopyState("ready" if self._copy.exists() else "failed", message=message)

    def tables(self) -> list[CopiedTable]:
        """Tables of the copy with the descriptions of their columns."""
        return read_tables(self._copy)

    def run(self, sql: str, rows: int = SHOWN_ROWS) -> QueryRun:
        """Start a query; at most so many rows come back. It is noted when it has ended."""

        def ended(outcome: Outcome) -> None:
            is_refused = outcome.reason in REFUSALS
            self._note("refused" if is_refused else "sql", sql, outcome.total)
            self.library.remember(self._reader.id, sql, outcome.reason, outcome.total)

        return QueryRun(self._workers(), sql, rows, ended)

    def fetch(self, sql: str, rows: int) -> Outcome:
        """Run a query again for a file, with more rows; whoever writes the file notes it."""
        outcome = QueryRun(self._workers(), sql, rows, lambda _: None).wait()
        assert outcome is not None  # noqa: S101 (it was waited for without end)
        return outcome

    def save(self, name: str, sql: str) -> str:
        """Keep a query of the reader's; gives the id that opens it for every analyst."""
        return self.library.save(name, sql, self._reader.id)

    def saved(self) -> list[SavedQuery]:
        """What the reader saved, by name."""
        return self.library.saved(self._reader.id)

    def forget(self, query_id: str) -> None:
        """Remove a query that the reader saved."""
        self.library.forget(query_id, self._reader.id)

    def history(self) -> list[PastQuery]:
        """What the reader ran, the newest first."""
        return self.library.history(self._reader.id)

    def _note(self, action: Literal["sql", "refused"], sql: str, row_count: int | None) -> None:
        note_access(
            self._settings,
            self._reader,
            action,
            sql,
            snapshot_id=self.snapshot.id,
            row_count=row_count,
        )

    def _workers(self) -> Workers:
        """Workers of this copy; those of an older one are let go, and what runs there ends."""
        with _LOCK:
            if self._copy not in _WORKERS:
                for older in list(_WORKERS):
                    _WORKERS.pop(older).close()
                _WORKERS[self._copy] = Workers(self._copy, self.seconds)
            return _WORKERS[self._copy]

    def _build(self) -> subprocess.Popen[str]:
        arguments = (self._settings.home, self._settings.contracts_dir, self.snapshot.id)
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "pipelines.console.copying"),
                *(str(argument) for argument in arguments),
            ],
            cwd=PROJECT_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _progress(self) -> tuple[int, int]:
        path = progress_path(self._settings, self.snapshot)
        try:
            done, total = path.read_text(encoding="utf-8").split()
        except FileNotFoundError:  # not begun, or done just now
            return (0, 0)
        return (int(done), int(total))
