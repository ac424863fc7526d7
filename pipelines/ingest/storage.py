"""Room and leave to write: looked at before a run, and told in one sentence when they end in it."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from pipelines.durability import private_dir
from pipelines.errors import StorageError
from pipelines.settings import Settings

# The archived copy, the decoded text and the Parquet files of an extract lie on the disk at once.
INPUT_FACTOR = 3
_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG)


def check_storage(settings: Settings, input_bytes: int) -> None:
    """Raise StorageError where a run over that many bytes could not be written down."""
    for folder in (settings.archive_dir, settings.raw_dir, settings.work_dir):
        private_dir(folder)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    needed, free = INPUT_FACTOR * input_bytes, shutil.disk_usage(settings.home).free
    if free < needed:
        raise StorageError(
            f"{settings.home} has {free / 1e6:,.0f} MB free, but {needed / 1e6:,.0f} MB are needed "
            f"({INPUT_FACTOR} times the files to read); make room, then run again: nothing was "
            "read yet."
        )


@contextmanager
def storage_faults(settings: Settings) -> Iterator[None]:
    """Tell a full or read-only disk in one sentence; what was committed before it stays."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FAULTS:
            raise
        raise _refusal(settings, str(error)) from error
    except duckdb.IOException as error:
        raise _refusal(settings, str(error).splitlines()[0]) from error


def _refusal(settings: Settings, reason: str) -> StorageError:
    return StorageError(
        f"{settings.home} cannot be written ({reason}); make room or give leave to write, then run "
        "again: extracts committed so far stay, the others are read then."
    )
