"""One build at a time: a kernel file lock that a killed run cannot leave behind."""

import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import LockedError
from pipelines.processes import end_noted_process
from pipelines.settings import Settings


@contextmanager
def warehouse_lock(settings: Settings) -> Iterator[None]:
    """Hold the warehouse, or raise LockedError naming the process that does.

    A dbt process that outlived its killed parent is ended first: it would go on writing the
    build file.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    path = settings.home / "nightly.lock"
    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            raise LockedError(
                f"another run (process {handle.read().strip() or 'unknown'}) holds {path}; "
                "wait for it to end."
            ) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        end_noted_process(child_pid_path(settings), b"dbt", signal.SIGKILL)
        yield


def child_pid_path(settings: Settings) -> Path:
    """Where a run writes the number of the dbt process it started."""
    return settings.home / "dbt.pid"
