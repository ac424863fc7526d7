"""Pages on the fake store: what they show, keep, and survive."""

import re
from datetime import UTC, date, datetime

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

import dashboards.frame
from dashboards.i18n import LANGUAGES, Texts, catalogue
from dashboards.navigation import PAGES
from pipelines.metrics import NoSnapshotError
from pipelines.metrics.access import Reader, roles
from tests.unit.dashboards.fake_store import FakeStore, OpenPage

PATHS = [page.path for page in PAGES]
ZH = Texts("zh")
_SHOWN = ("title", "subheader", "caption", "markdown", "info", "error", "metric", "button")


def words(app: AppTest) -> str:
    """Everything the page says, without the marks that keep Markdown from reading it."""
    found = [element for kind in _SHOWN for element in getattr(app, kind)]
    fields = ("label", "value", "delta", "help")
    text = "\n".join(str(getattr(e, field, "")) for e in found for field in fields)
    return re.sub(r"\\(.)", r"\1", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_page_opens(open_page: OpenPage, path: str, language: str) -> None:
    app = open_page(path, lang=language)
    assert not app.exception
    assert not app.error
    assert app.title[0].value == Texts("zh" if language == "zh" else "en")(f"page.{path}")
    shown = set(re.findall(r"[a-z]+\.[a-z_0-9]+", words(app)))
    assert shown & catalogue("en").keys() == set(), "a text's key is shown in place of the text"


def test_the_bare_address_leads_to_the_overview(open_page: OpenPage) -> None:
    app = open_page("overview")
    assert app.title[0].value == ZH("page.overview")


def test_filters_of_the_url_reach_the_store(open_page: OpenPage, store: FakeStore) -> None:
    open_page("tickets", site="demo:site_1", pri="p1")
    asked = [r for r in store.requests if "tickets_opened_count" in str(r["metrics"])]
    assert asked[-1]["where"] == {"site": ("demo:site_1",), "priority": ("p1",)}


def test_a_filter_that_a_metric_lacks_is_not_applied_and_said(
    open_page: OpenPage, store: FakeStore
) -> None:
    app = open_page("calls", tier="demo:customer_tier_1")
    assert all(not request["where"] for request in store.requests if "calls" in str(request))
    note = ZH("card.unfiltered", dimensions=ZH("dimension.customer_tier"))
    assert note in words(app)


def test_a_chip_takes_its_filter_away_and_keeps_the_rest(open_page: OpenPage) -> None:
    app = open_page("tickets", site="demo:site_1", team="demo:team_1", lang="en")
    app.button(key="chip_site").click().run()
    assert app.query_params == {"lang": "en", "team": "demo:team_1"}


def test_choosing_writes_ids_into_the_url(open_page: OpenPage) -> None:
    app = open_page("tickets")
    app.multiselect(key="team:zh").set_value(["demo:team_2"]).run()
    app.selectbox(key="period:zh").set_value("last_month").run()
    assert app.query_params["team"] == "demo:team_2"
    assert app.query_params["p"] == "last_month"


def test_days_of_ones_own_are_a_period_once_both_are_chosen(open_page: OpenPage) -> None:
    app = open_page("tickets", p="last_month")
    days = app.date_input(key="days:zh:last_month")
    assert days.value == (date(2026, 9, 1), date(2026, 9, 30))
    days.set_value((date(2026, 9, 3),)).run()
    assert app.query_params["p"] == "last_month"
    app.date_input(key="days:zh:last_month").set_value((date(2026, 9, 3), date(2026, 9, 9))).run()
    assert app.query_params["p"] == "2026-09-03..2026-09-09"


def test_a_link_says_what_is_shown_moving_or_pinned(open_page: OpenPage) -> None:
    app = open_page("kpi", m="nps", p="last_month", lang="en")
    links = [code.value for code in app.code if "?" in code.value]
    assert links[0].endswith("?lang=en&p=last_month&m=nps")
    assert links[1].endswith("?lang=en&p=2026-09-01..2026-09-30&m=nps")


def test_reset_keeps_the_page_open(open_page: OpenPage) -> None:
    app = open_page("kpi", m="nps", p="last_7d", lang="en")
    next(b for b in app.button if b.label == Texts("en")("filters.reset")).click().run()
    assert app.query_params == {"lang": "en", "m": "nps"}


def test_reset_keeps_the_language_only(open_page: OpenPage) -> None:
    app = open_page("tickets", lang="en", p="last_7d", grain="day", team="demo:team_1")
    label = Texts("en")("filters.reset")
    next(b for b in app.button if b.label == label).click().run()
    assert app.query_params == {"lang": "en"}
    assert app.multiselect(key="team:en").value == []


def test_a_broken_metric_takes_its_module_down_alone(open_page: OpenPage, store: FakeStore) -> None:
    store.broken = {"tickets_backlog_count"}
    app = open_page("tickets")
    assert not app.exception
    assert 1 <= len(app.error) <= 2, "the cards and the chart of the backlog, nothing else"
    assert re.search(r"[0-9a-f]{8}", app.error[0].value)
    assert "broken on purpose" not in words(app)
    assert len(app.toggle) >= 4


def test_the_hours_basis_takes_the_twins_in_calendar_time(
    open_page: OpenPage, store: FakeStore
) -> None:
    app = open_page("tickets", hrs="calendar")
    asked = {name for request in store.requests for name in request.get("metrics", ())}  # type: ignore[attr-defined]
    assert "first_reply_calendar_p50" in asked
    assert "first_reply_business_p50" not in asked
    assert app.selectbox(key="hours:zh").value == "calendar"


def test_what_is_outside_the_scope_is_said_and_the_rest_is_shown(
    open_page: OpenPage, store: FakeStore
) -> None:
    store.unreadable = {"tickets_backlog_count"}
    app = open_page("tickets")
    assert not app.error
    assert ZH("card.refused") in words(app)
    assert len(app.metric) >= 10
    store.unreadable = set(store.metrics)
    app = open_page("tickets")
    assert not app.error
    assert ZH("state.refused") in words(app)


def test_a_page_that_is_not_the_readers_says_so_and_is_noted(
    open_page: OpenPage, store: FakeStore
) -> None:
    store.reader = Reader(id="x", role=roles()["executive"])
    app = open_page("data")
    assert ZH("state.refused") in words(app)
    assert not app.dataframe
    assert ("refused", "data") in store.noted


def test_every_view_is_noted_once(open_page: OpenPage, store: FakeStore) -> None:
    app = open_page("tickets")
    app.run()
    assert store.noted.count(("view", "tickets")) == 1
    app.selectbox(key="period:zh").set_value("last_month").run()
    assert store.noted.count(("view", "tickets")) == 2


def test_news_are_said(open_page: OpenPage, store: FakeStore) -> None:
    assert ZH("status.newer") not in words(open_page("overview"))
    store.has_news = True
    assert ZH("status.newer") in words(open_page("overview"))


def test_a_card_holds_a_figure_against_its_target(open_page: OpenPage, store: FakeStore) -> None:
    app = open_page("overview", cmp="target")
    target = ZH("card.target", value="50.0%")
    assert target in words(app)
    assert sum(bool(metric.delta) for metric in app.metric) == 1, "one KPI has a target"


def test_a_twin_in_calendar_time_is_held_against_its_own_target(
    open_page: OpenPage, store: FakeStore
) -> None:
    store.targets = {"first_reply_calendar_p50": 3600.0}
    app = open_page("tickets", cmp="target", hrs="calendar")
    label = store.metrics["first_reply_calendar_p50"].label_zh
    judged = [m.label for m in app.metric if m.delta]
    assert [re.sub(r"\\(.)", r"\1", name) for name in judged] == [label]


def test_rows_say_how_they_add_up(open_page: OpenPage, store: FakeStore) -> None:
    store.answers = 2
    app = open_page("kpi", m="sla_met_ratio", team="demo:team_1")
    said = words(app)
    added = {"side": ZH("field.denominator"), "total": "2", "stated": "2"}
    assert ZH("drill.adds_up", **added) in said
    asked = next(r for r in store.requests if "records" in r)
    assert asked["where"] == {"team": ("demo:team_1",)}


def test_a_record_that_is_not_there_is_said(open_page: OpenPage) -> None:
    assert "T9" in words(open_page("record", id="ticket:T9"))
    app = open_page("record", id="ticket:demo:T1", lang="en")
    assert not app.error
    assert app.table


def test_the_sums_of_a_record_are_a_table_that_cuts_nothing(open_page: OpenPage) -> None:
    sums = open_page("record", id="ticket:demo:T1", lang="en").table[-1].value
    rows = [
        [re.sub(r"[\u2060\\]", "", cell).replace("\u00a0", " ") for cell in row]
        for row in sums.to_numpy()
    ]
    assert rows == [
        ["First reply", "Business hours", "2", "1 h 30 min", "1 h 30 min"],
        ["Promise: resolution (met)", "Business hours", "2", "1 h 30 min", "–"],
    ]


def test_the_access_log_tells_the_time_of_the_installation(open_page: OpenPage) -> None:
    """Noted at midnight in UTC, which is eight in Shanghai."""
    noted = open_page("access", lang="zh").dataframe[0].value
    assert noted[ZH("column.at")].to_list() == ["2026-10-01 08:00"]


def test_few_answers_are_withheld(open_page: OpenPage, store: FakeStore) -> None:
    store.answers = 4
    app = open_page("satisfaction")
    shown = {metric.label: metric.value for metric in app.metric}
    csat = store.metrics["csat_top2_ratio"].label_zh
    assert next(v for k, v in shown.items() if csat[:4] in k) == ZH("card.withheld")
    assert ZH("state.withheld") in words(app)


def test_a_period_that_is_not_over_has_no_comparison(open_page: OpenPage) -> None:
    app = open_page("tickets", p="2026-09-20..2026-10-20")
    assert ZH("status.partial") in words(app)
    assert not any(metric.delta for metric in app.metric)


def test_a_period_before_the_data_is_not_compared_with(open_page: OpenPage) -> None:
    app = open_page("tickets", p="2026-04-10..2026-05-10")
    assert ZH("card.no_comparison") in words(app)
    assert not any(metric.delta for metric in app.metric)


def test_simulated_data_are_called_simulated(open_page: OpenPage) -> None:
    assert ZH("status.simulated") in words(open_page("overview"))


def test_a_table_says_what_its_chart_says(open_page: OpenPage) -> None:
    app = open_page("tickets")
    assert not app.dataframe
    app.toggle(key="table_trend_tickets_opened_count").set_value(True).run()
    assert len(app.dataframe) == 1
    assert list(app.dataframe[0].value.columns) == [
        ZH(f"column.{name}") for name in ("place", "series", "value", "n")
    ]


@pytest.mark.parametrize("wanted", ["响应", "first REPLY", "first_reply_business_p50"])
def test_dictionary_finds_in_both_languages_and_by_code(open_page: OpenPage, wanted: str) -> None:
    app = open_page("dictionary")
    app.text_input(key="search").set_value(wanted).run()
    labels = [expander.label for expander in app.expander]
    assert 0 < len(labels) < 12
    assert any("First reply time" in re.sub(r"\\", "", label) for label in labels)


def test_before_the_first_snapshot_the_page_says_what_to_run(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(reader: object) -> FakeStore:
        raise NoSnapshotError("nothing has been published yet.")

    monkeypatch.setattr(dashboards.frame, "open_scoped", nothing)
    app = open_page("overview")
    assert not app.exception
    assert "kpi nightly" in app.code[0].value


def test_a_run_that_published_nothing_is_on_every_page(
    open_page: OpenPage, store: FakeStore
) -> None:
    assert ZH("status.run_failed", time="2026-10-02 02:30") not in words(open_page("overview"))
    store.failed_run = datetime(2026, 10, 1, 18, 30, tzinfo=UTC)  # 02:30 in Shanghai
    for path in ("overview", "data"):
        assert ZH("status.run_failed", time="2026-10-02 02:30") in words(open_page(path))


def test_data_quality_tells_what_is_late_missing_and_wrong(open_page: OpenPage) -> None:
    """What the tables of the snapshot tell, the latest first, in the units of the rules."""
    app = open_page("data", lang="en")
    english = Texts("en")
    tables = {tuple(frame.value.columns): frame.value for frame in app.dataframe}
    late = next(v for k, v in tables.items() if english("column.late_by") in k)
    assert late[english("column.late_by")].to_list() == [
        "17 h",
        english("data.in_time"),
        english("data.no_promise"),
    ]
    rules = next(v for k, v in tables.items() if english("column.found") in k)
    told = dict(
        zip(
            rules[english("column.rule")],
            zip(*(rules[english(f"column.{c}")] for c in ("found", "low", "high")), strict=True),
            strict=True,
        )
    )
    assert told == {
        english("rule.volume"): ("44", "55", "220"),
        english("rule.drift"): ("41.0%", "–", "30.0%"),
        english("rule.event_age"): ("55 h 33 min", "–", "30 h"),
    }


def test_a_long_table_is_shown_in_part_and_says_so(
    open_page: OpenPage, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = store.table
    counted = whole("quarantine").select(pl.all().repeat_by(1_200).explode())
    many = counted.with_columns(pl.int_range(pl.len()).cast(pl.String).alias("reason"))
    monkeypatch.setattr(store, "table", lambda name: many if name == "quarantine" else whole(name))
    app = open_page("data")
    assert not app.error
    assert ZH("export.first_rows", rows="1,000", total="1,200") in words(app)
    assert [len(f.value) for f in app.dataframe if len(f.value) > 100] == [1_000]
