"""Tickets & SLA: flow, speed, promises kept, quality of solutions, and where they differ."""

import streamlit as st

from dashboards.cards import cards
from dashboards.charts import Flow, Switch, sankey
from dashboards.data import View, fetch
from dashboards.frame import current_view
from dashboards.modules import guarded, module
from dashboards.parts import (
    heat_module,
    members_module,
    pareto_module,
    section,
    trend_module,
)
from dashboards.periods import EVER
from dashboards.risks import risks_module

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
OPENED, OPEN = "tickets_opened_count", "tickets_open_count"
FLOW = ("tickets_opened_count", "tickets_resolved_count", "tickets_backlog_count")
FIRST_REPLY = ("first_reply_business_p50", "first_reply_business_p90")
RESOLUTION = ("resolution_business_p50", "resolution_business_p90")
SLA = ("sla_first_reply_met_ratio", "sla_resolution_met_ratio")
BREACHED, RUNNING, AT_RISK = "sla_breached_count", "sla_running_count", ("sla_at_risk_count",)
SOLVED_WELL = ("tickets_reopened_ratio", "first_contact_resolution_ratio")
HANDED_ON = ("tickets_reassigned_ratio", "tickets_returned_ratio", "tickets_escalated_ratio")
SOLVED_SOON = ("tickets_same_day_ratio", "tickets_one_touch_ratio")
SECTIONS = ("flow", "speed", "sla", "quality")


def show(view: View) -> None:
    """The page: cards, then the part that the reader opened."""
    with guarded(view):
        cards(view, CARDS, columns=4)
    chosen = section(view, SECTIONS)
    with st.grid(2, min_column_width=400, gap="small"):
        {"flow": _flow, "speed": _speed, "sla": _sla, "quality": _quality}[chosen](view)
    if chosen == "sla":
        risks_module(view)


def _flow(view: View) -> None:
    texts = view.texts
    trend_module(view, texts("tickets.flow"), FLOW)
    heat_module(
        view, texts("tickets.age"), OPEN, ("age_bucket", "priority"), is_open_now=True,
        note=texts("tickets.open_now"),
    )  # fmt: skip
    _paths(view)
    heat_module(
        view, texts("tickets.arrivals"), OPENED, ("created_weekday", "created_hour"),
        is_labelled=False,
    )  # fmt: skip
    members_module(view, texts("tickets.by_service"), FLOW[:1], "service")
    members_module(view, texts("tickets.by_channel"), FLOW[:1], "channel")


def _paths(view: View) -> None:
    """Tickets of the period: channel → type → state they are in now."""
    texts = view.texts
    with module(view, texts("tickets.paths"), texts("tickets.paths_note")) as corner:
        flows = [
            Flow(
                layer,
                view.member(first, point.members[0]),
                view.member(then, point.members[1]),
                point.figure.value,
            )
            for layer, (first, then) in enumerate(
                (("channel", "ticket_type"), ("ticket_type", "status"))
            )
            for point in fetch(view, [OPENED], by=[first, then]).get(OPENED, [])
            if point.figure.value
        ]
        words = texts("tickets.paths_words") if flows else ""
        sankey(view, flows, Switch(corner, "paths"), words)


def _speed(view: View) -> None:
    texts = view.texts
    trend_module(view, texts("tickets.first_reply"), FIRST_REPLY)
    trend_module(view, texts("tickets.resolution"), RESOLUTION)
    members_module(view, texts("tickets.first_reply_by_priority"), FIRST_REPLY, "priority")
    members_module(view, texts("tickets.resolution_by_priority"), RESOLUTION, "priority")


def _sla(view: View) -> None:
    texts = view.texts
    trend_module(view, texts("tickets.sla"), SLA)
    pareto_module(
        view, texts("tickets.breaches"), BREACHED, ("service", "team", "sla_metric", "channel")
    )
    heat_module(
        view, texts("tickets.running"), RUNNING, ("sla_metric", "used_band"), "trouble",
        is_open_now=True, note=texts("tickets.running_note"),
    )  # fmt: skip
    members_module(view, texts("tickets.at_risk_by_team"), AT_RISK, "team", EVER)
    members_module(view, texts("tickets.sla_by_priority"), SLA, "priority")
    members_module(view, texts("tickets.sla_by_tier"), SLA, "customer_tier")
    members_module(view, texts("tickets.sla_by_team"), SLA[1:], "team")


def _quality(view: View) -> None:
    texts = view.texts
    trend_module(view, texts("tickets.quality"), SOLVED_WELL)
    trend_module(view, texts("tickets.handed_on"), HANDED_ON)
    trend_module(view, texts("tickets.solved_soon"), SOLVED_SOON)
    members_module(view, texts("tickets.reopened_by_team"), SOLVED_WELL[:1], "team")
    members_module(view, texts("tickets.fcr_by_channel"), SOLVED_WELL[1:], "channel")


show(current_view())
