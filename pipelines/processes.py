"""Processes a command leaves behind: how a later one ends them."""

import os
import signal
from pathlib import Path


def end_noted_process(pid_path: Path, program: bytes, by: signal.Signals) -> None:
    """End the process whose number a file notes, and remove the note.

    The number may meanwhile belong to another program: only one whose command line names
    `program` is ended. Without a note nothing happens.
    """
    if not pid_path.exists():
        return
    pid = int(pid_path.read_text())
    command = Path(f"/proc/{pid}/cmdline")
    if command.exists() and program in command.read_bytes():
        os.kill(pid, by)
    pid_path.unlink()


def is_abandoned(pid: int) -> bool:
    """Whether what a process of that number began was left behind by it.

    In containers each run has the number of the one before: what bears our own number, before we
    began anything, is not ours.
    """
    if pid == os.getpid():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
