"""Explore on a fake console: what it shows of the copy, of a query, of what was saved."""

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

import pipelines.console
from dashboards.i18n import Texts
from pipelines.console import CopyState, Outcome
from pipelines.metrics import AccessError
from pipelines.metrics.access import roles
from tests.unit.dashboards.fake_console import FakeConsole
from tests.unit.dashboards.fake_store import FakeStore, OpenPage
from tests.unit.dashboards.test_pages import words

EN = Texts("en")


def run(app: AppTest, sql: str) -> AppTest:
    app.text_area(key="sql_text").set_value(sql).run()
    return app.button(key="sql_start").click().run()


def test_limits_and_tables_are_stated(open_page: OpenPage, console: FakeConsole) -> None:
    app = open_page("sql", lang="en")
    assert not app.exception
    assert EN("sql.limits", seconds="10", rows="5,000") in words(app)
    assert app.selectbox(key="sql_table").options == [
        "marts.dim_teams (1,234 rows)",
        "marts.fct_tickets (1,234 rows)",
    ]
    columns = app.dataframe[0].value
    assert columns.iloc[0].to_list() == ["ticket_key", "VARCHAR", "Ticket."]
    assert "One row per ticket." in words(app)
    app.button(key="sql_show_rows").click().run()
    assert app.text_area(key="sql_text").value == "select *\nfrom marts.fct_tickets\nlimit 100"
    assert console.ran == []


def test_tables_and_columns_are_explained_in_chinese(open_page: OpenPage) -> None:
    app = open_page("sql", lang="zh")
    assert app.dataframe[0].value.iloc[0].to_list() == ["ticket_key", "VARCHAR", "工单。"]
    assert "每张工单一行。" in words(app)


def test_rows_are_counted_and_cut(open_page: OpenPage, console: FakeConsole) -> None:
    frame = pl.DataFrame({"n": range(5_000)})
    console.outcome = Outcome(frame, total=1_234_567, seconds=1.0)
    app = run(open_page("sql", lang="en"), "select n from t")
    assert console.ran == ["select n from t"]
    assert "1,234,567 rows, 5,000 shown, 1.0 s." in words(app)
    shown = max((table.value for table in app.dataframe), key=len)
    assert (len(shown), shown["n"].iloc[0]) == (1_000, 0)
    console.outcome = Outcome(frame, total=None)
    app = run(app, "select n from u")
    assert EN("sql.rows_unknown", shown="5,000") in words(app)


@pytest.mark.parametrize(
    "reason", ["statements", "kind", "columns", "time", "memory", "cancelled", "busy", "failed"]
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_reason_has_its_sentence(
    open_page: OpenPage, console: FakeConsole, reason: str, language: str
) -> None:
    console.outcome = Outcome(reason=reason, message="no *such* table")  # type: ignore[arg-type]
    app = run(open_page("sql", lang=language), "select 1")
    assert not app.exception
    texts = Texts("zh" if language == "zh" else "en")
    told = texts(f"sql.reason_{reason}", seconds="10", message="no *such* table")
    assert app.warning[0].value.replace("\\", "") == told


def test_a_query_under_way_can_be_cancelled(open_page: OpenPage, console: FakeConsole) -> None:
    console.outcome = None
    app = run(open_page("sql", lang="en"), "select 1")
    assert EN("sql.running", seconds="3") in words(app)
    assert not app.warning
    app.button(key="sql_cancel").click().run()
    assert app.warning[0].value.replace("\\", "") == EN("sql.reason_cancelled")


def test_a_saved_query_is_opened_by_its_link(open_page: OpenPage, console: FakeConsole) -> None:
    app = open_page("sql", lang="en")
    app.text_area(key="sql_text").set_value("select 7").run()
    app.text_input(key="sql_name").set_value("Seven").run()
    app.button(key="sql_save_now").click().run()
    assert app.query_params == {"lang": "en", "q": "abc"}
    assert "?q=abc" in app.code[0].value
    assert (console.kept["abc"].name, console.kept["abc"].sql) == ("Seven", "select 7")
    other = open_page("sql", lang="en", q="abc")
    assert other.text_area(key="sql_text").value == "select 7"
    assert console.ran == []
    other.button(key="sql_forget").click().run()
    assert console.kept == {}
    assert EN("sql.unknown") in words(open_page("sql", lang="en", q="abc"))


def test_the_text_stays_when_the_page_or_language_changes(
    open_page: OpenPage, console: FakeConsole
) -> None:
    app = run(open_page("sql", lang="en"), "select 'mine'")
    app.button(key="language").click().run()
    assert app.text_area(key="sql_text").value == "select 'mine'"
    app.switch_page("views/tickets.py").run()
    app.switch_page("views/sql.py").run()
    assert app.text_area(key="sql_text").value == "select 'mine'"


def test_a_result_can_be_reproduced(open_page: OpenPage, console: FakeConsole) -> None:
    app = run(open_page("sql", lang="en"), 'select \'"""\' as n')
    code = next(block.value for block in app.code if block.language == "python")
    compile(code, "copied", "exec")
    assert 'duckdb.connect("none", read_only=True)' in code


def test_before_the_copy_is_there_its_progress_is(
    open_page: OpenPage, console: FakeConsole
) -> None:
    console.state = CopyState("building", 3, 45)
    app = open_page("sql", lang="en")
    assert not app.text_area
    assert "3 of 45" in str(app.get("progress")[0].proto)
    console.state = CopyState("failed", message="no space left")
    app = open_page("sql", lang="en")
    assert "no space left" in words(app)


def test_whoever_may_not_open_it_does_not(
    open_page: OpenPage, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise AccessError("not yours")

    monkeypatch.setattr(pipelines.console, "open_console", refused)
    store.reader = store.reader.model_copy(update={"role": roles()["manager"]})
    monkeypatch.setattr("dashboards.session.local_reader", lambda: store.reader)
    app = open_page("sql", lang="en")
    assert not app.text_area
    assert not app.exception
