"""Parts of pages that open by choice: only the open one asks, and each says what it should."""

import re
from dataclasses import replace
from typing import cast

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.data import Figure, Point, View
from dashboards.filters import Filters
from dashboards.i18n import LANGUAGES, Texts
from dashboards.rows import rows_by_period, rows_of_shares
from pipelines.metrics import ScopedStore
from tests.unit.dashboards.fake_store import FakeStore, OpenPage

EN = Texts("en")
SECTIONS = {
    "tickets": ("flow", "speed", "sla", "quality"),
    "calls": ("service", "hours", "handling", "staffing"),
    "satisfaction": ("scores", "servqual", "voices", "places"),
}
OPENED = [(path, tab) for path, tabs in SECTIONS.items() for tab in tabs]


def captions(app: AppTest) -> str:
    return "\n".join(re.sub(r"\\(.)", r"\1", str(caption.value)) for caption in app.caption)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("path", "tab"), OPENED)
def test_section_opens(open_page: OpenPage, path: str, tab: str, language: str) -> None:
    app = open_page(path, lang=language, tab=tab)
    assert not app.exception
    assert not app.error


def test_sections_follow_the_basis_of_hours(open_page: OpenPage, store: FakeStore) -> None:
    app = open_page("tickets", tab="speed", hrs="calendar")
    assert not app.error
    assert any("resolution_calendar_p50" in str(request) for request in store.requests)
    assert not any("resolution_business_p50" in str(request) for request in store.requests)


def test_a_closed_section_asks_nothing(open_page: OpenPage, store: FakeStore) -> None:
    open_page("tickets", tab="quality")
    asked = {name for request in store.requests for name in request.get("metrics", ())}  # type: ignore[attr-defined]
    assert "tickets_same_day_ratio" in asked
    assert "sla_running_count" not in asked


def test_an_unknown_section_is_the_first(open_page: OpenPage, store: FakeStore) -> None:
    open_page("calls", tab="nothing")
    assert any("calls_with_ticket_ratio" in str(request) for request in store.requests)


def test_the_matrix_says_better_or_worse_in_words(open_page: OpenPage) -> None:
    app = open_page("overview", lang="en")
    cells = "".join(str(value) for value in app.table[0].value.to_numpy().ravel())
    assert EN("change.better") in cells.replace("\u2060", "").replace("\\", "")
    assert "▲" in cells
    assert "◆" in cells


def test_without_a_comparison_nothing_is_judged(open_page: OpenPage) -> None:
    app = open_page("overview", lang="en", cmp="none")
    cells = "".join(str(value) for value in app.table[0].value.to_numpy().ravel())
    assert "▲" not in cells
    assert "◆" not in cells
    assert EN("overview.no_movers") in [info.value for info in app.info]


@pytest.mark.parametrize("language", LANGUAGES)
def test_cells_of_the_matrix_that_rest_on_few_are_grey_and_the_page_says_so(
    open_page: OpenPage, store: FakeStore, language: str
) -> None:
    legend = Texts("zh" if language == "zh" else "en")("chart.small", n=10)

    def greyed() -> tuple[list[bool], bool]:
        app = open_page("overview", lang=language)
        cells = app.table[0].value.iloc[:, 1:].to_numpy().ravel()
        return [str(c).startswith(":gray-background[") for c in cells], legend in captions(app)

    assert greyed() == ([False] * 12, False)
    store.answers = 9
    assert greyed() == ([True] * 12, True)


def test_contributions_are_asked_by_the_chosen_dimension(
    open_page: OpenPage, store: FakeStore
) -> None:
    app = open_page("overview", lang="en")
    mover = app.selectbox(key="mover:en").value
    app.button_group(key="contributors:en").set_value("site").run()
    asked = [r for r in store.requests if r.get("by") == ("site",)]
    assert {r["metrics"] for r in asked} == {(mover,)}
    assert EN("overview.change", change="").strip() in captions(app)


def test_a_queue_is_looked_at_on_one_weekday(open_page: OpenPage) -> None:
    app = open_page("calls", lang="en", tab="hours")
    app.toggle(key="table_lost").set_value(True).run()
    shown = app.dataframe[0].value
    assert len(shown) == 4, "two queues and two half hours of one of two weekdays"
    assert all(" of 120 (" in text for text in shown[EN("column.value")])


def test_the_funnel_keeps_all_teams(open_page: OpenPage, store: FakeStore) -> None:
    open_page("teams", team="demo:team_1")
    asked = [r for r in store.requests if r.get("metrics") == ("sla_met_ratio",)]
    assert all(not r["where"] for r in asked)
    assert any(r["where"] for r in store.requests if "tickets_open_count" in str(r))


def test_what_runs_out_first_stands_first(open_page: OpenPage) -> None:
    app = open_page("tickets", lang="en", tab="sla")
    left = app.dataframe[0].value[EN("column.remaining_seconds")].to_list()
    assert left == ["10 min", "2 h"]


@pytest.mark.parametrize("wanted", ["scxysj", "shouci xiangying"])
def test_dictionary_finds_by_pinyin(open_page: OpenPage, wanted: str) -> None:
    app = open_page("dictionary")
    app.text_input(key="search").set_value(wanted).run()
    labels = [re.sub(r"\\", "", expander.label) for expander in app.expander]
    assert 0 < len(labels) < 12
    assert any("首次响应时间" in label for label in labels)


def test_dictionary_opens_a_lone_definition_with_its_formula(open_page: OpenPage) -> None:
    app = open_page("dictionary", lang="en")
    assert not app.code, "closed definitions are not made"
    app.text_input(key="search").set_value("sla_resolution_met_ratio").run()
    assert [code.value for code in app.code] == [
        "sla_resolution_met_ratio = part ÷ whole",
        "select sla_resolution_met_ratio",
    ]


def test_dictionary_names_the_pages_that_show_a_kpi(open_page: OpenPage) -> None:
    app = open_page("dictionary", lang="en")
    app.text_input(key="search").set_value("calls_abandoned_ratio").run()
    used = app.dataframe[0].value[EN("column.used_on")].to_list()
    assert used == [EN("page.calls")]


def test_late_and_refused_sources_name_their_kpis(open_page: OpenPage, store: FakeStore) -> None:
    app = open_page("data", lang="en")
    tables = {tuple(frame.value.columns): frame.value for frame in app.dataframe}
    affected = next(table for columns, table in tables.items() if EN("column.kpis") in columns)
    told = dict(zip(affected[EN("column.family")], affected[EN("column.kpis")], strict=True))
    for family in ("tickets", "calls", "satisfaction"):
        count = sum(metric.family == family for metric in store.metrics.values())
        assert told[EN(f"family.{family}")] == count
    assert EN("run.published") in captions(app), "the run of the snapshot has published it"


def view_of(store: FakeStore, period: str) -> View:
    return View(cast(ScopedStore, store), replace(Filters(), language="en", period=period))


def test_a_missing_bucket_is_a_gap_and_not_zero(store: FakeStore) -> None:
    view = view_of(store, "2026-09-01..2026-09-05")
    figure = Figure(store.metrics["tickets_opened_count"], 7.0)
    points = [Point(view.period.start, (), figure), Point(view.period.end, (), figure)]
    rows = rows_by_period(view, points, "opened", "day")
    assert [row.value for row in rows] == [7.0, None, None, None, 7.0]
    assert {row.text for row in rows[1:4]} == {"–"}


def test_the_running_share_is_in_words(store: FakeStore) -> None:
    view = view_of(store, "last_4w")
    metric = store.metrics["sla_breached_count"]
    points = [
        Point(None, (member,), Figure(metric, count))
        for member, count in (("demo:team_1", 1.0), ("demo:team_2", 3.0))
    ]
    rows = rows_of_shares(view, points, "team", 10)
    assert [(row.place, row.value, row.high) for row in rows] == [
        ("Team 2", 0.75, 0.75),
        ("Team 1", 0.25, 1.0),
    ]
    assert rows[1].text == EN("words.pareto", count="1", running="100.0%")
