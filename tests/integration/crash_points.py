"""A process that dies, or whose disk fails, at its n-th write boundary.

A boundary is every call by which ingestion or publishing changes the disk: opening a file to
write, mkdir, rename, link, unlink, rmdir, chmod, fsync, and each DuckDB statement that writes a
file, before and after it. Python's audit events tell the calls; fsync and DuckDB are wrapped.
"""

import errno
import os
import signal
import sys
from typing import Any, NoReturn

import duckdb

_EVENTS = {"os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "os.chmod", "os.truncate"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
_STATEMENTS = ("copy ", "create table", "create schema", "create view", "insert ", "detach ")
# What a full disk still allows.
_FREEING = {"os.remove", "os.rmdir", "os.rename", "os.chmod"}


class Tripwire:
    """Counts boundaries; from the n-th on the process is killed, or its writes fail."""

    def __init__(self, place: int, fault: str) -> None:
        self.place, self.fault = place, fault
        self.passed: list[str] = []
        self._is_armed = True

    def disarm(self) -> None:
        self._is_armed = False

    def reach(self, name: str) -> None:
        """Pass a boundary, or end at it."""
        if not self._is_armed:
            return
        self.passed.append(name)
        if len(self.passed) < self.place:
            return
        if self.fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif self.fault == "EROFS" or name not in _FREEING:
            code = getattr(errno, self.fault)
            if name.startswith("duckdb"):
                raise duckdb.IOException(f"IO Error: {os.strerror(code)}")
            raise OSError(code, os.strerror(code))

    def install(self) -> None:
        sys.addaudithook(self._audit)
        fsync, connect = os.fsync, duckdb.connect

        def synced(descriptor: int) -> None:
            self.reach("os.fsync")
            fsync(descriptor)

        def connected(*arguments: Any, **options: Any) -> Any:
            return _Watched(connect(*arguments, **options), self)

        os.fsync = synced  # type: ignore[assignment]
        duckdb.connect = connected

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            _, mode, flags = arguments
            writes = set(mode) & set("wax+") if isinstance(mode, str) else flags & _WRITING
            if writes and str(arguments[0]).startswith("/") and "/dev/" not in str(arguments[0]):
                self.reach(event)
        elif event in _EVENTS:
            self.reach(event)


class _Watched:
    """A DuckDB connection whose writing statements are boundaries."""

    def __init__(self, connection: Any, wire: Tripwire) -> None:
        self._connection, self._wire = connection, wire

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def __enter__(self) -> "_Watched":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def execute(self, sql: str, *parameters: Any) -> Any:
        if not sql.lstrip().startswith(_STATEMENTS):
            return self._connection.execute(sql, *parameters)
        self._wire.reach("duckdb before")
        result = self._connection.execute(sql, *parameters)
        self._wire.reach("duckdb after")
        return result

    def close(self) -> None:
        self._wire.reach("duckdb close")
        self._connection.close()


def leave(code: int) -> NoReturn:
    """End a forked child without running what its parent registered."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
