"""Calls: how many came, how fast they were answered, how many gave up, how long they took."""

import streamlit as st

from dashboards.cards import cards
from dashboards.data import View
from dashboards.frame import current_view
from dashboards.modules import guarded
from dashboards.parts import members_module, trend_module

CARDS = (
    "calls_offered_count",
    "calls_service_level_ratio",
    "calls_service_level_strict_ratio",
    "calls_abandoned_ratio",
    "average_speed_of_answer",
    "average_handle_time",
)
ANSWERED, OCCUPANCY = ("calls_answered_count",), ("agents_occupancy_ratio",)
OFFERED, SERVICE_LEVEL, STRICT, ABANDONED, ANSWER_SPEED, HANDLE_TIME = ((name,) for name in CARDS)


def show(view: View) -> None:
    """The page."""
    texts = view.texts
    with guarded(view):
        cards(view, CARDS, columns=3)
    with st.grid(2, min_column_width=400, gap="small"):
        trend_module(view, texts("calls.offered"), OFFERED)
        trend_module(view, texts("calls.service_level"), SERVICE_LEVEL + STRICT)
        trend_module(view, texts("calls.answer_speed"), ANSWER_SPEED)
        trend_module(view, texts("calls.abandoned"), ABANDONED)
        members_module(view, texts("calls.waits"), ANSWERED, "wait_band")
        members_module(view, texts("calls.by_weekday"), OFFERED, "iso_weekday")
        trend_module(view, texts("calls.occupancy"), OCCUPANCY)
        members_module(view, texts("calls.by_line"), OFFERED, "line")
        members_module(view, texts("calls.by_queue"), SERVICE_LEVEL, "queue")
        members_module(view, texts("calls.by_team"), HANDLE_TIME, "team")
        members_module(view, texts("calls.abandoned_by_queue"), ABANDONED, "queue")


show(current_view())
