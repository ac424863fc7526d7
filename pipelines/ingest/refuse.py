"""Refusing an extract after it was read: its rows leave raw, its entry says why.

Here: what a gate on the whole extract decides. Not here: refusals while reading (`run`).
"""

from dataclasses import replace
from pathlib import Path

from pipelines.ingest.ledger import Extract, extract_dir, replace_by_entry
from pipelines.settings import Settings


def accepted_path(settings: Settings, extract: Extract) -> Path:
    """The accepted rows of a loaded extract."""
    folder = extract_dir(settings, extract.source, extract.entity, extract.extract_id)
    return folder / "accepted.parquet"


def refuse_extract(settings: Settings, extract: Extract, reason: str, message: str) -> Extract:
    """Replace a loaded extract by its refusal; the file stays in the archive."""
    refused = replace(
        extract,
        outcome="refused",
        reason=reason,
        message=message,
        rows_read=0,
        rows_accepted=0,
        rows_quarantined=0,
        rows_refused=extract.rows_read,
        reasons={},
        warnings={},
        first_event_at=None,
        last_event_at=None,
    )
    replace_by_entry(settings, refused)
    return refused
