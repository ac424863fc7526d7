"""What a first-time reader wants to know, found from the overview within three clicks.

The right answer is asked of the metric store; the page must say it in words.
"""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from dashboards.i18n import Texts
from pipelines.metrics import MetricStore, open_store
from pipelines.settings import Settings
from tests.e2e.browser import MARKS, Watched
from tests.e2e.conftest import Watch

pytestmark = MARKS
EN = Texts("en")
AUGUST = {"start": date(2026, 8, 1), "end": date(2026, 8, 31)}
LAST_MONTH = {"start": date(2026, 9, 1), "end": date(2026, 9, 30)}
MOST_CLICKS = 3


class Journey:
    """A reader on the overview who counts the clicks."""

    def __init__(self, watched: Watched) -> None:
        self.watched, self.page, self.clicks = watched, watched.page, 0
        watched.open("overview?lang=en&p=last_month")

    def click(self, text: str, role: str = "link") -> None:
        self.clicks += 1
        assert self.clicks <= MOST_CLICKS, f"'{text}' is click {self.clicks}"
        target = self.page.get_by_role(role, name=text, exact=True)  # type: ignore[arg-type]
        target.first.click()
        self.page.wait_for_timeout(700)
        self.watched.settle()

    def says(self) -> str:
        assert self.watched.faults == []
        return self.page.inner_text('[data-testid="stMain"]').replace("\u00a0", " ")


@pytest.fixture
def journey(watch: Watch) -> Journey:
    return Journey(watch(locale="en-GB"))


@pytest.fixture(scope="module")
def store(published_home: Path) -> MetricStore:
    return open_store(Settings(home=published_home))


def label(store: MetricStore, dimension: str, member: str) -> str:
    return next(m.label for m in store.members(dimension) if m.id == member)


def test_why_service_levels_are_missed(journey: Journey, store: MetricStore) -> None:
    """Where the breaches of last month come from, and whether it was the month before, too."""
    breaches = store.query(["sla_breached_count"], by=["service"], **LAST_MONTH).frame  # type: ignore[arg-type]
    worst = breaches.filter(pl.col("service") != "unknown").sort("sla_breached_count").row(-1)
    met, before = (
        store.query(["sla_met_ratio"], **days).frame["sla_met_ratio"][0]  # type: ignore[arg-type]
        for days in (LAST_MONTH, AUGUST)
    )
    assert f"{met:.1%}" in journey.says()
    journey.click(EN("page.tickets"))
    journey.click(EN("section.sla"), "radio")
    said = journey.says()
    assert f"{100 * (met - before):+.1f}" in said
    assert f"Most: {label(store, 'service', worst[0])}, {worst[1]:,.0f}" in said


def test_which_queue_loses_callers_on_monday_mornings(journey: Journey, store: MetricStore) -> None:
    frame = store.query(
        ["calls_abandoned_ratio"],
        by=["queue", "half_hour"],
        where={"iso_weekday": ["1"]},
        **LAST_MONTH,  # type: ignore[arg-type]
    ).frame
    most = frame.sort("calls_abandoned_ratio__numerator", nulls_last=False).row(-1, named=True)
    journey.click(EN("page.calls"))
    journey.click(EN("section.hours"), "radio")
    said = journey.says()
    lost = most["calls_abandoned_ratio__numerator"]
    highest = f"highest {label(store, 'queue', most['queue'])}"
    assert EN("calls.lost") in said
    assert any(highest in line and f"{lost:,.0f} of " in line for line in said.splitlines()), said


def test_which_servqual_dimension_is_worst_at_a_site(journey: Journey, store: MetricStore) -> None:
    frame = store.query(["servqual_dimension_gap"], by=["dimension", "site"], **LAST_MONTH).frame  # type: ignore[arg-type]
    # the sentence speaks of what rests on ten answers or more
    certain = frame.filter(~pl.col("servqual_dimension_gap__is_small"))
    worst = certain.drop_nulls("servqual_dimension_gap").sort("servqual_dimension_gap").row(0)
    journey.click(EN("page.satisfaction"))
    journey.click(EN("section.servqual"), "radio")
    place = f"{label(store, 'dimension', worst[0])} · {label(store, 'site', worst[1])}"
    assert f"lowest {place}" in journey.says()


def test_the_tickets_behind_a_number(journey: Journey, store: MetricStore) -> None:
    reopened = store.metrics["tickets_reopened_ratio"]
    figure = store.query([reopened.name], **LAST_MONTH).frame.row(0, named=True)  # type: ignore[arg-type]
    judged = f"{figure['tickets_reopened_ratio__denominator']:,.0f}"
    journey.click(reopened.label, "button")
    said = journey.says()
    assert f"{judged} rows" in said
    assert f"Denominator {judged} = sum of the rows {judged}" in said
    journey.clicks += 1
    table = journey.page.get_by_test_id("stDataFrame").last
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    # the cells are painted on a canvas: the first box of a row to choose it
    journey.page.mouse.click(box["x"] + 18, box["y"] + 52)
    journey.page.wait_for_url("**/record?**")
    journey.watched.settle()
    said = journey.says()
    assert EN("record.timeline") in said
    assert EN("record.sums") in said
    assert journey.clicks <= MOST_CLICKS


def test_when_the_data_are_from(journey: Journey, store: MetricStore) -> None:
    """At once on every page; per source behind one click."""
    assert "Data as of 2026-10-01 03:05" in journey.says()
    journey.click(EN("status.details"))
    said = journey.says()
    assert EN("data.lateness") in said
    assert store.snapshot.id in said
