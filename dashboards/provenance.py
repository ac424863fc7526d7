"""Where figures come from, as tables: lateness, runs, checks, refusals, and the KPIs behind them.

Reshapes the snapshot's audit tables for the Data quality page; draws nothing.
"""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from dashboards.data import View
from dashboards.i18n import Texts
from dashboards.rows import Row
from dashboards.status import local_time
from dashboards.units import MISSING, format_duration, format_value

_MOST_RUNS = 15
_FAMILIES = {
    "ticket": "tickets",
    "ticket_event": "tickets",
    "call": "calls",
    "agent_state": "calls",
    "survey_response": "satisfaction",
    "survey_answer": "satisfaction",
    "survey_invitation": "satisfaction",
}
_SERIOUS = ("error", "warn")


def named(view: View, frame: pl.DataFrame) -> pl.DataFrame:
    """Source and entity by their names."""
    texts = view.texts
    return frame.with_columns(
        pl.col("source").map_elements(lambda s: view.member("source", s), pl.String),
        pl.col("entity").map_elements(lambda e: texts(f"entity.{e}"), pl.String),
    )


def timed(view: View, frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Instants as local text; missing stays missing."""
    return frame.with_columns(
        pl.Series(c, [None if t is None else local_time(view, t) for t in frame[c]], pl.String)
        for c in columns
    )


def sources(view: View) -> pl.DataFrame:
    """What was due of every source, how late it is, and what arrived; the late ones first."""
    arrived = (
        view.store.table("extracts")
        .group_by("source", "entity")
        .agg(pl.col("ingested_at").max().alias("last_ingested"))
    )
    late = (
        view.store.table("lateness")
        .join(arrived, on=["source", "entity"], how="left")
        .sort("late_seconds", "source", "entity", descending=[True, False, False], nulls_last=True)
    )
    told = [_lateness(seconds, view.texts) for seconds in late["late_seconds"]]
    columns = (
        "source", "entity", "late_by", "last_extract_at", "expected_at", "last_ingested",
        "last_event", "missing_days_count", "files_loaded", "files_refused", "rows_read",
        "rows_quarantined", "warnings_count",
    )  # fmt: skip
    renamed = late.with_columns(pl.Series("late_by", told, pl.String)).rename(
        {"last_event_at": "last_event"}
    )
    instants = ("last_extract_at", "expected_at", "last_ingested", "last_event")
    return named(view, timed(view, renamed, *instants)).select(columns)


def _lateness(seconds: int | None, texts: Texts) -> str:
    if seconds is None:
        return texts("data.no_promise")
    return format_duration(seconds, texts) if seconds else texts("data.in_time")


def affected(view: View) -> pl.DataFrame:
    """Sources that are late or had files refused, and the KPIs that rest on them."""
    texts = view.texts
    troubled = view.store.table("lateness").filter(
        pl.col("is_late") | (pl.col("files_refused") > 0)
    )
    rows = []
    for row in troubled.sort("source", "entity").to_dicts():
        family = _FAMILIES[row["entity"]]
        kpis = [view.name(m) for m in view.store.metrics.values() if m.family == family]
        rows.append(
            {
                "source": row["source"],
                "entity": row["entity"],
                "late_by": _lateness(row["late_seconds"], texts),
                "files_refused": row["files_refused"],
                "family": texts(f"family.{family}"),
                "kpis": len(kpis),
                "names": texts("list.separator").join(kpis),
            }
        )
    return named(view, pl.DataFrame(rows)) if rows else pl.DataFrame()


def runs(view: View) -> list[Row]:
    """The newest runs and how long they took; one that has not ended has no length.

    The run that made this snapshot ended with its publishing, after it had written its own log.
    """
    texts, snapshot = view.texts, view.store.snapshot
    found = []
    for run in view.store.table("runs").head(_MOST_RUNS).to_dicts():
        is_own = run["run_id"] == snapshot.run_id
        ended = snapshot.published_at if is_own else _instant(run["ended_at"])
        status = "published" if is_own else str(run["status"]).replace(" ", "_")
        started = _instant(run["started_at"])
        length = None if started is None or ended is None else (ended - started).total_seconds()
        state = texts(f"run.{status}")
        found.append(
            Row(
                place=MISSING if started is None else local_time(view, started),
                series=texts("data.runs"),
                value=length,
                text=f"{state} · {format_value(length, 'seconds', texts)}",
                n="",
            )
        )
    return found


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def unmet_rules(view: View) -> pl.DataFrame:
    """Unmet rules on whole extracts, the newest first: expected against found."""
    texts = view.texts
    unmet = (
        view.store.table("verdicts")
        .filter(~pl.col("is_met"))
        .sort("extracted_at", "source", "entity", "rule", descending=[True, False, False, False])
    )
    numbers = {
        side: pl.Series(
            side,
            [
                format_value(value, _unit(rule), texts)
                for rule, value in unmet.select("rule", side).iter_rows()
            ],
            pl.String,
        )
        for side in ("found", "low", "high")
    }
    shown = named(view, timed(view, unmet.with_columns(**numbers), "extracted_at"))
    return shown.with_columns(
        pl.col("rule").map_elements(lambda rule: texts(f"rule.{rule}"), pl.String),
        pl.col("severity").map_elements(lambda s: texts(f"severity.{s}"), pl.String),
    ).select(
        "extracted_at", "source", "entity", "rule", "column_name", "severity", "found", "low",
        "high", "file",
    )  # fmt: skip


def _unit(rule: str) -> str:
    if rule in ("event_age", "extract_gap"):
        return "seconds"
    return "ratio" if rule.endswith("_ratio") or rule in ("null_rise", "drift") else "count"


def check_history(view: View) -> list[Row]:
    """Rules of extracts that were not met, by day of the extract and severity.

    A day whose extracts met every rule is zero; a day without extracts has no row.
    """
    days = (
        view.store.table("verdicts")
        .group_by(pl.col("extracted_at").dt.date().alias("day"))
        .agg(
            (~pl.col("is_met") & (pl.col("severity") == severity)).sum().alias(severity)
            for severity in _SERIOUS
        )
        .sort("day")
    )
    return [
        Row(row["day"], view.texts(f"severity.{s}"), row[s], f"{row[s]:,}", "")
        for s in _SERIOUS
        for row in days.to_dicts()
    ]


def refused(view: View) -> pl.DataFrame:
    """Files that were refused and why, the newest first."""
    found = view.store.table("extracts").filter(pl.col("outcome") == "refused")
    columns = ("ingested_at", "source", "entity", "file", "reason", "message")
    newest = found.sort("ingested_at", descending=True).select(columns)
    return named(view, timed(view, newest, "ingested_at"))


def reasons(view: View) -> pl.DataFrame:
    """Quarantined rows by reason, the most first."""
    counted = (
        view.store.table("quarantine")
        .group_by("source", "entity", "reason")
        .agg(pl.col("row_count").sum())
        .sort("row_count", "source", "reason", descending=[True, False, False])
    )
    return named(view, counted)


def suites(view: View) -> pl.DataFrame:
    """Checks of this snapshot by layer and table, those with unmet ones first."""
    unmet = ~pl.col("is_met")
    layer = pl.when(pl.col("suite").str.contains(".", literal=True))
    return (
        view.store.table("expectations")
        .with_columns(layer.then(pl.lit("extracts")).otherwise(pl.lit("marts")).alias("layer"))
        .group_by("layer", "suite")
        .agg(
            pl.len().alias("checks"),
            (unmet & (pl.col("severity") == "error")).sum().alias("unmet_errors"),
            (unmet & (pl.col("severity") != "error")).sum().alias("unmet_warnings"),
        )
        .sort(
            "unmet_errors",
            "unmet_warnings",
            "layer",
            "suite",
            descending=[True, True, False, False],
        )
        .with_columns(
            pl.col("layer").map_elements(lambda name: view.texts(f"layer.{name}"), pl.String)
        )
    )


def expectations(view: View, only_unmet: bool) -> pl.DataFrame:
    """Every check of this snapshot, or those that were not met."""
    found = view.store.table("expectations").sort("is_met", "suite", "expectation")
    if only_unmet:
        found = found.filter(~pl.col("is_met"))
    return found.select(
        "suite",
        "expectation",
        "column_name",
        pl.col("severity").map_elements(lambda s: view.texts(f"severity.{s}"), pl.String),
        pl.col("is_met").map_elements(
            lambda met: view.texts("check.met" if met else "check.unmet"), pl.String
        ),
        "observed",
        "unexpected_count",
        "element_count",
    )


def deliveries(view: View) -> pl.DataFrame:
    """Days of every source, with the name of source and entity as one."""
    name = pl.format(f"{{}}{view.texts('data.of')}{{}}", "source", "entity")
    return named(view, view.store.table("deliveries")).with_columns(name.alias("name"))


def rows_per_day(view: View, days: pl.DataFrame, column: str) -> Sequence[Row]:
    """A count of one source's days."""
    return [
        Row(day, view.texts(f"column.{column}"), count, f"{count:,}", "")
        for day, count in days.select("day", column).iter_rows()
    ]
