"""What a source could not bring the last time it was asked: one small file per source × entity.

Here: writing and reading the notes. Not here: what becomes of them in the snapshot (`deliveries`).
"""

from typing import Literal

import polars as pl

from pipelines.contracts import Contracts, SourceContract
from pipelines.settings import Settings

Absence = Literal["unreached", "waiting"]


def note_absence(settings: Settings, contract: SourceContract, absence: Absence | None) -> None:
    """`unreached`: it did not answer; `waiting`: a file of it is not whole; None: neither."""
    path = settings.absences_dir / contract.id
    if absence is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}")
    draft.write_text(absence, encoding="utf-8")
    draft.replace(path)


def read_absences(settings: Settings, contracts: Contracts) -> pl.DataFrame:
    """The notes of sources that have a contract."""
    rows = [
        (*contract.key, path.read_text(encoding="utf-8"))
        for contract in contracts.sources.values()
        if (path := settings.absences_dir / contract.id).exists()
    ]
    return pl.DataFrame(rows, schema=["source", "entity", "absence"], orient="row").cast(pl.String)
