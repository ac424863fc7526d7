"""The manifest beside a delivered file: what its sender says it holds.

`<file>.manifest.json` may give `rows` (records after the header), `sha256` and `bytes`. A file
that is not what its manifest says is refused and stays in landing until one of both is delivered
again. Not here: waiting for files (`landing`).
"""

import json
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import ExtractError
from pipelines.ingest.reading import Task, literal

MANIFEST_SUFFIX = ".manifest.json"
MANIFEST_REASONS = ("manifest_unreadable", "manifest_sha256", "manifest_rows")


@dataclass(frozen=True)
class Manifest:
    """What is promised; None where nothing is."""

    rows: int | None = None
    sha256: str | None = None
    bytes: int | None = None


def manifest_path(file: Path) -> Path:
    return file.with_name(file.name + MANIFEST_SUFFIX)


def read_manifest(file: Path) -> Manifest:
    """The manifest of a file; empty where there is none. Raises ExtractError."""
    path = manifest_path(file)
    if not path.is_file():
        return Manifest()
    try:
        note = json.loads(path.read_text("utf-8"))
        rows, sha256, size = (note.get(name) for name in ("rows", "sha256", "bytes"))
        return Manifest(
            rows=None if rows is None else int(rows),
            sha256=None if sha256 is None else str(sha256).lower(),
            bytes=None if size is None else int(size),
        )
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ExtractError(
            "manifest_unreadable",
            f'{path.name} must be JSON such as {{"rows": 12, "sha256": "…"}}: {error}.',
        ) from error


def check_hash(manifest: Manifest, name: str, sha256: str) -> None:
    """Raises ExtractError where the bytes are not those that were sent."""
    if manifest.sha256 is not None and manifest.sha256 != sha256:
        raise ExtractError(
            "manifest_sha256",
            f"{name} must have sha256 {manifest.sha256[:16]}…, says its manifest, but has "
            f"{sha256[:16]}…; deliver both again.",
        )


def check_rows(task: Task, manifest: Manifest, folder: Path) -> None:
    """Compare the records the gate wrote to `folder` with the promise. Raises ExtractError."""
    if manifest.rows is None:
        return
    files = ", ".join(
        literal(str(folder / name)) for name in ("accepted.parquet", "quarantined.parquet")
    )
    query = f"select count(distinct _record) from read_parquet([{files}], union_by_name = true)"
    rows = int(str(task.rows(query)[0][0]))
    if rows != manifest.rows:
        raise task.refuse(
            "manifest_rows",
            f"its manifest promises {manifest.rows} records, but it holds {rows}; deliver both "
            "again.",
        )
