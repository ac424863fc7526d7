"""After a night over extracts full of personal data, none is where others may read."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.settings import Settings
from pipelines.warehouse.snapshots import current_snapshot
from tests.reference.personal_data import PLANTED, personal_data_in

# What holds extracts as they came: inside the home, for its owner only.
PRIVATE = ("archive", "landing", "raw", "work")


def found_in(texts: Iterator[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for place, text in texts:
        for planted in personal_data_in(text):
            found.setdefault(place, set()).add(planted)
    return found


def test_the_search_finds_what_was_planted(published_home: Path) -> None:
    assert all(list(personal_data_in(f"x{text}y")) for text in PLANTED)
    assert list(personal_data_in("１３８ 1234-5678"))
    quarantined = pl.read_parquet(
        [*(published_home / "raw" / "ticket").glob("*/*/quarantined.parquet")],
        columns=["raw"],
    )
    assert any(list(personal_data_in(text)) for text in quarantined["raw"])


def test_no_published_column_holds_personal_data(published_home: Path) -> None:
    snapshot = current_snapshot(Settings(home=published_home))
    with duckdb.connect(str(snapshot.path), read_only=True) as connection:
        columns = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() "
            "where not internal and data_type like '%VARCHAR%'"
        ).fetchall()

        def texts() -> Iterator[tuple[str, str]]:
            for schema, table, column in columns:
                values = connection.execute(
                    f'select distinct cast("{column}" as varchar) from {schema}."{table}" '
                    f'where "{column}" is not null'
                ).fetchall()
                for (value,) in values:
                    yield f"{schema}.{table}.{column}", value

        assert len(columns) > 200
        assert found_in(texts()) == {}
        masked = connection.execute(
            "select count(*) filter (where comment like '%[phone]%'), "
            "count(*) filter (where comment like '%[email]%'), "
            "count(*) filter (where comment like '%[id]%') from marts.fct_survey_comments"
        ).fetchall()[0]
        warned = connection.execute(
            "select distinct unnest(json_keys(warnings)) from audit.extracts order by 1"
        ).fetchall()
    assert all(masked)
    assert {("category:personal_data",), ("comment:masked",)} <= set(warned)


def test_no_log_holds_personal_data(published_home: Path) -> None:
    def texts() -> Iterator[tuple[str, str]]:
        for path in published_home.rglob("*"):
            place = path.relative_to(published_home)
            if not path.is_file() or place.parts[0] in PRIVATE:
                continue
            if path.suffix == ".db":
                with sqlite3.connect(path) as connection:
                    yield str(place), "\n".join(connection.iterdump())
            elif path.suffix not in (".duckdb", ".parquet"):
                yield str(place), path.read_text("utf-8", errors="replace")

    assert found_in(texts()) == {}


@pytest.fixture
def home(published_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KPI_HOME", str(published_home))
    return published_home


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_no_export_of_the_quarantine_holds_personal_data(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"rows.{suffix}"
    assert CliRunner().invoke(app, ["quarantine", "export", str(file)]).exit_code == 0
    text = (
        pl.read_parquet(file)["raw"].str.join("\n").item()
        if suffix == "parquet"
        else file.read_text("utf-8")
    )
    assert "[withheld]" in text
    assert list(personal_data_in(text)) == []


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    "command",
    [
        "quarantine list",
        "quarantine show {id}",
        "query tickets_opened_count --by month,service --csv",
        "query survey_responses_count --by month --csv",
    ],
)
def test_no_console_shows_personal_data(home: Path, command: str) -> None:
    folder = next((home / "raw" / "ticket").glob("source=demo_itsm/*/quarantined.parquet")).parent
    words = command.format(id=folder.name.removeprefix("extract=")).split()
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert len(result.output) > 20
    assert list(personal_data_in(result.output)) == []


def test_what_came_is_for_the_owner_only(published_home: Path) -> None:
    for name in ("archive", "raw", "work"):
        assert (published_home / name).stat().st_mode & 0o077 == 0
    for file in (published_home / "raw").rglob("quarantined.parquet"):
        assert file.stat().st_mode & 0o077 == 0
