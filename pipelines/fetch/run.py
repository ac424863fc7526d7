"""One source's pull from beginning to end: where it begins, tries, landing, what came of it."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from pipelines.contracts import SourceContract
from pipelines.contracts.protocols import HttpFetch, ObjectFetch, SqlFetch
from pipelines.errors import FetchError
from pipelines.fetch.http import read_pages
from pipelines.fetch.objects import read_objects
from pipelines.fetch.position import moved_back
from pipelines.fetch.pulls import (
    draft_folder,
    empty_draft,
    is_loaded,
    keep,
    land,
    new_pull,
    position,
)
from pipelines.fetch.secrets import Secrets
from pipelines.fetch.sql import read_database
from pipelines.ingest.archive import file_sha256
from pipelines.settings import Settings

TRIES = 3
PAUSE_SECONDS = 2.0


@dataclass(frozen=True)
class Fetched:
    """What a visit brought. No `files`: everything there is was loaded already."""

    rows: int | None
    files: tuple[Path, ...]
    since: str | None = None

    def __str__(self) -> str:
        if not self.files:
            return "nothing new"
        what = f"{len(self.files)} files" if self.rows is None else f"{self.rows} rows"
        return f"{what} landed{f', from {self.since} on' if self.since else ''}"


def fetch_source(settings: Settings, contract: SourceContract) -> Fetched:
    """Bring what a source has to landing; what cannot be reached is tried again a few times.

    Raises FetchError, with the contract in its message; then nothing was landed.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return _fetch(settings, contract)
        except FetchError as error:
            if attempt == TRIES or not error.is_transient:
                where = f"{contract.id} ({contract.file.name})"
                raise FetchError(f"{where}: {error}", error.is_transient) from None
            time.sleep(PAUSE_SECONDS * attempt)
    raise AssertionError("the last try returns or raises")


def _fetch(settings: Settings, contract: SourceContract) -> Fetched:
    match contract.fetch:
        case ObjectFetch() as fetch:
            return Fetched(None, tuple(read_objects(settings, contract, fetch)))
        case SqlFetch() as fetch:
            return _pull(settings, contract, fetch)
        case HttpFetch() as fetch:
            return _pull(settings, contract, fetch)
    return Fetched(None, ())


def _pull(settings: Settings, contract: SourceContract, fetch: SqlFetch | HttpFetch) -> Fetched:
    overlap = fetch.cursor.overlap if fetch.cursor else 0
    since = moved_back(position(settings, contract), overlap)
    secrets = Secrets(settings)
    if isinstance(fetch, HttpFetch):
        folder = draft_folder(settings, contract)
        pull, extract = read_pages(fetch, secrets, since, folder, new_pull(contract))
    else:
        folder, pull = empty_draft(settings, contract), new_pull(contract)
        extract = folder / "extract.parquet"
        read = read_database(fetch, secrets, since, extract)
        pull.since, pull.rows, pull.cursor = since, read.rows, read.cursor
    pull.sha256 = file_sha256(extract)
    # an unchanged whole table is news: it says that what had gone in between is back
    is_known = contract.load_mode == "delta" and is_loaded(settings, contract, pull.sha256)
    if is_known or (pull.rows == 0 and (since or isinstance(fetch, HttpFetch))):
        shutil.rmtree(folder)
        return Fetched(0, (), since)
    extract = extract.rename(settings.work_dir / f"{folder.name}{extract.suffix}")
    keep(settings, contract, folder, pull)
    name, manifest = f"pull_{pull.pull_id}{extract.suffix}", {"rows": pull.rows}
    landed = land(settings, contract, extract, name, manifest | {"sha256": pull.sha256})
    return Fetched(pull.rows, (landed,), since)
