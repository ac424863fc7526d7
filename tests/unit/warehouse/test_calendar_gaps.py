"""A calendar that ends too soon is told in one sentence: which, when, and what to do."""

from pathlib import Path

import duckdb

from pipelines.warehouse.calendar_review import calendar_gaps


def build_with(folder: Path, *rows: str) -> Path:
    path = folder / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema intermediate")
        connection.execute(
            "create table intermediate.int_calendars__used (calendar_id varchar, "
            "needed_from_date date, needed_until_date date, covered_from_date date, "
            "covered_until_date date, is_covered boolean)"
        )
        for row in rows:
            connection.execute(f"insert into intermediate.int_calendars__used values ({row})")
    return path


def test_each_kind_of_gap_has_its_sentence(tmp_path: Path) -> None:
    whole = "'whole', '2026-01-01', '2026-12-29', '2026-01-01', '2026-12-30', true"
    short = "'short', '2026-01-01', '2027-01-29', '2026-01-01', '2026-12-30', false"
    late = "'late', '2009-05-01', '2026-12-29', '2010-01-01', '2026-12-30', false"
    absent = "'absent', '2026-01-01', '2026-12-29', null, null, false"
    sentences = calendar_gaps(build_with(tmp_path, whole, short, late, absent))
    assert sentences[0].startswith("calendar 'absent' is in use but speaks for no day")
    assert sentences[1].startswith(
        "calendar 'late' begins on 2010-01-01 but is needed from 2009-05-01, its first event; "
        "lengthen known_from in holiday_sets.csv"
    )
    assert sentences[2].startswith(
        "calendar 'short' ends on 2026-12-30 but is needed until 2027-01-29, 90 days after the "
        "newest extract; run `kpi calendars refresh`"
    )
    assert len(sentences) == 3


def test_a_build_that_never_came_to_calendars_has_no_gaps(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    assert calendar_gaps(path) == []
    duckdb.connect(str(path)).close()
    assert calendar_gaps(path) == []
