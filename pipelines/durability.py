"""What survives a power cut: content and renames brought to the disk."""

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
