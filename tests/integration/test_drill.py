"""The drill contract, for every KPI: its rows add up to it, with the same filters and days."""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import polars as pl
import pytest

from pipelines.metrics import Metric, MetricStore, open_store
from pipelines.metrics.manifest import SemanticManifest
from pipelines.metrics.records import Selection
from pipelines.metrics.samples import HIDDEN_SAMPLE
from pipelines.settings import Settings

WHOLE = Selection(where={})
MONTH = Selection(where={}, start=date(2026, 8, 1), end=date(2026, 8, 31))
# Cronbach's alpha speaks of one scale; of several at once neither value nor n is told.
# Their marts count by day and segment; such rows hold more than one thing each.
COUNTED_TOGETHER = {"stage_conversion_ratio", "survey_answer_share_ratio"}
WITHOUT_FIGURE = {"cronbach_alpha"}


@pytest.fixture(scope="module")
def store(published_home: Path) -> MetricStore:
    return open_store(Settings(home=published_home))


def selections(store: MetricStore, metric: Metric) -> Iterator[Selection]:
    """All days, a month, and a month of one member of each of the first dimensions."""
    yield WHOLE
    yield MONTH
    for dimension in [d for d in ("site", "team", "channel", "line") if d in metric.dimensions]:
        found = store.query([metric.name], by=[dimension], start=MONTH.start, end=MONTH.end).frame
        members = found.drop_nulls(metric.name)[dimension].to_list()
        if members:
            yield replace(MONTH, where={dimension: [members[0]]})


def is_withheld(metric: Metric, figure: dict[str, float | None]) -> bool:
    """What few people answered is hidden in the figure."""
    n = figure[f"{metric.name}__n"]
    return metric.family == "satisfaction" and n is not None and n < HIDDEN_SAMPLE


def same(left: float | None, right: float | None) -> bool:
    return math.isclose(left or 0, right or 0, rel_tol=1e-9, abs_tol=1e-6)


def test_rows_add_up_to_the_figure(store: MetricStore) -> None:
    wrong, compared = [], 0
    for metric in store.metrics.values():
        for selection in selections(store, metric):
            found = store.records(metric.name, selection)
            figure = store.query(
                [metric.name], start=selection.start, end=selection.end, where=selection.where
            ).frame.row(0, named=True)
            sides = {
                "numerator": (found.numerator, metric.numerator_metric),
                "denominator": (found.denominator, metric.denominator_metric),
            }
            for side, (total, part) in sides.items():
                if part is None or metric.name in WITHOUT_FIGURE:
                    continue
                stated = figure[f"{metric.name}__{side}"]
                if is_withheld(metric, figure):
                    assert side == "denominator" or stated is None
                    continue
                compared += 1
                if not same(total, stated):
                    wrong.append(f"{metric.name} {selection.where}: {side} {stated}, rows {total}")
    assert wrong == []
    assert compared > 500


def test_rows_of_a_share_are_its_denominator(store: MetricStore) -> None:
    """A share of things counted one by one: rows = denominator, rows that hit = numerator."""
    wrong, compared = set(), 0
    for metric in store.metrics.values():
        if not metric.is_share or metric.interval == "wilson":
            continue
        found = store.records(metric.name, MONTH)
        hits = store.records(metric.name, replace(MONTH, kept="numerator"))
        rest = store.records(metric.name, replace(MONTH, kept="rest"))
        assert hits.row_count + rest.row_count == found.row_count, metric.name
        compared += 1
        if not same(found.row_count, found.denominator):
            wrong.add(metric.name)
        if not same(hits.row_count, found.numerator):
            wrong.add(metric.name)
    assert wrong == COUNTED_TOGETHER
    assert compared > 40


def test_rows_of_the_backlog_are_its_open_tickets(store: MetricStore, published_home: Path) -> None:
    """At the end of whatever day, of whatever members: so many tickets as the figure, each once."""
    target = published_home / "dbt" / "target" / "semantic_manifest.json"
    manifest = SemanticManifest(target.read_text(encoding="utf-8"))
    measures = {name: manifest.measures[manifest.measures_of(name)[0]] for name in store.metrics}
    names = [name for name in store.metrics if measures[name].table == "fct_backlog_daily"]
    start = date(2026, 8, 1)
    compared = 0
    for name, days in product(names, range(0, 61, 5)):
        end = start + timedelta(days=days)
        found = store.records(name, Selection({}, start, end, limit=1_000_000))
        tickets = found.frame
        assert found.table == "fct_tickets"
        assert tickets["ticket_key"].n_unique() == tickets.height == found.row_count
        assert not set(tickets["status"]) & {"solved", "closed", "cancelled"}
        for by in store.metrics[name].dimensions:
            figures = store.query([name], by=[by], start=start, end=end).frame
            stated = {member: n for member, n in figures.select(by, name).iter_rows() if n}
            counted = dict(tickets[measures[name].dimensions[by]].value_counts().iter_rows())
            assert counted == stated, f"{name} by {by} on {end}"
            compared += len(stated)
    assert compared > 300


def test_rows_of_the_backlog_of_the_last_day_are_open_still(store: MetricStore) -> None:
    now = store.records("tickets_backlog_count", replace(WHOLE, limit=1_000_000)).frame
    assert now["is_open"].all()
    assert now.height == store.query(["tickets_backlog_count"]).frame.item(0, 0) > 30


def test_a_percentile_is_that_of_its_rows(store: MetricStore, published_home: Path) -> None:
    target = published_home / "dbt" / "target" / "semantic_manifest.json"
    manifest = SemanticManifest(target.read_text(encoding="utf-8"))
    checked = 0
    for metric in store.metrics.values():
        if manifest.metrics[metric.name]["type"] != "simple":
            continue
        measure = manifest.measures[manifest.measures_of(metric.name)[0]]
        if measure.percentile is None:
            continue
        found = store.records(metric.name, replace(MONTH, limit=1_000_000)).frame["row_numerator"]
        value = store.query([metric.name], start=MONTH.start, end=MONTH.end).frame[metric.name][0]
        expected = found.cast(pl.Float64).quantile(measure.percentile, interpolation="linear")
        assert same(expected, value), metric.name
        checked += 1
    assert checked > 20


@pytest.mark.parametrize("name", ["sla_met_ratio", "csat_mean", "tickets_backlog_count"])
def test_pages_of_rows_are_the_rows(store: MetricStore, name: str) -> None:
    whole = store.records(name, replace(MONTH, limit=1_000_000))
    size = -(-whole.row_count // 3)
    pages = [
        store.records(name, replace(MONTH, limit=size, offset=size * page)).frame
        for page in range(3)
    ]
    assert whole.row_count > 3
    assert pl.concat(pages).equals(whole.frame)


def test_a_distribution_counts_every_row_once(store: MetricStore) -> None:
    """Of durations that no row hides: spans touch, and their counts add up to n."""
    for name in ("first_reply_business_p50", "average_handle_time", "calls_wait_p90"):
        spans = store.distribution(name, MONTH)
        assert spans["row_count"][0] > 0
        assert spans["row_count"][-1] > 0
        assert spans["row_count"].sum() == store.records(name, MONTH).row_count
        assert spans["high"].to_list()[:-1] == spans["low"].to_list()[1:]


def test_a_day_without_anything_is_zero_where_it_is_covered(store: MetricStore) -> None:
    """Missing is not zero: a covered day without tickets is 0, a day that is not has no figure."""
    covered = store.status.coverage["tickets"]
    rare = {"cause": ["no_such_cause"]}
    start, end = date(2026, 1, 1), date(2027, 1, 1)
    frame = store.query(
        ["tickets_opened_count", "sla_met_ratio"], grain="day", start=start, end=end
    ).frame
    assert frame["period"].min() == covered.first
    empty = store.query(["complaints_count"], grain="day", start=start, end=end, where=rare).frame
    assert empty["period"].to_list() == frame["period"].to_list()
    assert empty["complaints_count"].to_list() == [0.0] * empty.height
    assert empty["period"].max() == covered.last


def test_rows_of_the_least_time_left_come_first(store: MetricStore) -> None:
    at_risk = Selection(where={}, kept="numerator", smallest="remaining_seconds", limit=5)
    found = store.records("sla_at_risk_count", at_risk)
    everything = store.records("sla_at_risk_count", replace(at_risk, smallest=None, limit=10_000))
    assert everything.frame.height == found.row_count > 5
    smallest = everything.frame["remaining_seconds"].sort(nulls_last=True).head(5)
    assert found.frame["remaining_seconds"].to_list() == smallest.to_list()
