"""Every file of the corpus ends as its case says, cell by cell; every kind of fault has a case."""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.ingest import Extract, accepted_path, ingest_file, ingest_source, read_ledger
from pipelines.ingest.reconcile import reconcile
from tests.corpus.case import Case, Known, Loaded, Refused, Waits, line, table
from tests.corpus.contracts import CONTRACTS, both, visible
from tests.corpus.every_case import CASES
from tests.corpus.faults import ELSEWHERE, FAULTS
from tests.unit.ingest.request_source import Desk

pytestmark = pytest.mark.xdist_group("corpus")
_OLD = 1_700_000_000  # landed long ago: nobody waits for such a file to settle


@dataclass(frozen=True)
class Run:
    """What became of all files of one contract: extracts by the name of the case."""

    desk: Desk
    extracts: dict[str, Extract]


class Runs:
    """One run per contract, when its first file is asked for: its files share a connection."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._done: dict[str, Run | None] = {}

    def of(self, contract: str) -> Run:
        if contract not in self._done:
            self._done[contract] = None  # a run that breaks off is not begun again
            self._done[contract] = self._run(contract)
        done = self._done[contract]
        assert done, "the run broke off"
        return done

    def _run(self, contract: str) -> Run:
        desk = Desk(self._folder / contract, both(visible, CONTRACTS[contract]))
        cases = [case for case in CASES if case.contract == contract]
        for number, case in enumerate(cases):
            land(desk, number, case)
        read = [case for case in cases if not isinstance(case.outcome, Waits)]
        found = ingest_source(desk.settings, desk.contract, "corpus")
        assert len(found) == len(read), contract
        return Run(desk, {c.name: extract for c, extract in zip(read, found, strict=True)})


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """Nothing is forced to disk: what a crash leaves is tested elsewhere, and disks are slow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield Runs(tmp_path_factory.mktemp("corpus"))


def land(desk: Desk, number: int, case: Case) -> None:
    """Put the file into landing; the folder's name keeps the files in the order of the cases."""
    path = desk.settings.landing_dir / "desk" / f"{number:03}" / case.file.format(case.name)
    path.parent.mkdir(parents=True)
    path.write_bytes(case.bytes())
    os.utime(path, (_OLD, _OLD))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_file_ends_as_promised(runs: Runs, case: Case) -> None:
    run = runs.of(case.contract)
    desk, extract = run.desk, run.extracts.get(case.name)
    outcome = case.outcome
    if isinstance(outcome, Waits) or extract is None:
        assert isinstance(outcome, Waits)
        assert extract is None
        assert list(desk.settings.landing_dir.rglob(case.file.format(case.name)))
    elif isinstance(outcome, Known):
        assert not extract.is_new
        assert extract == run.extracts[outcome.first]
    elif isinstance(outcome, Refused):
        is_refused(desk, extract, outcome)
    else:
        is_loaded(desk, extract, outcome)


def is_refused(desk: Desk, extract: Extract, outcome: Refused) -> None:
    assert (extract.outcome, extract.reason) == ("refused", outcome.reason), extract.message
    assert extract.is_new
    assert outcome.told in str(extract.message)
    assert extract.rows_read == extract.rows_accepted == extract.rows_quarantined == 0
    assert not accepted_path(desk.settings, extract).exists()


def is_loaded(desk: Desk, extract: Extract, outcome: Loaded) -> None:
    assert extract.outcome == "loaded", extract.message
    assert extract.is_new
    rejected = {row["_record"]: row for row in rows(desk, extract, "quarantined")}
    codes = {record: row["reasons"] for record, row in rejected.items()}
    assert codes == {record: list(listed) for record, listed in outcome.quarantined.items()}
    assert all(row["raw"] is not None for row in rejected.values())
    for record, text in outcome.raw.items():
        assert str(rejected[record]["raw"]).startswith(text)
    accepted = {row["_record"]: row for row in rows(desk, extract, "accepted")}
    assert list(accepted) == list(outcome.accepted)
    for record, expected in outcome.accepted.items():
        assert {name: accepted[record][name] for name in expected} == expected, record
        assert {name for name in accepted[record] if not name.startswith("_")} == set(expected)
    assert dict(extract.warnings) == outcome.warnings
    counted = (extract.rows_read, extract.rows_accepted, extract.rows_quarantined)
    assert counted == (len(accepted) + len(rejected), len(accepted), len(rejected))


def rows(desk: Desk, extract: Extract, part: str) -> list[dict[str, Any]]:
    """The rows of a part as stored, without the columns the folders' names give."""
    file = accepted_path(desk.settings, extract).with_name(f"{part}.parquet")
    query = f"from read_parquet('{file}', hive_partitioning = false) order by _record"
    with duckdb.connect() as connection:
        relation = connection.execute(query)
        names = [column[0] for column in relation.description or []]
        found = [dict(zip(names, row, strict=True)) for row in relation.fetchall()]
    assert all(not (isinstance(v, float) and math.isnan(v)) for row in found for v in row.values())
    return found


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_count_can_be_derived_again(runs: Runs, contract: str) -> None:
    """Of all files of the contract: by Python's parsers, and by the gate once more."""
    desk = runs.of(contract).desk
    assert list(map(str, reconcile(desk.settings, desk.contracts))) == []


def test_too_little_memory_loses_nothing(tmp_path: Path) -> None:
    """The run fails and nothing is in raw; with enough memory the same file is loaded."""
    desk = Desk(tmp_path)
    path = tmp_path / "large.csv"
    long = line("R{}", note="x" * 1_000_000)
    path.write_text(table(*(long.replace("{}", str(n)) for n in range(40))), "utf-8")
    small = desk.settings.model_copy(update={"memory_limit": "20MB"})
    with pytest.raises(duckdb.OutOfMemoryException):
        ingest_file(small, desk.contract, path, "small")
    assert read_ledger(desk.settings).is_empty()
    assert ingest_file(desk.settings, desk.contract, path, "large").rows_accepted == 40


def test_every_fault_has_a_case_or_a_test() -> None:
    held = {case.fault for case in CASES}
    assert held | set(ELSEWHERE) == set(FAULTS)
    for place in ELSEWHERE.values():
        file, _, test = place.partition("::")
        assert f"def {test}(" in (Path(__file__).parents[1] / file).read_text("utf-8"), place


def test_cases_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len(CASES) >= 120
    assert len({case.name for case in CASES}) == len(CASES)
    first = {(case.contract, case.bytes()) for case in CASES if not _is_again(case)}
    assert len(first) == sum(not _is_again(case) for case in CASES)


def _is_again(case: Case) -> bool:
    return isinstance(case.outcome, Known | Waits)
