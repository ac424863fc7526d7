"""Columns of marts as a reader sees them: which are shown, what they are called, how they read.

Keys of people are left out; a member is shown by its name.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from dashboards.data import View
from dashboards.status import local_time
from dashboards.units import MISSING, format_value

# Column → the dimension that names its members, or how its values are written.
FIELDS: dict[str, str] = {
    "ticket_id": "text",
    "call_id": "text",
    "response_id": "text",
    "row_day": "text",
    "metric": "sla_metric",
    "state": "sla_state",
    "ticket_type": "ticket_type",
    "outcome": "outcome",
    "status": "status",
    "stage": "stage",
    "survey_key": "survey",
    "measure": "measure",
    "dimension": "dimension",
    "question_id": "question",
    "answer_option": "text",
    "score": "score",
    "touchpoint": "touchpoint",
    "site_key": "site",
    "service_key": "service",
    "team_key": "team",
    "line_key": "line",
    "queue_key": "queue",
    "channel": "channel",
    "priority": "priority",
    "customer_tier": "customer_tier",
    "cause": "cause",
    "half_hour": "text",
    "started_at": "time",
    "created_at": "time",
    "first_replied_at": "time",
    "first_resolved_at": "time",
    "resolved_at": "time",
    "responded_at": "time",
    "due_at": "time",
    "agent_reply_count": "count",
    "reopen_count": "count",
    "team_reassignment_count": "count",
    "wait_seconds": "seconds",
    "talk_seconds": "seconds",
    "hold_seconds": "seconds",
    "wrap_seconds": "seconds",
    "target_seconds": "seconds",
    "elapsed_seconds": "seconds",
    "remaining_seconds": "seconds",
}


def field_text(view: View, column: str, value: Any) -> str:
    """One value in words."""
    if value is None:
        return MISSING
    form = FIELDS[column]
    if form == "text":
        return str(value)
    if form == "time":
        return local_time(view, value)
    if form in ("seconds", "count", "score"):
        return format_value(float(value), form, view.texts)
    return view.member(form, str(value))


def fields_table(view: View, frame: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """Those of the columns that the frame has, named and written for the reader."""
    shown = [name for name in names if name in frame.columns]
    return pl.DataFrame([_written(view, frame[name]) for name in shown])


def _written(view: View, values: pl.Series) -> pl.Series:
    """A column in words; each value is written once, however often it occurs."""
    told = view.texts(f"column.{values.name}")
    if FIELDS[values.name] == "time":
        local = values.dt.replace_time_zone("UTC").dt.convert_time_zone(view.store.timezone)
        return local.dt.strftime("%Y-%m-%d %H:%M").fill_null(MISSING).alias(told)
    known = values.unique().to_list()
    words = [field_text(view, values.name, value) for value in known]
    return values.replace_strict(known, words, return_dtype=pl.String).alias(told)


def facts_table(view: View, facts: Mapping[str, Any], names: Iterable[str]) -> pl.DataFrame:
    """Facts of one record down the page: what, and its value; facts it lacks are left out."""
    known = [name for name in names if facts.get(name) is not None]
    return pl.DataFrame(
        {
            "field": [view.texts(f"column.{name}") for name in known],
            "value": [field_text(view, name, facts[name]) for name in known],
        },
        schema={"field": pl.String, "value": pl.String},
    )
