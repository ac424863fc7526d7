"""Ingestion: extracts become raw, row by row accepted or quarantined, and nothing is lost.

For every extract: rows read = accepted + quarantined, or the file is refused with a reason.
The same bytes never load twice. What an extract promises is said by `pipelines.contracts`.
"""

from pipelines.ingest.judged import loaded_extracts, mark_judged, unjudged_extracts
from pipelines.ingest.landing import clear_landing
from pipelines.ingest.ledger import (
    Extract,
    ensure_empty_raw,
    read_earlier_readings,
    read_history,
    read_ledger,
)
from pipelines.ingest.quarantine import (
    count_quarantine,
    export_quarantine,
    find_extracts,
    quarantined_rows,
    read_quarantine,
    refused_files,
)
from pipelines.ingest.reasons import rule_sentence
from pipelines.ingest.reconcile import Difference, reconcile
from pipelines.ingest.refuse import accepted_path, refuse_extract
from pipelines.ingest.replay import Replay, replay_source
from pipelines.ingest.rotation import (
    begin_rotation,
    finish_rotation,
    has_begun,
    require_one_key,
)
from pipelines.ingest.run import ingest_file, ingest_source

__all__ = [
    "Difference",
    "Extract",
    "Replay",
    "accepted_path",
    "begin_rotation",
    "clear_landing",
    "count_quarantine",
    "ensure_empty_raw",
    "export_quarantine",
    "find_extracts",
    "finish_rotation",
    "has_begun",
    "ingest_file",
    "ingest_source",
    "loaded_extracts",
    "mark_judged",
    "quarantined_rows",
    "read_earlier_readings",
    "read_history",
    "read_ledger",
    "read_quarantine",
    "reconcile",
    "refuse_extract",
    "refused_files",
    "replay_source",
    "require_one_key",
    "rule_sentence",
    "unjudged_extracts",
]
