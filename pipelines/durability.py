"""Files as they must be on the disk: what survives a power cut, and whom a folder lets in."""

import os
from pathlib import Path


def sync_file(file: Path) -> None:
    """Make a file's content survive a power cut."""
    with file.open("rb") as stream:
        os.fsync(stream.fileno())


def sync_dir(folder: Path) -> None:
    """Make renames inside a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def private_dir(folder: Path) -> None:
    """Make a folder that only its owner may enter; one that lets in others is closed."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def append_line(file: Path, line: str) -> None:
    """Add a line to a file that only its owner may read, in a folder that nobody else enters.

    One write to a file opened for appending: lines of several processes do not mix.
    """
    private_dir(file.parent)
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{line}\n".encode())
    finally:
        os.close(descriptor)
