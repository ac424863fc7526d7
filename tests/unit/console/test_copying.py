"""The masked copy: what is in it, what is not, and that it is made once."""

import threading
from pathlib import Path

import duckdb
import pytest

from pipelines.console import copying
from pipelines.console.copying import copy_path, make_copy, read_tables
from pipelines.console.masking import masked_columns, personal_columns
from pipelines.contracts import load_contracts
from pipelines.settings import Settings
from tests.unit.console.small_snapshot import snapshot

PERSONS = ("t:ann", "ann", "t:bob", "bob", "t:5f3a", "5f3a", "t:9c1b", "9c1b", "Ann Lee", "安")


def rows(copy: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(copy), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_no_person_is_in_the_copy(settings: Settings) -> None:
    copy = make_copy(settings, snapshot(settings))
    content = copy.read_bytes()
    assert [person for person in PERSONS if len(person) > 3 and person.encode() in content] == []
    columns = rows(
        copy,
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where not internal and data_type = 'VARCHAR'",
    )
    values = {
        value
        for schema, table, column in columns
        for (value,) in rows(copy, f'select "{column}" from {schema}."{table}"')
    }
    assert values & {*PERSONS, "a secret"} == set()
    assert {"unknown", "Unknown", "t:desk", "Desk", "t:1"} <= values


def test_joins_work_inside_the_copy(settings: Settings) -> None:
    copy = make_copy(settings, snapshot(settings))
    joined = rows(
        copy,
        "select t.seconds, a.label = t.agent_key, m.label = t.agent_key, c.customer_tier "
        "from marts.fct_tickets t left join marts.dim_agents a using (agent_key) "
        "left join marts.dim_members m on m.member_key = t.agent_key and m.dimension = 'agent' "
        "left join marts.dim_customers c on c.customer_key = t.customer_key order by t.ticket_key",
    )
    assert joined == [(60, True, True, "A"), (90, True, None, "A"), (None, False, False, None)]


def test_keys_of_two_copies_cannot_be_linked(settings: Settings) -> None:
    sql = "select agent_key from marts.dim_agents where agent_key <> 'unknown'"
    first = set(rows(make_copy(settings, snapshot(settings, "a")), sql))
    second = set(rows(make_copy(settings, snapshot(settings, "b")), sql))
    assert len(first) == len(second) == 2
    assert first & second == set()


def test_the_catalogue_says_what_columns_mean(settings: Settings) -> None:
    tables = {t.full_name: t for t in read_tables(make_copy(settings, snapshot(settings)))}
    assert set(tables) == {
        *("marts.dim_agents", "marts.dim_customers", "marts.dim_members", "marts.fct_tickets"),
        *("marts.fct_calls", "marts.fct_survey_comments", "reference.member_labels"),
        "audit.quarantine",
    }
    tickets = tables["marts.fct_tickets"]
    assert (tickets.description, tickets.row_count) == ("One row per ticket.", 3)
    assert tickets.description_zh == "每张工单一行。"
    assert [(c.name, c.type, c.description, c.description_zh) for c in tickets.columns[:2]] == [
        ("ticket_key", "VARCHAR", "Ticket.", "工单。"),
        ("agent_key", "VARCHAR", "", ""),
    ]
    assert [c.name for c in tables["marts.fct_survey_comments"].columns] == ["response_key"]


def test_a_copy_is_made_once_and_the_old_one_goes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    fill = copying._fill

    def counted(source: Path, *rest: object) -> object:
        made.append(source.name)
        return fill(source, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(copying, "_fill", counted)
    old, new = snapshot(settings, "a"), snapshot(settings, "b")
    make_copy(settings, old)
    (settings.console_dir / ".draft-killed").write_bytes(b"x")
    both = [threading.Thread(target=make_copy, args=(settings, new)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert made == [old.path.name, new.path.name]
    assert sorted(p.name for p in settings.console_dir.iterdir()) == [
        "copy-b.duckdb", "copy-b.json", "copy.lock",
    ]  # fmt: skip
    assert copy_path(settings, new).stat().st_mode & 0o777 == 0o400
    assert settings.console_dir.stat().st_mode & 0o077 == 0


def test_the_process_makes_it_or_says_why_not(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = (str(settings.home), str(settings.contracts_dir))
    assert copying.main(*arguments, "gone") == 1
    assert "'gone' is not kept" in capsys.readouterr().err
    made = snapshot(settings)
    assert copying.main(*arguments, made.id) == 0
    assert copy_path(settings, made).exists()


def test_what_contracts_call_personal_is_personal() -> None:
    personal = personal_columns(load_contracts(Settings().contracts_dir))
    assert {"customer_key", "caller_key", "agent_key", "agent_id"} <= personal.rekeyed
    assert personal.left_out == {"comment", "title"}
    made = masked_columns("fct_survey_comments", ["response_key", "comment"], personal, "s")
    assert list(made) == ["response_key"]
