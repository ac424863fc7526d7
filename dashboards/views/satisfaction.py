"""Satisfaction: what customers said, with how many said it; small samples are withheld."""

from collections.abc import Callable

import polars as pl
import streamlit as st

from dashboards.cards import cards
from dashboards.charts import Switch, bars, dumbbell, quadrant_plot, shares
from dashboards.data import Point, View, fetch
from dashboards.exports import Content, Exported, export_control
from dashboards.frame import current_view
from dashboards.modules import guarded, module
from dashboards.parts import (
    heat_module,
    member_rows,
    members_module,
    pareto_module,
    pick,
    section,
    trend_module,
)
from dashboards.rows import Row, largest_first, rows_by_member
from dashboards.units import format_value
from pipelines.metrics.importance import Quadrants, quadrants

CARDS = (
    "survey_response_ratio",
    "survey_responses_count",
    "csat_top2_ratio",
    "csat_mean",
    "nps",
    "ces_mean",
    "stars_mean",
    "fcr_survey_ratio",
    "servqual_gap",
)
CSAT, NPS, CES, RESPONSE = (
    ("csat_top2_ratio",),
    ("nps",),
    ("ces_top3_ratio",),
    ("survey_response_ratio",),
)
EXPECTATION, PERCEPTION = "servqual_expectation_mean", "servqual_perception_mean"
GAP, ITEM_GAP = "servqual_dimension_gap", "servqual_item_gap"
IMPORTANCE, PERFORMANCE = "item_importance_mean", "item_performance_mean"
OUTCOMES = ("delighted_ratio", "satisfied_ratio", "disappointed_ratio")
RATINGS = ("stars_good_ratio", "stars_neutral_ratio", "stars_bad_ratio")
ANSWER_SHARE, STARS = "survey_answer_share_ratio", ("stars_mean",)
THEMES, COMPLAINTS = "survey_comment_themes_count", "complaints_count"
GOOD_TO_BAD = ("#0072B2", "#B9C2CB", "#D55E00")
SECTIONS = ("scores", "servqual", "voices", "places")
MEASURES = ("nps", "csat", "ces")
_MOST_TAGS = 12


def show(view: View) -> None:
    """The page: cards, then the part that the reader opened."""
    with guarded(view):
        cards(view, CARDS, columns=3)
    chosen = section(view, SECTIONS)
    parts: dict[str, Callable[[View], None]] = {
        "scores": _scores,
        "servqual": _servqual,
        "voices": _voices,
        "places": _places,
    }
    with st.grid(2, min_column_width=400, gap="small"):
        parts[chosen](view)


def _scores(view: View) -> None:
    texts = view.texts
    note = texts("satisfaction.band")
    trend_module(view, texts("satisfaction.csat"), CSAT, note)
    trend_module(view, texts("satisfaction.nps"), NPS, note)
    trend_module(view, texts("satisfaction.ces"), CES, note)
    trend_module(view, texts("satisfaction.response"), RESPONSE, note)
    with module(view, texts("satisfaction.answers"), texts("satisfaction.answers_note")) as corner:
        points = fetch(view, [ANSWER_SHARE], by=["measure", "answer"]).get(ANSWER_SHARE, [])
        asked = pick(view, "answers", {m: view.member("measure", m) for m in MEASURES})
        own = sorted(
            (p for p in points if p.members[0] == asked), key=lambda p: p.members[1].zfill(2)
        )
        rows = _answer_rows(view, own, view.member("measure", asked))
        bars(view, rows, "ratio", Switch(corner, f"answers_{asked}"))


def _answer_rows(view: View, points: list[Point], series: str) -> list[Row]:
    turned = [Point(None, point.members[1:], point.figure) for point in points]
    return rows_by_member(view, turned, "answer", series)


def _servqual(view: View) -> None:
    texts = view.texts
    _dumbbell(view)
    heat_module(
        view, texts("satisfaction.gap_by_site"), GAP, ("dimension", "site"), "balance",
        note=texts("satisfaction.gap_by_site_note"),
    )  # fmt: skip
    _importance(view)
    _outcomes(view)
    _items(view)


def _dumbbell(view: View) -> None:
    """Expectation and perception per dimension, the gap in words."""
    texts = view.texts
    with module(
        view, texts("satisfaction.servqual"), texts("satisfaction.servqual_note")
    ) as corner:
        found = fetch(view, (EXPECTATION, PERCEPTION, GAP), by=["dimension"])
        gaps = rows_by_member(view, found.pop(GAP, []), "dimension", "")
        rows = member_rows(view, found, "dimension")
        words = texts("list.separator").join(
            texts("satisfaction.gap", dimension=row.place, gap=row.text) for row in gaps
        )
        dumbbell(
            view, rows, "score", Switch(corner, "servqual"), texts("satisfaction.gaps", gaps=words)
        )


def _importance(view: View) -> None:
    """Items by importance and performance; what is important and weak comes first."""
    texts = view.texts
    with module(
        view, texts("satisfaction.quadrants"), texts("satisfaction.quadrants_note")
    ) as corner:
        items = _items_of(view)
        if items.is_empty():
            st.info(texts("state.empty"))
            return
        surveys = items["survey"].unique(maintain_order=True).to_list()
        survey = pick(view, "ipa", {s: view.member("survey", s) for s in surveys})
        found = quadrants(items.filter(pl.col("survey") == survey))
        if found is None:
            st.info(texts("state.withheld"))
            return
        rows = _quadrant_rows(view, found)
        first = [
            str(r.place) for r in rows if r.series == view.member("quadrant", "concentrate_here")
        ]
        words = texts("satisfaction.concentrate", items=texts("list.separator").join(first) or "–")
        quadrant_plot(view, found, rows, Switch(corner, "quadrants"), words)


def _items_of(view: View) -> pl.DataFrame:
    found = fetch(view, (IMPORTANCE, PERFORMANCE), by=["survey", "question"])
    columns = ["survey", "item", "value"]
    sides = [
        pl.DataFrame(
            [(*point.members, point.figure.value) for point in found.get(name, [])],
            schema=dict(zip(columns, (pl.String, pl.String, pl.Float64), strict=True)),
            orient="row",
        ).rename({"value": side})
        for name, side in ((IMPORTANCE, "importance"), (PERFORMANCE, "performance"))
    ]
    return sides[0].join(sides[1], on=["survey", "item"], maintain_order="left")


def _quadrant_rows(view: View, found: Quadrants) -> list[Row]:
    return [
        Row(
            place=view.member("question", item["item"]),
            series=view.member("quadrant", item["quadrant"]),
            value=item["importance"],
            text=view.texts(
                "satisfaction.item",
                importance=format_value(item["importance"], "score", view.texts),
                performance=format_value(item["performance"], "score", view.texts),
            ),
            n="",
            low=item["performance"],
        )
        for item in found.items.to_dicts()
    ]


def _outcomes(view: View) -> None:
    """Answers above, at and below what was expected, by dimension; together they are all."""
    texts = view.texts
    with module(
        view, texts("satisfaction.expected"), texts("satisfaction.expected_note")
    ) as corner:
        rows = member_rows(view, fetch(view, OUTCOMES, by=["dimension"]), "dimension")
        shares(view, rows, Switch(corner, "outcomes"), GOOD_TO_BAD)


def _items(view: View) -> None:
    """Every item: importance, performance, gap."""
    texts = view.texts
    names = (IMPORTANCE, PERFORMANCE, ITEM_GAP)
    with module(view, texts("satisfaction.items")) as corner:
        found = fetch(view, names, by=["question"])
        cells = {n: {p.members[0]: p.figure.value for p in found.get(n, [])} for n in names}
        items = sorted(set().union(*cells.values()))
        if not items:
            st.info(texts("state.empty"))
            return
        questions = {texts("dimension.question"): [view.member("question", item) for item in items]}
        numbers = {view.name(view.metric(n)): [cells[n].get(item) for item in items] for n in names}
        told = {
            title: [format_value(value, "score", texts) for value in values]
            for title, values in numbers.items()
        }
        listed = pl.DataFrame(questions | numbers, strict=False)
        content = Content(listed, dict.fromkeys(numbers, "score"))
        export_control(view, Switch(corner, "items"), Exported(lambda: content))
        st.dataframe(pl.DataFrame(questions | told), hide_index=True, height=330)


def _voices(view: View) -> None:
    texts = view.texts
    trend_module(view, texts("satisfaction.stars"), STARS)
    with module(view, texts("satisfaction.ratings")) as corner:
        rows = member_rows(view, fetch(view, RATINGS, by=["service"]), "service")
        shares(view, rows, Switch(corner, "ratings"), GOOD_TO_BAD)
    _tags(view)
    pareto_module(view, texts("satisfaction.themes"), THEMES, ("theme",))
    pareto_module(view, texts("satisfaction.complaints"), COMPLAINTS, ("cause", "service", "team"))


def _tags(view: View) -> None:
    """How often each tag was chosen, of those who could choose tags."""
    texts = view.texts
    with module(view, texts("satisfaction.tags"), texts("satisfaction.tags_note")) as corner:
        points = fetch(view, [ANSWER_SHARE], by=["measure", "answer"]).get(ANSWER_SHARE, [])
        own = [point for point in points if point.members[0] == "tag"]
        rows = largest_first(_answer_rows(view, own, texts("satisfaction.tags")), _MOST_TAGS)
        bars(view, rows, "ratio", Switch(corner, "tags"))


def _places(view: View) -> None:
    texts = view.texts
    members_module(view, texts("satisfaction.by_service"), CSAT, "service")
    members_module(view, texts("satisfaction.by_site"), CSAT, "site")
    members_module(view, texts("satisfaction.by_touchpoint"), CSAT, "touchpoint")
    members_module(view, texts("satisfaction.nps_by_site"), NPS, "site")


show(current_view())
