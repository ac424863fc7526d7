"""Ingestion: extracts become raw, row by row accepted or quarantined, and nothing is lost.

For every extract: rows read = accepted + quarantined, or the file is refused with a reason.
The same bytes never load twice. What an extract promises is said by `pipelines.contracts`.
"""

from pipelines.ingest.judged import loaded_extracts, mark_judged, unjudged_extracts
from pipelines.ingest.landing import clear_landing
from pipelines.ingest.ledger import Extract, ensure_empty_raw, read_ledger, read_quarantine
from pipelines.ingest.refuse import accepted_path, refuse_extract
from pipelines.ingest.run import ingest_file, ingest_source, replay_source

__all__ = [
    "Extract",
    "accepted_path",
    "clear_landing",
    "ensure_empty_raw",
    "ingest_file",
    "ingest_source",
    "loaded_extracts",
    "mark_judged",
    "read_ledger",
    "read_quarantine",
    "refuse_extract",
    "replay_source",
    "unjudged_extracts",
]
