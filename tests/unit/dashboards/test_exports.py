"""Exports of what a module shows: the files behind the control, their facts, caps and notes."""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO, StringIO
from types import SimpleNamespace
from typing import Any, cast

import fastexcel
import polars as pl
import pytest
import streamlit as st

import dashboards.charts.base
import dashboards.exports as exports
from dashboards.data import View
from dashboards.drawing import mark, nominal, of_rows, quantitative
from dashboards.exports import Content, Covers, Exported, chart_rows, export_control
from dashboards.filters import Filters
from dashboards.i18n import Texts
from dashboards.matrix import matrix
from dashboards.rows import Row
from pipelines.metrics import ScopedStore
from pipelines.metrics.access import roles
from tests.unit.dashboards.fake_store import FakeStore, OpenPage

EN = Texts("en")
ROWS = [
    Row("Team 1", "First", 0.5, "50.0%", "10", denominator=10),
    Row("Team 2", "First", None, "–", "", is_partial=True),
    Row("Team 2", "Second", 0.25, "25.0%", "1,234", denominator=1234),
]


class Box:
    """Stands for the popover: remembers captions and the files it offers."""

    def __init__(self) -> None:
        self.captions: list[str] = []
        self.files: dict[str, Callable[[], bytes]] = {}

    def __enter__(self) -> "Box":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def popover(self, *_: object, **__: object) -> "Box":
        return self

    def caption(self, text: str) -> None:
        self.captions.append(text)

    def download_button(self, _label: str, data: Callable[[], bytes], **options: str) -> None:
        self.files[options["file_name"]] = data


def offered(
    store: FakeStore, exported: Exported, covers: Covers = "period", **members: Sequence[str]
) -> Box:
    chosen = {dimension: tuple(ids) for dimension, ids in members.items()}
    view = View(cast(ScopedStore, store), Filters(language="en", members=chosen))
    box = Box()
    corner = SimpleNamespace(place=box, title="=SLA by team")
    place = SimpleNamespace(corner=corner, key="by_team", covers=covers)
    export_control(view, cast(Any, place), exported)
    return box


def sla(store: FakeStore) -> Exported:
    view = View(cast(ScopedStore, store), Filters(language="en"))
    drawing = of_rows(
        pl.DataFrame({"place": ["Team 1"], "value": [0.5]}),
        mark="bar",
        encoding={"x": quantitative("value"), "y": nominal("place")},
    )
    return Exported(chart_rows(view, ROWS, "ratio"), drawing)


def test_nothing_is_made_before_it_is_asked_for(store: FakeStore) -> None:
    def never() -> Content:
        raise AssertionError

    box = offered(store, Exported(never))
    assert list(box.files) == ["by_team_2026-09-30.csv", "by_team_2026-09-30.xlsx"]
    assert store.noted == []


def test_a_csv_has_the_rows_and_what_they_are_of(store: FakeStore) -> None:
    box = offered(store, sla(store), site=["demo:site_1", "demo:site_2"])
    text = box.files["by_team_2026-09-30.csv"]().decode("utf-8-sig")
    records = list(csv.reader(StringIO(text)))
    assert records[:3] == [
        ["Item", "First", "n (First)", "Second", "n (Second)", "partial period"],
        ["Team 1", "0.5", "10", "", "", "false"],
        ["Team 2", "", "", "0.25", "1234", "true"],
    ]
    assert [record[0] for record in records[4:]] == [
        "'=SLA by team",
        "Period: 2026-08-31 – 2026-09-27",
        "Site: Site 1, Site 2",
        "Data as of: 2026-10-01 00:00 (Asia/Shanghai)",
        "Snapshot: fake-1",
        "Origin: Simulated data",
        "Rows: all 2 rows",
        "First: Ratio",
        "n (First): Count",
        "Second: Ratio",
        "n (Second): Count",
    ]
    assert (store.noted, store.noted_rows) == ([("export", "by_team")], [2])


def test_the_cap_of_the_role_holds_and_is_stated(store: FakeStore) -> None:
    role = roles()["executive"].model_copy(update={"export_rows": 3})
    store.reader = store.reader.model_copy(update={"role": role})
    frame = pl.DataFrame({"a": range(5)})
    box = offered(store, Exported(lambda: Content(frame, total=1_234_567)), "everything")
    sheets = fastexcel.read_excel(box.files["by_team_2026-09-30.xlsx"]())
    assert sheets.load_sheet(0).to_polars().height == 3
    facts = dict(sheets.load_sheet(1, header_row=None).to_polars().rows())
    assert facts["Rows"] == "first 3 of 1,234,567 rows"
    assert "Period" not in facts
    assert (store.noted, store.noted_rows) == ([("export", "by_team")], [3])
    assert "At most 3 rows" in box.captions[0]


@pytest.mark.parametrize(
    ("covers", "printed"),
    [("period", {"Period", "Site"}), ("now", {"Site"}), ("everything", set())],
)
def test_a_file_says_what_its_rows_were_chosen_by(
    store: FakeStore, covers: Covers, printed: set[str]
) -> None:
    box = offered(store, sla(store), covers, site=["demo:site_1"])
    text = box.files["by_team_2026-09-30.csv"]().decode("utf-8-sig")
    assert {"Period", "Site"} & set(re.findall("^(Period|Site): ", text, re.M)) == printed


def test_what_is_open_now_is_of_no_period(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The modules of the page that ask for what is open, whenever it began."""
    covered = {}
    monkeypatch.setattr(
        dashboards.charts.base,
        "export_control",
        lambda view, place, exported: covered.update({place.key: place.covers}),
    )
    open_page("tickets", lang="en", tab="sla")
    now = {key for key, covers in covered.items() if covers == "now"}
    assert now == {"by_team_sla_at_risk_count", "heat_sla_metric_used_band_sla_running_count"}
    assert "period" in covered.values()


def test_images_print_the_same_facts(store: FakeStore) -> None:
    box = offered(store, sla(store), site=["demo:site_1"])
    image = box.files["by_team_2026-09-30.svg"]().decode().replace("&nbsp;", " ")
    for text in ("=SLA by team", "Site: Site 1", "Snapshot: fake-1", "2026-10-01 00:00"):
        assert text in image
    assert box.files["by_team_2026-09-30.png"]().startswith(b"\x89PNG")
    assert store.noted == [("export", "by_team")] * 2


def test_without_a_font_no_image_is_offered(
    store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "can_draw_chinese", lambda: False)
    box = offered(store, sla(store))
    assert [name.rsplit(".")[-1] for name in box.files] == ["csv", "xlsx"]
    assert "no font" in box.captions[1]


def test_a_workbook_of_a_chart_has_its_native_chart(store: FakeStore) -> None:
    content = offered(store, sla(store)).files["by_team_2026-09-30.xlsx"]()
    assert b"xl/charts/chart1.xml" in BytesIO(content).getvalue()


def test_each_chart_of_a_page_offers_its_files(open_page: OpenPage) -> None:
    app = open_page("tickets")
    assert not app.exception
    charts = {str(t.key).removeprefix("table_") for t in app.toggle if "table_" in str(t.key)}
    buttons = " ".join(button.proto.id for button in app.get("download_button"))
    assert len(charts) > 3
    for kind in ("csv", "xlsx"):
        assert [key for key in charts if f"export_{kind}_{key}" not in buttons] == []
    assert "export_svg_trend_" in buttons


@pytest.mark.parametrize(
    ("path", "tab", "keys", "kinds"),
    [
        ("overview", "", ("matrix", "movers"), ("csv", "xlsx")),
        (
            "data",
            "",
            ("lateness", "affected", "rules", "refused", "quarantine", "suites", "unmet_checks"),
            ("csv", "xlsx"),
        ),
        ("satisfaction", "servqual", ("items",), ("csv", "xlsx")),
        ("tickets", "sla", ("at_risk",), ("csv", "xlsx")),
        ("access", "", ("access",), ("csv", "xlsx")),
        ("dictionary", "", ("dictionary",), ("csv", "xlsx")),
        ("tickets", "flow", ("paths",), ("csv", "xlsx", "png", "svg")),
        ("calls", "service", ("funnel",), ("csv", "xlsx", "png", "svg")),
    ],
)
def test_tables_and_flows_offer_their_files(
    open_page: OpenPage, path: str, tab: str, keys: Sequence[str], kinds: Sequence[str]
) -> None:
    app = open_page(path, **({"tab": tab} if tab else {}))
    assert not app.error
    offers = {button.proto.id.rsplit("-", 1)[-1] for button in app.get("download_button")}
    assert {f"export_{kind}_{key}" for kind in kinds for key in keys} <= offers


@pytest.fixture
def csv_of(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[list[str]]]:
    """Opens a page and makes its CSV file of that key: the records."""
    made: dict[str, Callable[[], bytes]] = {}

    def keep(_box: object, _view: View, place: Any, kind: str, make: Callable[[], bytes]) -> None:
        if kind == "csv":
            made[place.key] = make

    def make(path: str, key: str, searched: str = "", **params: str) -> list[list[str]]:
        app = open_page(path, lang="en", **params)
        if searched:
            app.text_input(key="search").set_value(searched).run()
        assert not app.error
        return list(csv.reader(StringIO(made[key]().decode("utf-8-sig"))))

    monkeypatch.setattr(exports, "_button", keep)
    return make


def test_the_file_of_targets_at_risk_has_those_with_the_least_time_left_first(
    store: FakeStore, csv_of: Callable[..., list[list[str]]]
) -> None:
    role = roles()["manager"].model_copy(update={"export_rows": 1})
    store.reader = store.reader.model_copy(update={"role": role})
    head, first, _, *facts = csv_of("tickets", "at_risk", tab="sla", team="demo:team_1")
    assert (head, first) == (["Team", "Remaining"], ["–", "10 min"])
    told = [fact[0] for fact in facts]
    assert "Team: Team 1" in told
    assert "Rows: first 1 of 2 rows" in told
    assert [fact for fact in told if fact.startswith("Period")] == [], "it is of now"
    assert store.noted[-1] == ("export", "at_risk")
    assert store.noted_rows[-1] == 1


def test_the_file_of_the_access_log_says_how_much_more_there_is(
    store: FakeStore, csv_of: Callable[..., list[list[str]]]
) -> None:
    store.accesses_count = 2_000
    head, first, _, *facts = csv_of("access", "access")
    assert (head[:2], first[0]) == (["Time", "Reader"], "2026-10-01 08:00")
    assert [f[0] for f in facts if f[0].startswith("Rows")] == ["Rows: first 1 of 2,000 rows"]
    assert store.noted[-1] == ("export", "access")


def test_the_file_of_the_dictionary_says_what_was_searched(
    store: FakeStore, csv_of: Callable[..., list[list[str]]]
) -> None:
    head, *rows = csv_of("dictionary", "dictionary")
    assert head[:2] == ["Name", "Code"]
    assert not any(rows[len(store.metrics)]), "a row for each KPI, then the facts"
    searched = [row[0] for row in csv_of("dictionary", "dictionary", searched="csat_top2_ratio")]
    assert f"{EN('dictionary.search')}: csat_top2_ratio" in searched
    assert "Rows: all 1 rows" in searched
    assert store.noted[-1] == ("export", "dictionary")


def matrix_file(store: FakeStore, monkeypatch: pytest.MonkeyPatch, **filters: str) -> Box:
    """The files that the matrix of two KPIs by team offers."""
    for name in ("table", "caption"):
        monkeypatch.setattr(st, name, lambda *_, **__: None)
    view = View(cast(ScopedStore, store), replace(Filters(language="en"), **filters))  # type: ignore[arg-type]
    box = Box()
    place = SimpleNamespace(
        corner=SimpleNamespace(place=box, title="KPIs by team"), key="matrix", covers="period"
    )
    matrix(view, ("tickets_opened_count", "sla_met_ratio"), "team", cast(Any, place))
    return box


def test_the_matrix_is_written_as_numbers(
    store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = matrix_file(store, monkeypatch)
    text = box.files["matrix_2026-09-30.csv"]().decode("utf-8-sig")
    head, first, second, _, *facts = csv.reader(StringIO(text))
    opened, sla = (store.metrics[n].label for n in ("tickets_opened_count", "sla_met_ratio"))
    assert head == [
        "Team",
        opened,
        f"judgement ({opened})",
        sla,
        f"n ({sla})",
        f"judgement ({sla})",
    ]
    assert [first[0], second[0]] == ["Team 1", "Team 2"]
    assert {first[2], second[2]} == {"changed"}, "more tickets are neither good nor bad"
    assert {first[5], second[5]} <= {"better", "worse", "same"}
    assert first[1].isdigit()
    assert 0 < float(first[3]) < 1
    assert first[4] == "120"
    told = [fact[0] for fact in facts]
    assert "Comparison: 2026-08-03 – 2026-08-30" in told
    assert "Period: 2026-08-31 – 2026-09-27" in told
    assert "Snapshot: fake-1" in told
    assert f"{sla}: Ratio" in told
    assert store.noted == [("export", "matrix")]


def test_a_matrix_that_is_not_compared_says_nothing_of_it(
    store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = matrix_file(store, monkeypatch, comparison="none").files["matrix_2026-09-30.csv"]()
    assert b"Comparison" not in text
    assert b"judgement" not in text


def test_a_chart_of_a_dark_page_has_dark_text_on_paper(store: FakeStore) -> None:
    frame = pl.DataFrame({"place": ["Team 1"], "value": [0.5]})
    ink = mark("text", color=exports.SCREEN_INK)
    drawing = of_rows(frame, mark=ink, encoding={"text": nominal("place")})
    image = offered(store, Exported(lambda: Content(frame), drawing)).files
    drawn = image["by_team_2026-09-30.svg"]().decode()
    assert exports.SCREEN_INK.casefold() not in drawn.casefold()
    assert exports.PAPER_INK.casefold() in drawn.casefold()
