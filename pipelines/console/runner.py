"""Queries in processes that can be killed: a warm worker each, a time limit, a way to cancel.

What a worker is and what it may do is told in `worker`. Not here: who may ask, and what is noted.
"""

import json
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import IO, Literal

import polars as pl

from pipelines.console import worker as worker_module

Reason = Literal["statements", "kind", "columns", "time", "memory", "cancelled", "busy", "failed"]
REFUSALS: tuple[Reason, ...] = ("statements", "kind")
MEMORY = "512MB"
MOST_AT_ONCE = 4
_START_SECONDS = 30.0
_MOST_FRAME_BYTES = 2 * worker_module.MOST_BYTES
_WORKER = Path(worker_module.__file__)


@dataclass(frozen=True)
class Outcome:
    """How a query ended: with rows, or with the reason why not and the database's own words.

    `total` counts all rows; None where the time ended before they were counted.
    """

    frame: pl.DataFrame | None = None
    total: int | None = None
    seconds: float = 0.0
    reason: Reason | None = None
    message: str = ""


class Workers:
    """One warm worker of a copy; whoever takes it has the next one started."""

    def __init__(self, copy: Path, seconds: float) -> None:
        self.copy = copy
        self.seconds = seconds
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._is_closed = False
        self._warm: subprocess.Popen[bytes] | None = self._start()

    def take(self) -> subprocess.Popen[bytes] | None:
        """A worker of one's own; None where as many queries run as may. Return it with `end`."""
        if not self._slots.acquire(blocking=False):
            return None
        with self._lock:
            warm, self._warm = self._warm, None if self._is_closed else self._start()
        return warm or self._start()

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a worker that was taken, and let another query in."""
        _kill(process)
        self._slots.release()

    def close(self) -> None:
        """Kill the warm worker and keep no other."""
        with self._lock:
            self._is_closed = True
            warm, self._warm = self._warm, None
        if warm is not None:
            _kill(warm)

    def _start(self) -> subprocess.Popen[bytes]:
        """Without an environment; descriptors other than the three pipes are closed."""
        return subprocess.Popen(
            [sys.executable, "-I", str(_WORKER), self.copy.name, str(self.seconds), MEMORY],
            cwd=self.copy.parent,
            env={},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )


class QueryRun:
    """One query on its way; `outcome` is None until it has ended."""

    def __init__(
        self, workers: Workers, sql: str, rows: int, ended: Callable[[Outcome], None]
    ) -> None:
        self.sql = sql
        self.outcome: Outcome | None = None
        self._workers = workers
        self._rows = rows
        self._ended = ended
        self._is_cancelled = threading.Event()
        self._began = time.monotonic()
        self._process = workers.take()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def seconds(self) -> float:
        """How long it has been under way."""
        return time.monotonic() - self._began

    def cancel(self) -> None:
        """End the query at once."""
        self._is_cancelled.set()
        if self._process is not None:
            self._process.kill()

    def wait(self, seconds: float | None = None) -> Outcome | None:
        """The outcome; None where it is not there after so many seconds."""
        self._thread.join(seconds)
        return self.outcome

    def _run(self) -> None:
        if self._process is None:
            outcome = Outcome(reason="busy")
        else:
            try:
                outcome = self._ask(self._process)
            finally:
                self._workers.end(self._process)
        if self._is_cancelled.is_set() and outcome.reason is not None:
            outcome = Outcome(reason="cancelled", seconds=outcome.seconds)
        try:
            self._ended(outcome)
        except Exception as error:  # noqa: BLE001 (whatever it is, the page shows it, and no rows)
            outcome = Outcome(reason="failed", message=str(error))
        self.outcome = outcome

    def _ask(self, process: subprocess.Popen[bytes]) -> Outcome:
        assert process.stdin is not None  # noqa: S101 (both are pipes)
        assert process.stdout is not None  # noqa: S101
        if _frame(process.stdout, time.monotonic() + _START_SECONDS) is None:
            return Outcome(reason="failed")
        started = time.monotonic()
        request = json.dumps({"sql": self.sql, "rows": self._rows}).encode() + b"\n"
        try:
            process.stdin.write(request)
        except BrokenPipeError:
            return Outcome(reason="failed")
        outcome = _read(process.stdout, started + self._workers.seconds)
        return replace(outcome, seconds=time.monotonic() - started)


def _read(pipe: IO[bytes], deadline: float) -> Outcome:
    """The frames of an answer; a worker that dies early used up memory or CPU."""
    frame = None
    while True:
        found = _frame(pipe, deadline)
        if found is None:
            if frame is not None:
                return Outcome(frame=frame)
            return Outcome(reason="time" if time.monotonic() >= deadline else "memory")
        kind, content = found
        if kind == worker_module.ROWS:
            frame = pl.read_ipc_stream(BytesIO(content))
        elif kind == worker_module.TOTAL:
            return Outcome(frame=frame, total=int(content))
        else:
            error = json.loads(content)
            # The rows are there and only their count is not: they are shown.
            if frame is not None:
                return Outcome(frame=frame)
            return Outcome(reason=error["reason"], message=_sentence(error["message"]))


def _frame(pipe: IO[bytes], deadline: float) -> tuple[bytes, bytes] | None:
    """The next frame; None where the pipe or the time ended before it was whole."""
    head = _bytes(pipe, 1 + worker_module.LENGTH_BYTES, deadline)
    if head is None:
        return None
    length = int.from_bytes(head[1:], "big")
    content = None if length > _MOST_FRAME_BYTES else _bytes(pipe, length, deadline)
    return None if content is None else (head[:1], content)


def _bytes(pipe: IO[bytes], count: int, deadline: float) -> bytes | None:
    parts: list[bytes] = []
    while count:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            return None
        part = pipe.read(count)
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _sentence(message: str) -> str:
    """What the database said, without the lines that repeat the query."""
    return " ".join(message.split("\n\nLINE ")[0].split("\n\n")[0].split())


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
