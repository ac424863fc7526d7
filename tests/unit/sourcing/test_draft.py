"""The draft as a person finds it: what is proved, what is marked, what is left out."""

import functools
import http.server
import io
import json
import sqlite3
import threading
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter  # type: ignore[import-untyped]
import yaml

from pipelines.contracts import EntityContract, check_contracts
from pipelines.errors import SampleError
from pipelines.settings import PROJECT_DIR
from pipelines.sourcing import Draft, Zone, make_draft, read_sample, write_draft
from tests.unit.sourcing.conftest import Drafter

TICKETS = (
    "单号,状态,提交时间,处理人,姓名,手机\n"
    "1,处理中,2026-03-01 08:00,张工,王,13800000001\n"
    "2,已关闭,2026-03-02 08:00,无,李,13800000002\n"
)
CALLS = (
    "call_id,date,vru_entry,customer_id,outcome,q_time\n"
    "7,990101,0:00:31,0,AGENT,5\n7,990102,0:00:31,0,HANG,9\n8,990101,6:00:00,12,AGENT,0\n"
)


def node(text: str, name: str) -> dict[str, object]:
    """The custom properties of a column in a draft."""
    properties = yaml.safe_load(text)["schema"][0]["properties"]
    found = next(p for p in properties if p["name"] == name)
    return {p["property"]: p["value"] for p in found["customProperties"]}


def marked(text: str, start: str) -> bool:
    return any(start in line and "# decide: " in line for line in text.splitlines())


def reader(text: str) -> dict[str, object]:
    """The custom properties of the server in a draft."""
    (server,) = yaml.safe_load(text)["servers"]
    return {p["property"]: p["value"] for p in server["customProperties"]}


def test_personal_data_nobody_needs_is_dropped(drafter: Drafter) -> None:
    """The phone is the customer's id, which the gate pseudonymises; the name serves nothing."""
    draft = drafter("ticket", TICKETS)
    assert reader(draft.files["ticket.odcs.yaml"])["droppedHeaders"] == ["姓名"]
    assert node(draft.files["ticket.odcs.yaml"], "customer_id") == {"sourceHeaders": ["手机"]}
    assert any("姓名" in note for note in draft.notes)


@pytest.mark.parametrize(
    ("header", "is_personal"),
    [
        ("requester.name", True),
        ("Customer Name", True),
        ("patient_name", True),
        ("group.name", False),
        ("service name", False),
        ("rename", False),
    ],
)
def test_headers_of_names_of_people(drafter: Drafter, header: str, is_personal: bool) -> None:
    text = f"ticket_id,created_at,{header}\n1,2026-03-01 08:00,Ann\n2,2026-03-02 08:00,Ben\n"
    dropped = reader(drafter.yaml("ticket", text)).get("droppedHeaders", [])
    assert dropped == ([header] if is_personal else [])


def test_a_zone_nobody_told_is_asked_for(drafter: Drafter, tmp_path: Path) -> None:
    asked = drafter.yaml("ticket", TICKETS)
    assert node(asked, "created_at")["timezone"] == "Asia/Shanghai"
    assert marked(asked, "property: timezone")
    sample = read_sample(str(tmp_path / "extract.csv"), tmp_path, frozenset())
    told = make_draft("desk", drafter.entities["ticket"], sample, Zone("UTC", True))
    assert not marked(told.files["ticket.odcs.yaml"], "property: timezone")


def test_tokens_for_nothing_and_for_nobody(drafter: Drafter) -> None:
    assert node(drafter.yaml("ticket", TICKETS), "agent_id")["nullTokens"] == ["无"]
    calls = drafter.yaml("call", CALLS)
    assert node(calls, "caller_id")["nullTokens"] == ["0"]
    assert marked(calls, "nullTokens")


def test_a_day_and_a_clock_and_a_key_of_two_columns(drafter: Drafter) -> None:
    draft = drafter("call", CALLS)
    sql = draft.files["call.sql"]
    assert """concat("date", ' ', "vru_entry") as "started_at_made\"""" in sql
    assert """concat("call_id", ':', "date") as "call_id_made\"""" in sql
    started = node(draft.files["call.odcs.yaml"], "started_at")
    assert started["formats"] == ["yyMMdd H:mm:ss"]
    assert started["sourceHeaders"] == ["started_at_made"]


def test_a_whole_time_needs_no_clock_beside_it(drafter: Drafter) -> None:
    text = "call_id,call start,ring_end\n1,2026-03-01 08:00,8:01:00\n2,2026-03-01 09:00,9:02:00\n"
    draft = drafter("call", text)
    assert node(draft.files["call.odcs.yaml"], "started_at")["sourceHeaders"] == ["call start"]
    assert "call.sql" not in draft.files


def test_an_event_log_gets_a_key_of_its_own(drafter: Drafter) -> None:
    """No two columns tell the last two rows apart: their place does."""
    log = (
        "number,state,sys_updated_at\n"
        "I1,New,29/2/2016 01:23\nI1,Active,29/2/2016 08:53\nI2,New,1/3/2016 10:00\n"
        "I2,New,1/3/2016 10:00\n"
    )
    draft = drafter("ticket_event", log)
    assert "row_number() over (partition by" in draft.files["ticket_event.sql"]
    text = draft.files["ticket_event.odcs.yaml"]
    assert node(text, "event_type") == {"constant": "status_changed"}
    assert marked(text, "constant")
    versions = drafter("ticket", log)
    assert any("each is a version" in note for note in versions.notes)


def test_a_wide_survey_becomes_a_row_per_question(drafter: Drafter) -> None:
    """Ages lean to no side of a scale and stay out; 6 says why there is no rating."""
    rows = [
        f"{n},{n % 5 + 1 if n < 10 else 5},{6 if n == 3 else n % 5 + 1 if n < 10 else 4},"
        f"{n % 11 if n < 11 else 9},{n % 5 + 1 if n < 10 else 1}"
        for n in range(30)
    ]
    header = "respondent,Q1_all,Q2_food,recommend,age"
    draft = drafter("survey_answer", "\n".join([header, *rows]) + "\n")
    sql = draft.files["survey_answer.sql"]
    lines = [line.strip() for line in sql.splitlines() if "question_id':" in line]
    assert [line.split("'answer'")[0] for line in lines] == [
        "{'question_id': 'Q1_all', 'measure': 'csat', 'lowest': 1, 'highest': 5, ",
        "{'question_id': 'Q2_food', 'measure': 'other', 'lowest': 1, 'highest': 5, ",
        "{'question_id': 'recommend', 'measure': 'nps', 'lowest': 0, 'highest': 10, ",
    ]
    assert "-- decide: " in sql


def test_times_that_stand_twice_are_told(drafter: Drafter) -> None:
    text = "id,opened at\n1,2026-10-25 02:30\n2,2026-10-25 12:30\n"
    assert "ambiguous" not in drafter.yaml("ticket", text)
    sample = read_sample(str(drafter.folder / "extract.csv"), drafter.folder, frozenset())
    zone = Zone("Europe/Berlin", True)
    draft = make_draft("desk", drafter.entities["ticket"], sample, zone).files["ticket.odcs.yaml"]
    assert node(draft, "created_at")["ambiguous"] == "earliest"
    assert marked(draft, "ambiguous")


def test_nested_objects_are_dotted_paths(drafter: Drafter) -> None:
    lines = (
        '{"id": "1", "meta": {"state": "open"}, "created": "2026-03-01T08:00:00Z"}\n'
        '{"id": "2", "meta": {"state": "closed"}, "created": "2026-03-01T09:00:00Z"}\n'
    )
    text = drafter.yaml("ticket", lines, "x.jsonl")
    assert "format: jsonl" in text
    assert node(text, "created_at")["formats"] == ["yyyy-MM-dd'T'HH:mm:ssXXX"]
    assert "meta.state" in text


def test_a_workbook_gives_its_best_sheet_and_serial_days(
    tmp_path: Path, entities: dict[str, EntityContract]
) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("封面").write_column(0, 0, ["说明"] * 9)
        sheet = book.add_worksheet("工单")
        for row, cells in enumerate(
            [("工单明细",), ("单号", "状态", "提交时间"), ("A1", "处理中", 46024.375)]
        ):
            sheet.write_row(row, 0, cells)
    sample = read_sample(str(path), tmp_path, frozenset({"单号", "状态"}))
    assert (sample.sheet, sample.header_row, sample.other_sheets) == ("工单", 2, ("封面",))
    draft = make_draft("desk", entities["ticket"], sample, Zone("Asia/Shanghai", True))
    assert node(draft.files["ticket.odcs.yaml"], "created_at")["excelSerial"] is True


def test_parquet(drafter: Drafter) -> None:
    frame = pl.DataFrame({"id": [1, 2], "opened at": ["2026-03-01 08:00"] * 2})
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    assert "format: parquet" in drafter.yaml("ticket", buffer.getvalue(), "x.parquet")


def test_an_extract_behind_a_url(tmp_path: Path) -> None:
    (tmp_path / "desk.csv").write_text(TICKETS, "utf-8")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        sample = read_sample(f"{address}/desk.csv", scratch, frozenset())
        with pytest.raises(SampleError, match="404"):
            read_sample(f"{address}/none.csv", scratch, frozenset())
        server.shutdown()
    assert sample.frame.height == 2


def test_a_table_of_a_database(tmp_path: Path, entities: dict[str, EntityContract]) -> None:
    """The draft names the table, and the check of contracts has nothing against it."""
    file = tmp_path / "desk.db"
    with sqlite3.connect(file) as connection:
        connection.execute("create table requests (id text, state text, opened_at text)")
        rows = [("007", "open", "2026-03-01 08:00"), ("008", "closed", "2026-03-02 08:00")]
        connection.executemany("insert into requests values (?, ?, ?)", rows)
    connection.close()
    sample = read_sample(f"sqlite://{file}?table=requests", tmp_path, frozenset())
    assert sample.frame["id"].to_list() == ["007", "008"]
    draft = make_draft("desk", entities["ticket"], sample, Zone("Asia/Shanghai", True))
    folder = tmp_path / "contracts"
    folder.mkdir()
    (folder / "entities").symlink_to(PROJECT_DIR / "data_contracts" / "entities")
    write_draft(draft, folder, "desk")
    (server,) = yaml.safe_load(draft.files["ticket.odcs.yaml"])["servers"]
    assert (server["type"], server["format"], server["path"]) == ("custom", "sqlite", str(file))
    assert {"property": "table", "value": "requests"} in server["customProperties"]
    assert check_contracts(folder) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<html><body>", "web page"),
        (b'[{"a": 1}', "no whole JSON document"),
        (b"[1, 2]", "list without objects"),
        (b"a,b\n", "no rows"),
    ],
)
def test_what_is_no_table_is_told(drafter: Drafter, content: bytes, message: str) -> None:
    with pytest.raises(SampleError, match=message):
        drafter("ticket", content)


def test_one_json_document(drafter: Drafter) -> None:
    """Its list is found, values inside objects are paths, what is personal is dropped there too."""
    rows = [
        {"工单号": f"00{n}", "创建时间": f"2026-03-0{n} 08:00", "人": {"姓名": "李四", "级": "A"}}
        for n in range(1, 4)
    ]
    text = json.dumps({"页": {"条": rows}, "数": 3}, ensure_ascii=False, indent=1)
    draft = drafter.yaml("ticket", text, "extract.json")
    (server,) = yaml.safe_load(draft)["servers"]
    assert server["format"] == "json"
    assert reader(draft) == {
        "records": "页.条",
        "droppedHeaders": ["人.姓名"],
        "extraColumns": "record",
    }
    assert node(draft, "ticket_id")["sourceHeaders"] == ["工单号"]


def test_a_delimiter_of_several_characters(drafter: Drafter) -> None:
    text = TICKETS.replace(",", "~|~")
    draft = drafter.yaml("ticket", text)
    assert reader(draft)["delimiter"] == "~|~"
    assert node(draft, "ticket_id") == node(drafter.yaml("ticket", TICKETS), "ticket_id")


@pytest.mark.parametrize("empty", [("|无|",), ("|无|", "|张工|")])
def test_a_pipe_beside_an_empty_field_is_one_delimiter(
    drafter: Drafter, empty: tuple[str, ...]
) -> None:
    """In one row, and in every row but the header."""
    text = TICKETS.replace(",", "|")
    for agent in empty:
        text = text.replace(agent, "||")
    assert reader(drafter.yaml("ticket", text))["delimiter"] == "|"


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    draft = Draft({"ticket.odcs.yaml": "status: draft\n", "ticket.sql": "select 1"}, ())
    write_draft(draft, tmp_path, "desk")
    query = tmp_path / "sources" / "desk" / "ticket.sql"
    (query.parent / "ticket.odcs.yaml").unlink()
    query.write_text("mine", "utf-8")
    with pytest.raises(SampleError, match="never overwritten"):
        write_draft(draft, tmp_path, "desk")
    assert query.read_text("utf-8") == "mine"
    assert not (query.parent / "ticket.odcs.yaml").exists()


def test_a_compulsory_column_without_a_header_is_named_by_the_check(
    drafter: Drafter, tmp_path: Path
) -> None:
    folder = tmp_path / "contracts"
    folder.mkdir()
    (folder / "entities").symlink_to(PROJECT_DIR / "data_contracts" / "entities")
    draft = drafter("ticket", "单号,备注\n1,x\n2,y\n")
    write_draft(draft, folder, "desk")
    rules = {(m.path, m.rule) for m in check_contracts(folder) if "desk" in m.file}
    assert rules == {
        ("schema.properties[created_at]", "required_not_mapped"),
        ("schema.properties[status]", "value_map_target"),
    }


def test_names_of_sources(drafter: Drafter) -> None:
    sample = read_sample(str(_written(drafter)), drafter.folder, frozenset())
    with pytest.raises(SampleError, match="no name of a source"):
        make_draft("../desk", drafter.entities["ticket"], sample, Zone("UTC", True))


def _written(drafter: Drafter) -> Path:
    path = drafter.folder / "t.csv"
    path.write_text(TICKETS, "utf-8")
    return path
