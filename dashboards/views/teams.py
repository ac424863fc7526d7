"""Teams: how they differ and by how much chance alone would make them differ; their open work.

No figure of a person is here.
"""

from dataclasses import replace

import polars as pl
import streamlit as st

from dashboards.charts import FunnelPlot, Switch, funnel_plot
from dashboards.data import Point, View, fetch
from dashboards.frame import current_view
from dashboards.modules import guarded, module
from dashboards.parts import heat_module, members_module, pick
from dashboards.periods import EVER
from dashboards.rows import Row
from dashboards.state import read_filters, write_filters
from dashboards.units import format_value
from pipelines.metrics import Metric
from pipelines.metrics.funnel import Funnel, funnel

SHARES = (
    "sla_met_ratio",
    "first_contact_resolution_ratio",
    "tickets_reopened_ratio",
    "tickets_reassigned_ratio",
    "calls_service_level_strict_ratio",
    "csat_top2_ratio",
)
OPENED, OPEN, AGE = "tickets_opened_count", "tickets_open_count", "open_age_calendar_p50"
WORKLOAD = ("tickets_opened_count", "tickets_resolved_count")
STANDINGS = {"within": "#0072B2", "beyond_95": "#E69F00", "beyond_998": "#D55E00"}


def show(view: View) -> None:
    """The page."""
    texts = view.texts
    st.info(texts("teams.notice"))
    with guarded(view):
        _funnel(view)
    with st.grid(2, min_column_width=400, gap="small"):
        members_module(view, texts("teams.workload"), WORKLOAD, "team")
        heat_module(
            view, texts("teams.open"), OPEN, ("team", "age_bucket"), "trouble", is_open_now=True,
            note=texts("tickets.open_now"),
        )  # fmt: skip
        members_module(view, texts("teams.age"), (AGE,), "team", EVER)
        heat_module(view, texts("teams.by_type"), OPENED, ("team", "ticket_type"))


def _funnel(view: View) -> None:
    """One share of the teams against n, within the limits of chance."""
    texts = view.texts
    with module(view, texts("teams.funnel"), texts("teams.funnel_note")) as corner:
        names = {name: view.name(view.metric(name)) for name in SHARES}
        name = pick(view, "funnel", names)
        metric = view.metric(name)
        found = funnel(_members(fetch(_all_teams(view), [name], by=["team"]).get(name, [])))
        if found is None:
            st.info(texts("teams.no_funnel"))
            return
        present = set(found.members["standing"])
        colours = [colour for standing, colour in STANDINGS.items() if standing in present]
        plot = FunnelPlot(found, _rows(view, found), colours, _choose)
        funnel_plot(view, plot, Switch(corner, f"funnel_{name}"), _words(view, found, metric))


def _all_teams(view: View) -> View:
    """The same look without the filter on teams: a funnel of one team says nothing."""
    return replace(view, filters=view.filters.with_members("team", ()))


def _members(points: list[Point]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "member": [p.members[0] for p in points],
            "numerator": [p.figure.numerator for p in points],
            "denominator": [p.figure.denominator for p in points],
        },
        schema_overrides={
            "member": pl.String, "numerator": pl.Float64, "denominator": pl.Float64
        },
    )  # fmt: skip


def _rows(view: View, found: Funnel) -> list[Row]:
    """Rows in the order of the standings, so that each keeps its colour."""
    return [
        Row(
            place=view.member("team", team["member"]),
            series=view.texts(f"standing.{standing}"),
            value=team["value"],
            text=format_value(team["value"], "ratio", view.texts),
            n=f"{team['n']:,}",
            low=team["n"],
            code=team["member"],
        )
        for standing in STANDINGS
        for team in found.members.to_dicts()
        if team["standing"] == standing
    ]


def _words(view: View, found: Funnel, metric: Metric) -> str:
    counts = dict(found.members["standing"].value_counts().iter_rows())
    return view.texts(
        "teams.funnel_words",
        name=view.name(metric),
        overall=format_value(found.overall, "ratio", view.texts),
        total=found.members.height,
        outside=counts.get("beyond_95", 0) + counts.get("beyond_998", 0),
        far=counts.get("beyond_998", 0),
        size=view.texts.pick(metric.denominator, metric.denominator_zh),
    )


def _choose(teams: list[str]) -> None:
    """Filter the page by the teams that were clicked."""
    write_filters(read_filters().with_members("team", teams))


show(current_view())
