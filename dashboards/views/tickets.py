"""Tickets & SLA: flow, speed, promises kept, quality of solutions, and where they differ."""

import streamlit as st

from dashboards.cards import cards
from dashboards.data import View
from dashboards.frame import current_view
from dashboards.modules import guarded
from dashboards.parts import members_module, trend_module

CARDS = (
    "tickets_opened_count",
    "tickets_resolved_count",
    "tickets_backlog_count",
    "first_reply_business_p50",
    "first_reply_business_p90",
    "resolution_business_p50",
    "resolution_business_p90",
    "sla_met_ratio",
    "sla_first_reply_met_ratio",
    "sla_resolution_met_ratio",
    "tickets_reopened_ratio",
    "first_contact_resolution_ratio",
)
FLOW = ("tickets_opened_count", "tickets_resolved_count")
BACKLOG = ("tickets_backlog_count",)
FIRST_REPLY = ("first_reply_business_p50", "first_reply_business_p90")
RESOLUTION = ("resolution_business_p50", "resolution_business_p90")
SLA = ("sla_first_reply_met_ratio", "sla_resolution_met_ratio")
QUALITY = ("tickets_reopened_ratio", "first_contact_resolution_ratio")


def show(view: View) -> None:
    """The page."""
    texts = view.texts
    with guarded(view):
        cards(view, CARDS, columns=4)
    with st.grid(2, min_column_width=400, gap="small"):
        trend_module(view, texts("tickets.flow"), FLOW)
        trend_module(view, texts("tickets.backlog"), BACKLOG)
        trend_module(view, texts("tickets.first_reply"), FIRST_REPLY)
        trend_module(view, texts("tickets.resolution"), RESOLUTION)
        trend_module(view, texts("tickets.sla"), SLA)
        trend_module(view, texts("tickets.quality"), QUALITY)
        members_module(view, texts("tickets.sla_by_priority"), SLA, "priority")
        members_module(view, texts("tickets.sla_by_tier"), SLA, "customer_tier")
        members_module(view, texts("tickets.sla_by_team"), SLA[1:], "team")
        members_module(view, texts("tickets.by_service"), FLOW[:1], "service")


show(current_view())
