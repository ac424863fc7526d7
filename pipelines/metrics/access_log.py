"""Who looked at what: one line of JSON per event in the home's `access` folder, a file a month."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

import polars as pl

from pipelines.durability import append_line
from pipelines.metrics.access import Reader
from pipelines.settings import Settings

Action = Literal["view", "rows", "record", "export", "sql", "refused"]
_COLUMNS = ("at", "reader", "role", "action", "subject", "filters", "snapshot_id", "row_count")


def note_access(
    settings: Settings,
    reader: Reader,
    action: Action,
    subject: str,
    *,
    filters: Mapping[str, object] | None = None,
    snapshot_id: str | None = None,
    row_count: int | None = None,
) -> None:
    """Append one event; `subject` is a page, metric, record or the text of a query."""
    at = datetime.now(UTC)
    entry = dict(
        zip(
            _COLUMNS,
            (
                at.isoformat(timespec="milliseconds"),
                *(reader.id, reader.role.name, action, subject),
                json.dumps(filters or {}, ensure_ascii=False, default=str),
                *(snapshot_id, row_count),
            ),
            strict=True,
        )
    )
    path = settings.access_dir / f"{at:%Y-%m}.jsonl"
    append_line(path, json.dumps(entry, ensure_ascii=False))


def read_access(settings: Settings, most: int = 1_000) -> pl.DataFrame:
    """The newest events first, at most so many; one row per event."""
    lines: list[str] = []
    for path in sorted(settings.access_dir.glob("*.jsonl"), reverse=True):
        lines += reversed(path.read_text(encoding="utf-8").splitlines())
        if len(lines) >= most:
            break
    schema = {name: pl.Int64 if name == "row_count" else pl.String for name in _COLUMNS}
    return pl.DataFrame([json.loads(line) for line in lines[:most]], schema=schema)


def count_access(settings: Settings) -> int:
    """How many events have been noted."""
    return sum(path.read_bytes().count(b"\n") for path in settings.access_dir.glob("*.jsonl"))
