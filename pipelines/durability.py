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
