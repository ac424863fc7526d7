"""The ledger: what became of every extract, one `extract.json` beside its data.

An extract is read anew under every contract and key it meets. The newest reading counts; those
before it stand in `earlier.jsonl`, oldest first. Entry, history and data are committed together.
Not here: the rename that commits (`commit`), quarantined rows (`quarantine`).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contracts import Contracts, SourceContract
from pipelines.ingest.commit import commit_folder, draft_folder, write_empty
from pipelines.ingest.storage import storage_faults
from pipelines.settings import Settings

_TIMES = ("first_event_at", "last_event_at", "extracted_at", "ingested_at")


@dataclass(frozen=True)
class Extract:
    """What became of one extract. All times are UTC without zone.

    `outcome` is `loaded` or `refused`; a refused extract has a `reason` and a `message` and no
    rows; `rows_refused` were read, and refused with the extract only then. `reasons` and
    `warnings` count rows by code; a row may have several codes. `sequence` numbers the readings
    of a contract in the order they were made, whatever the clock says. `key_id` names the key of
    the pseudonyms, None where there are none.
    """

    source: str
    entity: str
    extract_id: str
    file: str
    bytes: int
    sha256: str
    contract_id: str
    contract_version: str
    contract_sha256: str
    outcome: str
    reason: str | None
    message: str | None
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    reasons: Mapping[str, int]
    warnings: Mapping[str, int]
    first_event_at: datetime | None
    last_event_at: datetime | None
    extracted_at: datetime | None
    run_id: str
    ingested_at: datetime
    rows_refused: int | None = None
    sequence: int = 0
    key_id: str | None = None
    is_new: bool = field(default=True, compare=False)

    @property
    def summary(self) -> str:
        """The outcome in one sentence."""
        if self.outcome == "refused":
            return f"REFUSED {self.reason}: {self.message}"
        return (
            f"{self.rows_read} read = {self.rows_accepted} accepted + "
            f"{self.rows_quarantined} quarantined{_listed(' ({})', self.reasons)}"
            f"{_listed(', warned: {}', self.warnings)}"
        )

    def to_json(self) -> str:
        entry = {k: v for k, v in asdict(self).items() if k != "is_new"}
        for name in _TIMES:
            entry[name] = entry[name].isoformat(sep=" ") if entry[name] else None
        return json.dumps(entry, ensure_ascii=False)


def _listed(form: str, counts: Mapping[str, int]) -> str:
    return form.format(", ".join(f"{c} {n}" for c, n in counts.items())) if counts else ""


def extract_dir(settings: Settings, source: str, entity: str, extract_id: str) -> Path:
    return settings.raw_dir / entity / f"source={source}" / f"extract={extract_id}"


def possible_ids(sha256: str, extracted_at: datetime | None) -> tuple[str, str]:
    """Ids of an extract: that of its bytes; that of bytes and time, for a table delivered again."""
    timed = hashlib.sha256(f"{sha256}@{extracted_at}".encode()).hexdigest()
    return sha256[:16], timed[:16]


def extract_id(settings: Settings, contract: SourceContract, sha256: str, name: str) -> str:
    """The id under which a file is, or will be, in the ledger.

    The same bytes are the same extract, except for a whole table: made again at another time it
    says that everything is still, or again, as it was.
    """
    made_at = contract.extracted_at.read(name) if contract.extracted_at else None
    own, timed = possible_ids(sha256, made_at)
    if contract.load_mode == "delta":
        return own
    known = read_entry(extract_dir(settings, *contract.key, own))
    return own if known is None or known.extracted_at == made_at else timed


def read_entry(folder: Path) -> Extract | None:
    """The entry of an extract's folder; None where the extract was never committed."""
    try:
        return _entry((folder / "extract.json").read_text("utf-8"))
    except FileNotFoundError:
        return None


def _entry(text: str) -> Extract:
    entry: dict[str, Any] = json.loads(text)
    for name in _TIMES:
        entry[name] = datetime.fromisoformat(entry[name]) if entry[name] else None
    return Extract(**entry, is_new=False)


def read_earlier(folder: Path) -> list[Extract]:
    """The readings before the one that counts, oldest first."""
    try:
        lines = (folder / "earlier.jsonl").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [_entry(line) for line in lines]


def read_earlier_readings(settings: Settings, extract: Extract) -> list[Extract]:
    return read_earlier(extract_dir(settings, extract.source, extract.entity, extract.extract_id))


def commit_extract(settings: Settings, extract: Extract, draft: Path) -> None:
    """Complete a draft by its entry and history, and commit it in place of any reading before."""
    folder = extract_dir(settings, extract.source, extract.entity, extract.extract_id)
    history = read_earlier(folder)
    before = read_entry(folder)
    if before is not None and _reading(before) != _reading(extract):
        history.append(before)
    if history:
        lines = "".join(f"{entry.to_json()}\n" for entry in history)
        (draft / "earlier.jsonl").write_text(lines, "utf-8")
    (draft / "extract.json").write_text(extract.to_json(), "utf-8")
    commit_folder(settings, draft, folder)


def replace_by_entry(settings: Settings, extract: Extract) -> None:
    """Commit an entry that has no rows in place of an extract's data."""
    with draft_folder(settings) as draft:
        commit_extract(settings, extract, draft)


def _reading(extract: Extract) -> tuple[str, str | None]:
    return extract.contract_sha256, extract.key_id


def next_sequence(settings: Settings, contract: SourceContract) -> int:
    return 1 + max((entry.sequence for entry in read_entries(settings, contract)), default=0)


def read_entries(settings: Settings, contract: SourceContract | None = None) -> Iterator[Extract]:
    """The entries of one contract, or of all, in the order of their paths."""
    entity, source = (contract.entity.name, contract.source) if contract else ("*", "*")
    for file in sorted(settings.raw_dir.glob(f"{entity}/source={source}/extract=*/extract.json")):
        entry = read_entry(file.parent)
        if entry:
            yield entry


def read_ledger(settings: Settings) -> pl.DataFrame:
    """One row per extract, loaded or refused; per contract in the order of ingestion.

    `reasons` and `warnings` are JSON texts of {code: rows}.
    """
    return _table(read_entries(settings))


def read_history(settings: Settings) -> pl.DataFrame:
    """Every reading of every extract as the ledger tells it, with `is_current`, oldest first."""
    current = list(read_entries(settings))
    folders = (extract_dir(settings, e.source, e.entity, e.extract_id) for e in current)
    earlier = [entry for folder in folders for entry in read_earlier(folder)]
    return pl.concat(
        _table(entries).with_columns(pl.lit(is_current).alias("is_current"))
        for entries, is_current in ((earlier, False), (current, True))
    ).sort("source", "entity", "sequence", "extract_id")


def _table(entries: Iterable[Extract]) -> pl.DataFrame:
    rows = []
    for entry in entries:
        row = asdict(entry)
        del row["is_new"]
        row["reasons"] = json.dumps(row["reasons"], ensure_ascii=False, sort_keys=True)
        row["warnings"] = json.dumps(row["warnings"], ensure_ascii=False, sort_keys=True)
        rows.append(row)
    frame = pl.DataFrame(rows, schema=_ledger_schema(), orient="row")
    return frame.sort("source", "entity", "sequence", "extract_id")


def _ledger_schema() -> dict[str, pl.DataType]:
    whole = ("bytes", "rows_read", "rows_accepted", "rows_quarantined", "rows_refused", "sequence")
    names = [name for name in Extract.__dataclass_fields__ if name != "is_new"]
    return {
        name: pl.Datetime("us") if name in _TIMES else pl.Int64() if name in whole else pl.String()
        for name in names
    }


def ensure_empty_raw(settings: Settings, contracts: Contracts) -> None:
    """Give every entity an extract without rows, so that globs over raw always resolve."""
    with storage_faults(settings):
        for entity in contracts.entities.values():
            write_empty(settings, entity, extract_dir(settings, "_none", entity.name, "_none"))
