"""The files: same bytes for the same arguments, the right encodings, rows as counted."""

import gzip
import hashlib
import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from pipelines.errors import SimulationError
from pipelines.simulate import simulate
from tests.unit.simulate.small_company import ARGUMENTS, Simulated


def _hashes(landing_dir: Path) -> dict[str, str]:
    return {
        str(path.relative_to(landing_dir)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in landing_dir.rglob("*")
        if path.is_file()
    }


def test_same_arguments_give_same_bytes_also_over_an_earlier_run(
    simulated: Simulated, tmp_path: Path
) -> None:
    before = _hashes(simulated.landing_dir)
    truth = simulate(tmp_path / "landing", tmp_path / "truth.json", **ARGUMENTS)
    assert _hashes(tmp_path / "landing") == before
    assert truth == simulated.truth
    assert simulate(tmp_path / "landing", tmp_path / "truth.json", **ARGUMENTS) == truth
    assert _hashes(tmp_path / "landing") == before


def test_another_seed_gives_other_bytes(simulated: Simulated, tmp_path: Path) -> None:
    given = ARGUMENTS | {"seed": 12, "months": 1, "tickets": 100}
    simulate(tmp_path / "a", tmp_path / "a.json", **given)
    simulate(tmp_path / "b", tmp_path / "b.json", **given | {"seed": 13})
    assert _hashes(tmp_path / "a").keys() == _hashes(tmp_path / "b").keys()
    assert _hashes(tmp_path / "a") != _hashes(tmp_path / "b")


def test_truth_is_written_as_returned(simulated: Simulated) -> None:
    written = json.loads((simulated.landing_dir.parent / "truth.json").read_text("utf-8"))
    assert written == simulated.truth
    assert written["simulated"] is True
    assert "模拟" in written["note"]


def test_a_file_a_day_and_source_plus_the_corrected_one(simulated: Simulated) -> None:
    days = 61
    names = ("demo_itsm/events", "demo_callcenter/calls", "demo_callcenter/agents", "demo_survey/")
    for pattern in (f"{name}*" for name in names):
        assert len(simulated.files(pattern)) == days
    assert len(simulated.files("demo_itsm/tickets_*")) == days + 1
    assert len(_hashes(simulated.landing_dir)) == simulated.truth["totals"]["files"] == 5 * days + 1


def test_ticket_files_are_gb18030_and_not_utf8(simulated: Simulated) -> None:
    data = simulated.files("demo_itsm/tickets_*")[0].read_bytes()
    assert data.decode("gb18030").startswith("工单编号,标题,")
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")


def test_some_titles_need_the_four_byte_part_of_gb18030(simulated: Simulated) -> None:
    titles = "".join(row["标题"] for row in simulated.ticket_rows)
    with pytest.raises(UnicodeEncodeError):
        titles.encode("gbk")


def test_gzip_members_carry_no_time(simulated: Simulated) -> None:
    path = simulated.files("demo_callcenter/calls_*")[0]
    data = path.read_bytes()
    assert data[4:8] == b"\0\0\0\0"
    assert gzip.decompress(data).decode("utf-8").startswith("call_id,主叫号码,")


def test_good_rows_are_as_many_as_the_truth_says(simulated: Simulated) -> None:
    found = {
        "ticket": len(simulated.good_tickets),
        "ticket_event": len(simulated.good_events),
        "call": len(simulated.good_calls),
    }
    assert found == {name: simulated.truth["good_rows"][name] for name in found}


def test_bad_rows_are_exactly_as_counted(simulated: Simulated) -> None:
    tickets, found = simulated.ticket_rows, Counter[str]()
    found["ticket_id:required"] = sum(not row["工单编号"] for row in tickets)
    found["status:unknown_value"] = sum(row["状态"] == "待定" for row in tickets)
    found["created_at:type"] = sum("-02-30" in row["创建时间"] for row in tickets)
    found["rule:resolution_not_before_creation"] = sum(
        bool(row["解决时间"]) and row["解决时间"] < row["创建时间"] for row in tickets
    )
    found["csv:too_many_columns"] = sum(
        len(record) > 23
        for path in simulated.files("demo_itsm/tickets_*")
        for record in simulated.csv_records(path)
    )
    assert dict(found) == simulated.truth["planted_rows"]["ticket"]


def test_every_fault_is_planted(simulated: Simulated) -> None:
    planted = simulated.truth["planted_rows"]
    assert {entity: sum(kinds.values()) for entity, kinds in planted.items()} == {
        "ticket": 34,
        "ticket_event": 14,
        "call": 15,
        "survey_response": 5,
        "survey_answer": 9,
        "survey_invitation": 5,
        "agent_state": 7,
    }


def test_bad_event_lines_are_broken_once_each(simulated: Simulated) -> None:
    broken = 0
    for path in simulated.files("demo_itsm/events_*"):
        for line in path.read_text("utf-8").splitlines():
            try:
                json.loads(line)
            except json.JSONDecodeError:
                broken += 1
    assert broken == simulated.truth["planted_rows"]["ticket_event"]["json:invalid"] == 5


def test_survey_sheets_hold_good_and_bad_rows(simulated: Simulated) -> None:
    planted = simulated.truth["planted_rows"]
    answers = simulated.sheet("答案")
    off_scale = answers.filter(answers["得分"].cast(int) > answers["最高分"].cast(int))
    assert len(off_scale) == planted["survey_answer"]["rule:score_on_scale"] == 9
    assert len(answers) == simulated.truth["good_rows"]["survey_answer"] + 9
    responses = simulated.sheet("答卷")
    assert len(responses) == simulated.truth["good_rows"]["survey_response"] + 5
    assert responses["答卷编号"].null_count() == 3


def test_late_and_corrected_extracts(simulated: Simulated) -> None:
    stories = {story["name"]: story for story in simulated.truth["stories"]}
    late = stories["late_extract"]
    assert late["file"].endswith("20260628T094000.csv")
    assert late["date"] == "2026-06-25"
    assert (simulated.landing_dir / late["file"]).exists()
    corrected = stories["corrected_extract"]
    _, *wrong = simulated.csv_records(simulated.landing_dir / corrected["file"])
    _, *right = simulated.csv_records(simulated.landing_dir / corrected["corrected_by"])
    before = {row[0]: row for row in wrong if len(row) == 23}
    changed = [row for row in right if row[4] != before[row[0]][4]]
    assert len(changed) == corrected["size"]["rows"] > 0
    assert all(row[-1] > before[row[0]][-1] for row in changed)


def test_foreign_files_in_the_landing_folder_are_refused(tmp_path: Path) -> None:
    stranger = tmp_path / "landing" / "demo_itsm" / "tickets_20200101_20200102T021000.csv"
    stranger.parent.mkdir(parents=True)
    stranger.touch()
    with pytest.raises(SimulationError, match=r"tickets_20200101.*--out"):
        simulate(tmp_path / "landing", tmp_path / "truth.json", **ARGUMENTS)


def test_another_simulation_in_the_landing_folder_is_refused(tmp_path: Path) -> None:
    given = ARGUMENTS | {"months": 1, "tickets": 50}
    simulate(tmp_path / "landing", tmp_path / "truth.json", **given)
    with pytest.raises(SimulationError, match="seed 11, 50 tickets"):
        simulate(tmp_path / "landing", tmp_path / "truth.json", **given | {"seed": 12})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"months": 0}, "at least one month"),
        ({"tickets": 0}, "at least one ticket"),
        ({"end": date(2031, 12, 31)}, "holidays are known"),
        ({"end": date(2026, 3, 30), "months": 1}, "last day of a month"),
    ],
)
def test_impossible_arguments_are_refused(
    given: dict[str, object], message: str, tmp_path: Path
) -> None:
    arguments = ARGUMENTS | given
    with pytest.raises(SimulationError, match=message):
        simulate(tmp_path / "landing", tmp_path / "truth.json", **arguments)
