"""`kpi ingest`, `kpi quarantine list` and `kpi contracts check` say what happened."""

import pytest

from tests.unit.ingest.request_source import (
    ROW,
    Desk,
    Kpi,
    column,
    set_custom,
    table,
    with_values,
    write_contracts,
)


@pytest.fixture
def kpi(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Kpi:
    return desk.command_line(monkeypatch)


def test_counts_reasons_and_refusals_are_printed(desk: Desk, kpi: Kpi) -> None:
    good, bad = desk.folder / "good.csv", desk.folder / "bad.csv"
    good.write_text(table(ROW, with_values(request_id="R2", status="停")), "utf-8")
    bad.write_text("<html>", "utf-8")
    result = kpi("ingest", "--source", "desk", str(good), str(bad))
    assert result.exit_code == 3, result.output
    assert "2 read = 1 accepted + 1 quarantined (status:unknown_value 1)" in result.output
    assert "REFUSED not_a_table" in result.output
    again = kpi("ingest", "--source", "desk", str(good))
    assert (again.exit_code, "known" in again.output) == (0, True)
    listed = kpi("quarantine", "list", "--source", "desk")
    assert "desk.request  status:unknown_value: 1 rows in 1 extracts" in listed.output
    assert "REFUSED not_a_table" in listed.output


def test_landing_and_replay(desk: Desk, kpi: Kpi) -> None:
    landing = desk.settings.landing_dir / "desk"
    landing.mkdir(parents=True)
    (landing / "a.csv").write_text(table(with_values(status="停")), "utf-8")
    first = kpi("ingest", "--source", "desk", "--entity", "request")
    assert "0 accepted" in first.output
    (landing / "a.csv").unlink()
    words = {"开": "open", "停": "closed"}
    desk.changed(lambda source, _: set_custom(column(source, "status"), "valueMap", words))
    second = kpi("quarantine", "replay", "--source", "desk")
    assert second.exit_code == 0, second.output
    assert "after:  1 read = 1 accepted" in second.output


def test_unknown_source_names_the_known_ones(kpi: Kpi) -> None:
    result = kpi("ingest", "--source", "nowhere")
    assert "there are desk.request" in str(result.exception)


def test_nothing_to_say(kpi: Kpi) -> None:
    assert "nothing to ingest" in kpi("ingest", "--source", "desk").output
    assert "nothing is quarantined" in kpi("quarantine", "list").output


def test_contract_mistakes_are_lines_and_an_exit_code(desk: Desk, kpi: Kpi) -> None:
    assert kpi("contracts", "check").exit_code == 0
    write_contracts(desk.folder, lambda source, _: source.update(id="x"))
    result = kpi("contracts", "check")
    assert result.exit_code == 1
    assert "request.odcs.yaml: id: file_id: set id desk.request" in result.output
