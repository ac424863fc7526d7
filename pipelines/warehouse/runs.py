"""The run log: one small file per run, so that a failed run is known without its database."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from pipelines.settings import Settings

SCHEMA: dict[str, type[pl.DataType]] = {
    "run_id": pl.String,
    "status": pl.String,
    "started_at": pl.String,
    "ended_at": pl.String,
    "as_of": pl.String,
    "snapshot_id": pl.String,
    "message": pl.String,
}


def _path(settings: Settings, run_id: str) -> Path:
    return settings.runs_dir / run_id / "run.json"


def update_run(settings: Settings, run_id: str, **fields: str | None) -> None:
    """Merge fields into a run's entry; the file is replaced as a whole."""
    path = _path(settings, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    entry = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"run_id": run_id}
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(entry | fields, indent=2), encoding="utf-8")
    draft.replace(path)


@contextmanager
def recorded_run(settings: Settings, run_id: str) -> Iterator[None]:
    """Log a run from its start to its end; runs that were killed before are closed first.

    Call it only while holding the warehouse lock: every run that is still open is then dead.
    """
    for run in read_runs(settings).filter(pl.col("status") == "running")["run_id"]:
        update_run(settings, run, status="killed")
    update_run(settings, run_id, status="running", started_at=datetime.now(UTC).isoformat())
    try:
        yield
    finally:
        entry = json.loads(_path(settings, run_id).read_text(encoding="utf-8"))
        status = "published" if entry.get("snapshot_id") else "not published"
        update_run(settings, run_id, status=status, ended_at=datetime.now(UTC).isoformat())


def read_runs(settings: Settings) -> pl.DataFrame:
    """All logged runs, newest first."""
    entries = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in settings.runs_dir.glob("*/run.json")
    ]
    rows = [{column: entry.get(column) for column in SCHEMA} for entry in entries]
    return pl.DataFrame(rows, schema=SCHEMA).sort("started_at", descending=True, nulls_last=True)
