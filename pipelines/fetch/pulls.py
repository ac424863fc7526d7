"""A pull: what one visit to a source brought, kept as it came, and its extract in landing.

`pulls/<source>/<entity>/<pull id>/` holds `pull.json` and, for web services, every page. The
extract goes to landing with a manifest of its rows and hash, last of all: a pull that was killed
leaves nothing there. Where the next pull begins is asked of pulls whose extracts are loaded.
"""

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.contracts import SourceContract
from pipelines.durability import sync_dir, sync_file
from pipelines.fetch.position import order
from pipelines.ingest.ledger import Extract, extract_dir, read_entry
from pipelines.ingest.manifest import MANIFEST_SUFFIX
from pipelines.settings import Settings

_NOTE = "pull.json"


@dataclass
class Pull:
    """What is noted of a pull. `rows` stand in the extract; `repeated` came more than once.

    `cursor` is the highest value of the cursor in the extract, as the source writes it.
    """

    pull_id: str
    fingerprint: str
    since: str | None = None
    rows: int = 0
    repeated: int = 0
    cursor: str | None = None
    sha256: str = ""
    pages: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)


def new_pull(contract: SourceContract) -> Pull:
    moment = datetime.now(UTC)
    return Pull(f"{moment:%Y%m%dT%H%M%S}{moment.microsecond:06d}", fingerprint(contract))


def fingerprint(contract: SourceContract) -> str:
    """What is fetched, as a hash: a cursor of another table or address means nothing."""
    if contract.fetch is None:
        raise ValueError(f"{contract.id} is delivered, not fetched")
    text = json.dumps(asdict(contract.fetch), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_pulls(settings: Settings, contract: SourceContract) -> list[Pull]:
    """The pulls of what the contract fetches now, oldest first."""
    folder = settings.pulls_dir.joinpath(*contract.key)
    notes = (json.loads(file.read_text("utf-8")) for file in sorted(folder.glob(f"*/{_NOTE}")))
    return [Pull(**n) for n in notes if n["fingerprint"] == fingerprint(contract)]


def position(settings: Settings, contract: SourceContract) -> str | None:
    """The highest cursor of the pulls whose extracts are in raw; None: begin at the beginning."""
    cursors = [
        pull.cursor
        for pull in read_pulls(settings, contract)
        if pull.cursor is not None and is_loaded(settings, contract, pull.sha256)
    ]
    return max(cursors, key=order, default=None)


def is_loaded(settings: Settings, contract: SourceContract, sha256: str) -> bool:
    entry = entry_of(settings, contract, sha256)
    return entry is not None and entry.outcome == "loaded"


def entry_of(settings: Settings, contract: SourceContract, sha256: str) -> Extract | None:
    return read_entry(extract_dir(settings, *contract.key, sha256[:16]))


def draft_folder(settings: Settings, contract: SourceContract) -> Path:
    """Where a pull of the contract is put together, on the file system of landing."""
    return settings.work_dir / f"pull_{contract.source}_{contract.entity.name}"


def empty_draft(settings: Settings, contract: SourceContract) -> Path:
    """The draft folder without what a killed pull may have left."""
    folder = draft_folder(settings, contract)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def keep(settings: Settings, contract: SourceContract, folder: Path, pull: Pull) -> None:
    """Move the folder of a finished pull to its place. The rename is the commit."""
    (folder / _NOTE).write_text(json.dumps(asdict(pull), ensure_ascii=False, indent=1), "utf-8")
    for path in folder.rglob("*"):
        sync_dir(path) if path.is_dir() else sync_file(path)
    sync_dir(folder)
    target = settings.pulls_dir.joinpath(*contract.key, pull.pull_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(target)
    sync_dir(target.parent)


def land(
    settings: Settings, contract: SourceContract, extract: Path, name: str, manifest: dict[str, Any]
) -> Path:
    """Move an extract to landing under a name, its manifest before it."""
    landing = settings.landing_dir.joinpath(*contract.key)
    landing.mkdir(parents=True, exist_ok=True)
    note = extract.with_name(extract.name + MANIFEST_SUFFIX)
    note.write_text(json.dumps(manifest), "utf-8")
    for file in (extract, note):
        sync_file(file)
    target = landing / name
    note.rename(target.with_name(name + MANIFEST_SUFFIX))
    extract.rename(target)
    sync_dir(landing)
    return target
