"""Satisfaction: what customers said, with how many said it; small samples are withheld."""

import streamlit as st

from dashboards.cards import cards
from dashboards.charts import Switch, dumbbell
from dashboards.data import View, fetch
from dashboards.frame import current_view
from dashboards.modules import guarded, module
from dashboards.parts import members_module, trend_module
from dashboards.rows import rows_by_member

CARDS = (
    "survey_responses_count",
    "survey_response_ratio",
    "csat_top2_ratio",
    "csat_mean",
    "nps",
    "ces_mean",
    "stars_mean",
    "fcr_survey_ratio",
    "servqual_gap",
)
CSAT = ("csat_top2_ratio",)
NPS = ("nps",)
EXPECTATION, PERCEPTION, GAP = (
    "servqual_expectation_mean",
    "servqual_perception_mean",
    "servqual_gap",
)


def show(view: View) -> None:
    """The page."""
    texts = view.texts
    with guarded(view):
        cards(view, CARDS, columns=3)
    with st.grid(2, min_column_width=400, gap="small"):
        trend_module(view, texts("satisfaction.csat"), CSAT)
        trend_module(view, texts("satisfaction.nps"), NPS)
        _servqual(view)
        members_module(view, texts("satisfaction.by_service"), CSAT, "service")
        members_module(view, texts("satisfaction.by_site"), CSAT, "site")
        members_module(view, texts("satisfaction.by_touchpoint"), CSAT, "touchpoint")


def _servqual(view: View) -> None:
    """Expectation and perception per dimension, the gap in words."""
    texts = view.texts
    with module(
        view, texts("satisfaction.servqual"), texts("satisfaction.servqual_note")
    ) as corner:
        found = fetch(view, (EXPECTATION, PERCEPTION, GAP), by=["dimension"])
        rows = [
            row
            for name in (EXPECTATION, PERCEPTION)
            for row in rows_by_member(
                view, found[name], "dimension", view.name(view.store.metrics[name])
            )
        ]
        gaps = rows_by_member(view, found[GAP], "dimension", "")
        words = texts("list.separator").join(
            texts("satisfaction.gap", dimension=row.place, gap=row.text) for row in gaps
        )
        dumbbell(
            view, rows, "score", Switch(corner, "servqual"), texts("satisfaction.gaps", gaps=words)
        )


show(current_view())
