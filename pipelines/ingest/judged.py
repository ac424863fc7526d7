"""Which extracts still wait for the verdict of their contract suite.

An extract may be in raw without one: read by hand, or by a run that was killed before its gate.
The next night finds it here. A marker beside the data says that an extract was judged; reading it
again under another contract replaces the folder, and the marker with it.
"""

from pathlib import Path

from pipelines.contracts import SourceContract
from pipelines.ingest.ledger import Extract, extract_dir, read_entries
from pipelines.ingest.storage import storage_faults
from pipelines.settings import Settings


def _marker(settings: Settings, extract: Extract) -> Path:
    return extract_dir(settings, extract.source, extract.entity, extract.extract_id) / "judged"


def loaded_extracts(settings: Settings, contract: SourceContract) -> list[Extract]:
    """The extracts of a contract whose rows are in raw."""
    return [e for e in read_entries(settings, contract) if e.outcome == "loaded"]


def unjudged_extracts(settings: Settings, contract: SourceContract) -> list[Extract]:
    """Loaded extracts of a contract that no suite has judged yet."""
    loaded = loaded_extracts(settings, contract)
    return [extract for extract in loaded if not _marker(settings, extract).exists()]


def mark_judged(settings: Settings, extract: Extract) -> None:
    """Note that an extract met its contract suite."""
    with storage_faults(settings):
        _marker(settings, extract).touch()
