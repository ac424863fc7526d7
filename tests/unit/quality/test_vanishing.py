"""Whole tables that lack too much, and rows that tell of a deletion."""

from itertools import permutations
from pathlib import Path

import pytest

from pipelines.contracts import BatchRule
from pipelines.ingest import Extract, loaded_extracts
from pipelines.quality.extract_gate import gate_extracts
from pipelines.quality.vanishing import complete_until, vanished_ratios
from tests.unit.ingest.request_source import (
    HEADER,
    Desk,
    Document,
    column,
    mapped,
    set_custom,
    set_reader,
    table,
    with_values,
)

TIME = {"pattern": r"_(\d{8})\.", "format": "yyyyMMdd", "timezone": "UTC"}


def snapshots(source: Document, _: Document) -> None:
    set_reader(source, "loadMode", "snapshot")
    set_reader(source, "extractedAt", {**TIME, "format": "yyyyMMdd"})
    for name in ("created_at", "closed_at"):
        set_custom(column(source, name), "mayBeFuture", True)


def tombstones(source: Document, entity: Document) -> None:
    snapshots(source, entity)
    set_reader(source, "loadMode", None)
    gone = mapped("is_gone", "操作", valueMap={"删": True, "改": False})
    source["schema"][0]["properties"].append(gone)


def arrive(desk: Desk, day: int, keys: str, header: str = HEADER) -> Extract:
    """A table made on a day of April, with a request per letter."""
    rows = [with_values(request_id=key) for key in keys]
    return desk.ingest(table(*rows, header=header), f"requests_202604{day:02d}.csv")


def judged(desk: Desk, *extracts: Extract) -> dict[str, str | None]:
    """What became of the extracts that were judged: day and reason of the refusal."""
    found, _ = gate_extracts(desk.settings, desk.contract, extracts, "r")
    return {extract.file[-6:-4]: extract.reason for extract in found}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, snapshots)


def test_a_table_that_lacks_more_than_a_fifth_is_refused(desk: Desk) -> None:
    """Ten requests; two may vanish (0.2), of the eight left two may not (0.25)."""
    assert judged(desk, arrive(desk, 1, "ABCDEFGHIJ")) == {"01": None}
    assert judged(desk, arrive(desk, 2, "ABCDEFGH")) == {"02": None}
    assert judged(desk, arrive(desk, 3, "ABCDEF")) == {"03": "mass_vanishing"}
    # what is refused is compared with no more: the next one is, with the last that was taken
    assert judged(desk, arrive(desk, 4, "ABCDEFG")) == {"04": None}


def test_the_floor_is_told_in_the_contract(tmp_path: Path) -> None:
    def change(source: Document, entity: Document) -> None:
        snapshots(source, entity)
        rule = {"type": "custom", "engine": "batch_rule", "name": "vanished_ratio"}
        source["schema"][0]["quality"] = [
            rule | {"severity": "error", "implementation": {"high": 0.5}}
        ]

    desk = Desk(tmp_path, change)
    assert judged(desk, arrive(desk, 1, "ABCD")) == {"01": None}
    assert judged(desk, arrive(desk, 2, "AB")) == {"02": None}
    assert judged(desk, arrive(desk, 3, "")) == {"03": "mass_vanishing"}


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_the_order_of_arrival_does_not_matter(desk: Desk, order: tuple[int, ...]) -> None:
    """2 lacks half of 1 and is refused, before or after 1 came; 3 lacks nothing of 1."""
    tables = {1: "ABCD", 2: "AB", 3: "ABCD"}
    for day in order:
        judged(desk, arrive(desk, day, tables[day]))
    left = loaded_extracts(desk.settings, desk.contract)
    assert sorted(e.file[-6:-4] for e in left) == ["01", "03"]


def test_a_late_table_has_the_next_one_judged_again_and_no_other(desk: Desk) -> None:
    for day, keys in ((2, "ABCD"), (3, "ABCDE"), (4, "ABCDE")):
        judged(desk, arrive(desk, day, keys))
    late = arrive(desk, 1, "ABCDE")
    loaded = loaded_extracts(desk.settings, desk.contract)
    found = vanished_ratios(desk.settings, desk.contract, loaded, [late])
    files = {e.extract_id: e.file[-6:-4] for e in loaded}
    assert {files[i]: ratio for i, ratio in found.items()} == {"01": 0, "02": 0.2}


def test_parts_made_at_one_instant_are_one_table(desk: Desk) -> None:
    judged(desk, arrive(desk, 1, "ABCD"))
    parts = [
        desk.ingest(table(*(with_values(request_id=k) for k in keys)), f"{n}_20260402.csv")
        for n, keys in (("p", "AB"), ("q", "CD"))
    ]
    assert set(judged(desk, *parts).values()) == {None}


def test_a_row_in_quarantine_is_not_a_deleted_row(desk: Desk) -> None:
    """B is broken on the second day: that table deletes nothing. A repeat breaks no table."""
    judged(desk, arrive(desk, 1, "ABCEFG"))
    rows = [with_values(request_id="A"), with_values(request_id="B", status="?")]
    broken = desk.ingest(
        table(*rows, *(with_values(request_id=key) for key in "CEFG")),
        "requests_20260402.csv",
    )
    _, verdicts = gate_extracts(desk.settings, desk.contract, [broken], "r")
    assert [(v.rule, v.found) for v in verdicts if not v.is_met and "held" in v.rule] == [
        ("held_deletes", 1)
    ]
    loaded = loaded_extracts(desk.settings, desk.contract)
    first, second = sorted(e.extracted_at for e in loaded if e.extracted_at)
    assert complete_until(loaded, second) == first
    repeat = arrive(desk, 3, "AABCEFG")
    assert repeat.rows_quarantined == 1
    loaded = loaded_extracts(desk.settings, desk.contract)
    assert repeat.extracted_at is not None
    assert complete_until(loaded, repeat.extracted_at) == repeat.extracted_at
    assert complete_until(loaded, second) == first, "as of the day before it is not known"


def test_a_tombstone_needs_its_key_only(tmp_path: Path) -> None:
    """Created and deleted in one extract, a deletion without a key, a change without a status."""
    desk = Desk(tmp_path, tombstones)
    header = f"{HEADER},操作"
    empty = "," * 10
    rows = [
        f"{with_values(request_id='A')},改",
        f"A{empty}删",
        f"B{empty}删",
        f"{empty}删",
        f"{with_values(request_id='C', status='')},改",
    ]
    extract = desk.ingest(table(*rows, header=header), "requests_20260401.csv")
    kept = [(row["request_id"], row["is_gone"]) for row in desk.rows(extract)]
    assert kept == [("A", False), ("A", True), ("B", True)]
    assert dict(extract.reasons) == {"request_id:required": 1, "status:required": 1}
    (judged_one,), verdicts = gate_extracts(desk.settings, desk.contract, [extract], "r")
    assert judged_one.outcome == "loaded", [v.sentence() for v in verdicts if v.blocks]
    assert BatchRule("vanished_ratio", "error", high=0.2) not in desk.contract.batch_rules


def test_tables_of_one_night_are_compared_with_the_last_that_is_taken(desk: Desk) -> None:
    """2 lacks four of ten; 3 lacks one of 2's six, but five of 1's ten."""
    tables = ((1, "ABCDEFGHIJ"), (2, "ABCDEF"), (3, "ABCDE"))
    found = judged(desk, *(arrive(desk, day, keys) for day, keys in tables))
    assert found == {"01": None, "02": "mass_vanishing", "03": "mass_vanishing"}
