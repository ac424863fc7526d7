"""Extracts kept byte for byte: `archive/<sha256>/<name>`, written once, never changed.

What is read afterwards is the archived copy, so a file that still grows in landing cannot
change under the reader.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from pipelines.durability import private_dir, sync_dir, sync_file
from pipelines.errors import StillGrowingError
from pipelines.processes import is_abandoned
from pipelines.settings import Settings

_CHUNK_BYTES = 1 << 20
_DRAFT = ".draft-"


@dataclass(frozen=True)
class Archived:
    """A file as it was archived; `path` is the copy inside the archive."""

    path: Path
    sha256: str
    bytes: int

    @property
    def extract_id(self) -> str:
        return self.sha256[:16]


def file_sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def archive_file(settings: Settings, path: Path) -> Archived:
    """Copy a file into the archive unless its bytes are there already.

    The hash is that of the copy, taken while it is written: one reading of the file.
    """
    private_dir(settings.archive_dir)
    draft = settings.archive_dir / f"{_DRAFT}{os.getpid()}-{uuid4().hex}"
    try:
        before = path.stat()
        digest = _copy(path, draft)
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise StillGrowingError(f"{path.name} grew while it was read; next time.")
        known = archived_copy(settings, digest)
        if known:
            return known
        sync_file(draft)
        copy = settings.archive_dir / digest / path.name
        copy.parent.mkdir(exist_ok=True)
        draft.rename(copy)
    finally:
        draft.unlink(missing_ok=True)
    sync_dir(copy.parent)
    sync_dir(settings.archive_dir)
    return Archived(copy, digest, copy.stat().st_size)


def archived_copy(settings: Settings, sha256: str) -> Archived | None:
    """The archived file of that hash, under the first name it came with."""
    for path in sorted((settings.archive_dir / sha256).glob("*")):
        return Archived(path, sha256, path.stat().st_size)
    return None


def clear_drafts(settings: Settings) -> None:
    """Remove copies that killed runs never finished."""
    for draft in settings.archive_dir.glob(f"{_DRAFT}*"):
        if is_abandoned(int(draft.name.split("-")[1])):
            draft.unlink()


def _copy(path: Path, target: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source, target.open("wb") as copy:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
            copy.write(chunk)
    return digest.hexdigest()
