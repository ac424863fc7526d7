"""`kpi source`: drafts from the command line, and what a dry run tells of a file."""

from pathlib import Path

import pytest

from pipelines.sourcing.possible import FAMILIES
from tests.unit.ingest.request_source import (
    HEADER,
    ROW,
    Desk,
    Kpi,
    set_reader,
    table,
    with_values,
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, lambda source, _: set_reader(source, "extraColumns", "record"))


@pytest.fixture
def kpi(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Kpi:
    return desk.command_line(monkeypatch)


def written(desk: Desk, *rows: str, header: str | None = None) -> str:
    path = desk.folder / "extract.csv"
    path.write_text(table(*rows, header=header) if header else table(*rows), "utf-8")
    return str(path)


def test_reasons_examples_words_and_first_rows(desk: Desk, kpi: Kpi) -> None:
    """Of five rows three have a word nobody mapped; two of them are shown."""
    words = [with_values(request_id=f"R{n}", status="停") for n in (2, 3)]
    file = written(desk, ROW, *words, with_values(request_id="R4", status="缓"), ROW)
    result = kpi("source", "check", "desk", "--file", file, "--no-kpis")
    assert result.exit_code == 0, result.output
    assert "5 rows read = 1 accepted + 4 quarantined" in result.output
    assert "quarantined status:unknown_value  3\n    record 2: " in result.output
    assert result.output.count("status:unknown_value") == 1
    assert "    record 3: " in result.output
    assert "    record 4: " not in result.output
    assert "not in the value map of status: '停'  2\n" in result.output
    assert "not in the value map of status: '缓'  1\n" in result.output
    assert result.output.index("'停'  2") < result.output.index("'缓'  1")
    assert "    request_id R1, status open, created_at 2026-03-01 00:00:00" in result.output


def test_columns_nobody_expected(desk: Desk, kpi: Kpi) -> None:
    file = written(desk, ROW + ",x", header=HEADER + ",新列")
    result = kpi("source", "check", "desk", "--file", file, "--no-kpis")
    assert "columns nobody maps, kept in extra: 新列" in result.output


def test_a_refused_file_and_an_empty_home(desk: Desk, kpi: Kpi) -> None:
    path = desk.folder / "page.csv"
    path.write_text("<html>", "utf-8")
    result = kpi("source", "check", "desk", "--file", str(path))
    assert result.exit_code == 3
    assert "the whole file would be REFUSED, not_a_table" in result.output
    assert not desk.settings.home.exists()


def test_the_newest_file_in_landing(desk: Desk, kpi: Kpi) -> None:
    missing = kpi("source", "check", "desk", "--no-kpis")
    assert "give --file" in str(missing.exception)
    landing = desk.settings.landing_dir / "desk"
    landing.mkdir(parents=True)
    (landing / "a.csv").write_text(table(ROW), "utf-8")
    assert "1 rows read" in kpi("source", "check", "desk", "--no-kpis").output
    assert [p.name for p in desk.settings.home.rglob("*") if p.is_file()] == ["a.csv"]


def test_sources_entities_and_zones_that_do_not_exist(desk: Desk, kpi: Kpi) -> None:
    unknown = kpi("source", "check", "nowhere")
    assert "`kpi source add` it" in str(unknown.exception)
    file = written(desk, ROW)
    add = ("source", "add", "new", "--from", file)
    assert "there are request" in str(kpi(*add, "--entity", "ticket").exception)
    zone = kpi(*add, "--entity", "request", "--timezone", "Beijing")
    assert "no IANA zone" in str(zone.exception)
    nothing = kpi("source", "add", "new", "--from", "none.csv", "--entity", "request")
    assert "is no file" in str(nothing.exception)


def test_a_draft_is_tried_but_loads_nothing(desk: Desk, kpi: Kpi) -> None:
    file = written(desk, ROW)
    contract = desk.folder / "data_contracts/sources/desk/request.odcs.yaml"
    contract.write_text(
        contract.read_text("utf-8").replace("status: active", "status: draft"), "utf-8"
    )
    tried = kpi("source", "check", "desk", "--file", file, "--no-kpis")
    assert "desk.request (draft)  extract.csv" in tried.output
    assert "1 rows read = 1 accepted + 0 quarantined" in tried.output
    loaded = kpi("ingest", "--source", "desk", file)
    assert "no contract for desk" in str(loaded.exception)


def test_every_entity_has_a_family(entities: dict[str, object]) -> None:
    assert set(FAMILIES) == set(entities)
