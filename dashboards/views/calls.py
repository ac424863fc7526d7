"""Calls: how many came, how fast they were answered, how many gave up, how long they took."""

import streamlit as st

from dashboards.cards import cards, value_text
from dashboards.charts import Switch, day_curve, funnel, parts_over_time
from dashboards.charts.heat import Tone
from dashboards.data import Figure, Point, View, fetch, totals
from dashboards.frame import current_view
from dashboards.modules import guarded, module
from dashboards.parts import (
    extremes,
    heat_module,
    heat_of,
    heat_of_rows,
    in_order,
    members_module,
    period_rows,
    pick,
    section,
    trend_module,
)
from dashboards.rows import Row, rows_by_member
from dashboards.units import MISSING, format_value

CARDS = (
    "calls_offered_count",
    "calls_service_level_ratio",
    "calls_abandoned_ratio",
    "average_speed_of_answer",
    "average_handle_time",
    "calls_repeated_7d_ratio",
)
OFFERED, SERVICE_LEVEL, ABANDONED, ANSWER_SPEED, HANDLE_TIME, REPEATED = CARDS
STRICT, ANSWERED = "calls_service_level_strict_ratio", "calls_answered_count"
ANSWERED_SHARE, WITH_TICKET = "calls_answered_ratio", "calls_with_ticket_ratio"
FIRST_CONTACT = "first_contact_resolution_ratio"
WAITS = ("calls_wait_p50", "calls_wait_p90")
PARTS = ("average_talk_time", "average_hold_time", "average_wrap_time")
OCCUPANCY, COVERAGE = "agents_occupancy_ratio", "staffing_coverage_ratio"
STAFFING = ("staffing_needed_agents_mean", "staffing_staffed_agents_mean")
UNDERSTAFFED = "staffing_understaffed_ratio"
TONES: dict[str, Tone] = {
    OFFERED: "load",
    SERVICE_LEVEL: "load",
    ABANDONED: "trouble",
    COVERAGE: "load",
}
SECTIONS = ("service", "hours", "handling", "staffing")
WEEK, DAY = "iso_weekday", "half_hour"


def show(view: View) -> None:
    """The page: cards, then the part that the reader opened."""
    with guarded(view):
        cards(view, CARDS, columns=3)
    chosen = section(view, SECTIONS)
    parts = {"service": _service, "hours": _hours, "handling": _handling, "staffing": _staffing}
    parts[chosen](view)


def _service(view: View) -> None:
    texts = view.texts
    with st.grid(2, min_column_width=400, gap="small"):
        _funnel(view)
        trend_module(view, texts("calls.service_level"), (SERVICE_LEVEL, STRICT))
        trend_module(view, texts("calls.answer_speed"), (ANSWER_SPEED, *WAITS))
        trend_module(view, texts("calls.abandoned"), (ABANDONED,))
        members_module(view, texts("calls.waits"), (ANSWERED,), "wait_band")
        members_module(view, texts("calls.by_queue"), (SERVICE_LEVEL, ABANDONED), "queue")


def _funnel(view: View) -> None:
    """What came of the calls; each stage says what it counts."""
    texts = view.texts
    with module(view, texts("calls.funnel"), texts("calls.funnel_note")) as corner:
        found = totals(view, (OFFERED, ANSWERED, ANSWERED_SHARE, WITH_TICKET))
        answered, ticket = found[ANSWERED_SHARE], found[WITH_TICKET]
        stages = (
            ("offered", found[OFFERED].value, None),
            ("answered", answered.numerator, answered),
            ("ticket", ticket.numerator, ticket),
            _first_contact(view),
        )
        rows = [
            Row(texts(f"calls.stage_{stage}"), texts("calls.funnel"), count, text, "")
            for stage, count, share in stages
            if count is not None
            for text in [_stage_text(view, count, share)]
        ]
        words = texts("list.separator").join(f"{row.place} {row.text}" for row in rows)
        funnel(view, rows, Switch(corner, "funnel"), words)


def _first_contact(view: View) -> tuple[str, float | None, Figure | None]:
    points = fetch(view, [FIRST_CONTACT], by=["channel"]).get(FIRST_CONTACT, [])
    figure = next((point.figure for point in points if point.members[0] == "phone"), None)
    return "first_contact", figure.numerator if figure else None, figure


def _stage_text(view: View, count: float, share: Figure | None) -> str:
    text = format_value(count, "count", view.texts)
    return f"{text} ({value_text(view, share)})" if share else text


def _hours(view: View) -> None:
    """When calls come and are lost: by weekday and half hour, and by queue on one weekday."""
    texts = view.texts
    with module(view, texts("calls.interval"), texts("calls.interval_note")) as corner:
        names = {name: view.name(view.metric(name)) for name in TONES}
        name = pick(view, "interval", names)
        points = fetch(view, [name], by=[WEEK, DAY]).get(name, [])
        switch = Switch(corner, f"interval_{name}")
        heat_of(view, points, name, (WEEK, DAY), switch, TONES[name], is_labelled=False)
    _queues(view)
    with st.grid(2, min_column_width=400, gap="small"):
        heat_module(view, texts("calls.abandoned_by_queue"), ABANDONED, (WEEK, "queue"), "trouble")
        members_module(view, texts("calls.by_line"), (OFFERED,), "line")


def _queues(view: View) -> None:
    """Which queue loses callers when, on the weekday that the reader chooses."""
    texts = view.texts
    with module(view, texts("calls.lost"), texts("calls.lost_note")) as corner:
        day = _weekday(view, "weekday")
        found = fetch(view, [ABANDONED], by=["queue", DAY, WEEK]).get(ABANDONED, [])
        own = [point for point in found if point.members[2] == day]
        rows = [_counted(view, point, "queue", "calls.lost_cell") for point in own]
        words = extremes(view, rows, texts("calls.lost_callers"))
        switch = Switch(corner, "lost")
        heat_of_rows(
            view, rows, "count", ("queue", DAY), switch, words, "trouble", is_labelled=False
        )


def _counted(view: View, point: Point, down: str, text_key: str) -> Row:
    """How often, not how large a share: half hours have few calls, and periods few Mondays.

    A share of few says little, and its cell would be grey.
    """
    figure = point.figure
    count, of_all = (
        format_value(number, "count", view.texts)
        for number in (figure.numerator, figure.denominator)
    )
    return Row(
        place=view.member(down, point.members[0]),
        series=view.member(DAY, point.members[1]),
        value=figure.numerator,
        text=view.texts(text_key, count=count, all=of_all, rate=value_text(view, figure)),
        n=of_all,
    )


def _weekday(view: View, key: str) -> str:
    """The weekday that the reader chooses, Monday first."""
    days = sorted(member.id for member in view.store.members(WEEK) if member.id.isdigit())
    return pick(view, key, {day: view.member(WEEK, day) for day in days})


def _handling(view: View) -> None:
    texts = view.texts
    with st.grid(2, min_column_width=400, gap="small"):
        with module(view, texts("calls.handling"), texts("calls.handling_note")) as corner:
            rows = period_rows(view, PARTS)
            parts_over_time(view, rows, "seconds", Switch(corner, "handling"))
        trend_module(view, texts("calls.occupancy"), (OCCUPANCY,))
        trend_module(view, texts("calls.repeated"), (REPEATED, "calls_repeated_24h_ratio"))
        members_module(view, texts("calls.by_team"), (HANDLE_TIME,), "team")
        members_module(view, texts("calls.repeated_by_queue"), (REPEATED,), "queue")


def _staffing(view: View) -> None:
    texts = view.texts
    with module(view, texts("calls.staffing"), texts("calls.staffing_note")) as corner:
        found = fetch(view, STAFFING, by=[DAY, WEEK])
        day = _weekday(view, "staffing_day")
        found = {n: [p for p in points if p.members[1] == day] for n, points in found.items()}
        rows = [
            row
            for name in STAFFING
            for row in _whole_day(view, found.get(name, []), view.name(view.metric(name)))
        ]
        day_curve(view, rows, "score", Switch(corner, "staffing"))
    with module(view, texts("calls.understaffed"), texts("calls.staffing_note")) as corner:
        points = fetch(view, [UNDERSTAFFED], by=[WEEK, DAY]).get(UNDERSTAFFED, [])
        rows = [_counted(view, p, WEEK, "calls.understaffed_cell") for p in points]
        words = extremes(view, rows, texts("calls.understaffed"))
        switch = Switch(corner, "understaffed")
        heat_of_rows(view, rows, "count", (WEEK, DAY), switch, words, "trouble", is_labelled=False)


def _whole_day(view: View, points: list[Point], series: str) -> list[Row]:
    """A row for every half hour; those without a figure stay gaps."""
    found = {row.place: row for row in rows_by_member(view, points, DAY, series)}
    return [found.get(hour, Row(hour, series, None, MISSING, "")) for hour in in_order(view, DAY)]


show(current_view())
