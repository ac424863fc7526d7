"""Packed extracts as a stream of their content: gzip, zip with one member, zstandard.

The packing is told by the first bytes, never by the name. The whole stream is decoded before
a row is loaded, so a truncated archive loads nothing.
"""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import pyarrow as pa  # type: ignore[import-untyped]

from pipelines.errors import ExtractError

CHUNK_BYTES = 1 << 22
BOMB_RATIO = 200
BOMB_FLOOR_BYTES = 64 << 20
_GZIP, _ZIP, _ZSTD = b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd"
_WORKBOOK_MEMBER = "[Content_Types].xml"
_ZIP_END, _ZIP_END_BYTES = b"PK\x05\x06", 22
_LONGEST_ZIP_END = _ZIP_END_BYTES + (1 << 16)

_UNPACKING_FAULTS = (
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
    OSError,  # of gzip and zstandard
    RuntimeError,  # a zip with a password, or packed in a way Python does not know
)


def packing(path: Path) -> str | None:
    """`gzip`, `zip` or `zstd`; None for a plain file."""
    with path.open("rb") as stream:
        head = stream.read(4)
    for magic, name in ((_GZIP, "gzip"), (_ZIP, "zip"), (_ZSTD, "zstd")):
        if head.startswith(magic):
            return name
    return None


def chunks(path: Path) -> Iterator[bytes]:
    """The unpacked content.

    Raises ExtractError truncated_archive, archive_bomb or archive_members.
    """
    packed_bytes, total = path.stat().st_size, 0
    kind = packing(path)
    try:
        with _opened(path, kind) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                total += len(chunk)
                if kind and total > BOMB_FLOOR_BYTES and total > BOMB_RATIO * packed_bytes:
                    raise bomb(path)
                yield chunk
    except _UNPACKING_FAULTS as error:
        if kind is None:
            raise
        raise ExtractError(
            "truncated_archive",
            f"{path.name} must be a whole {kind} archive, but unpacking stopped: {error}; "
            "ask for the file again.",
        ) from error


def bomb(path: Path) -> ExtractError:
    return ExtractError(
        "archive_bomb",
        f"{path.name} unpacks to more than {BOMB_RATIO} times its size, which no honest extract "
        "does; look at the file by hand.",
    )


def is_workbook(path: Path) -> bool:
    """Whether a file is a workbook itself, which is a zip of parts; a damaged one counts too."""
    if packing(path) != "zip":
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return _WORKBOOK_MEMBER in archive.namelist()
    except zipfile.BadZipFile:
        return True


def unpacked_file(path: Path, target: Path) -> Path:
    """The content as a file: the path itself where it is not packed, else `target`."""
    if packing(path) is None:
        return path
    with target.open("wb") as stream:
        for chunk in chunks(path):
            stream.write(chunk)
    return target


def _check_alone(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse what stands before or behind: of two archives in a row only the last is listed."""
    with path.open("rb") as stream:
        end = stream.seek(0, 2)
        tail_begins = stream.seek(max(0, end - _LONGEST_ZIP_END))
        last_record = tail_begins + stream.read().rfind(_ZIP_END)
    begins = min((member.header_offset for member in archive.infolist()), default=0)
    if begins or last_record + _ZIP_END_BYTES + len(archive.comment) != end:
        raise zipfile.BadZipFile("something else stands before or behind it")


@contextmanager
def _opened(path: Path, kind: str | None) -> Iterator[IO[bytes]]:
    if kind == "zip":
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            _check_alone(path, archive)
            if len(members) != 1:
                raise ExtractError(
                    "archive_members",
                    f"{path.name} must hold exactly one file, but holds {len(members)}; "
                    "deliver one file per archive.",
                )
            with archive.open(members[0]) as stream:
                yield stream
    elif kind == "gzip":
        with gzip.open(path, "rb") as stream:
            yield cast(IO[bytes], stream)
    elif kind == "zstd":
        with pa.input_stream(str(path), compression="zstd") as stream:
            yield cast(IO[bytes], stream)
    else:
        with path.open("rb") as stream:
            yield stream
