"""Whole nights: what was planted comes out, what is broken is refused, what fails is not shown."""

import gzip
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.metrics import MetricStore, open_store
from pipelines.orchestration.headless import run_nightly
from pipelines.quality import marts_gate
from pipelines.settings import Settings
from pipelines.warehouse.runs import read_runs
from pipelines.warehouse.snapshots import current_snapshot

Truth = dict[str, Any]

# (metric, numerator, denominator) as the simulator's own arrays give them.
EXPECTED: list[tuple[str, Callable[[Truth], float], Callable[[Truth], float | None]]] = [
    ("calls_offered_count", lambda t: t["calls"]["offered"], lambda t: None),
    (
        "calls_service_level_ratio",
        lambda t: t["calls"]["answered_within_20_seconds"],
        lambda t: t["calls"]["offered"] - t["calls"]["abandoned_within_5_seconds"],
    ),
    (
        "calls_service_level_strict_ratio",
        lambda t: t["calls"]["answered_within_20_seconds"],
        lambda t: t["calls"]["offered"],
    ),
    (
        "calls_abandoned_ratio",
        lambda t: t["calls"]["abandoned"] - t["calls"]["abandoned_within_5_seconds"],
        lambda t: t["calls"]["offered"] - t["calls"]["abandoned_within_5_seconds"],
    ),
    (
        "average_speed_of_answer",
        lambda t: t["calls"]["wait_seconds_of_answered"],
        lambda t: t["calls"]["answered"],
    ),
    (
        "average_handle_time",
        lambda t: t["calls"]["handle_seconds"],
        lambda t: t["calls"]["answered"],
    ),
    (
        "calls_transferred_ratio",
        lambda t: t["calls"]["transferred"],
        lambda t: t["calls"]["answered"],
    ),
    (
        "calls_abandoned_called_back_ratio",
        lambda t: t["calls"]["abandoned_called_back"],
        lambda t: t["calls"]["abandoned"],
    ),
    (
        "calls_called_back_ratio",
        lambda t: t["calls"]["requests_called_back"],
        lambda t: t["calls"]["callback"],
    ),
    (
        "average_ring_time",
        lambda t: t["calls"]["ring_seconds"],
        lambda t: t["calls"]["answered"],
    ),
    (
        "agents_occupancy_ratio",
        lambda t: t["agents"]["handle_seconds"],
        lambda t: t["agents"]["staffed_seconds"],
    ),
    ("csat_top2_ratio", lambda t: t["surveys"]["csat_top2"], lambda t: t["surveys"]["csat_n"]),
    ("csat_mean", lambda t: t["surveys"]["csat_sum"], lambda t: t["surveys"]["csat_n"]),
    (
        "nps",
        lambda t: 100 * (t["surveys"]["nps_promoters"] - t["surveys"]["nps_detractors"]),
        lambda t: t["surveys"]["nps_n"],
    ),
    ("stars_mean", lambda t: t["surveys"]["stars_sum"], lambda t: t["surveys"]["stars_n"]),
    ("survey_responses_count", lambda t: t["surveys"]["responses"], lambda t: None),
    (
        "tickets_opened_count",
        lambda t: t["tickets"]["created"] - sum(t["tickets_excluded"].values()),
        lambda t: None,
    ),
    (
        "tickets_reopened_ratio",
        lambda t: t["tickets"]["reopened"],
        lambda t: t["tickets"]["ever_solved"],
    ),
]


@pytest.fixture(scope="module")
def store(published_home: Path) -> MetricStore:
    return open_store(Settings(home=published_home))


@pytest.mark.parametrize(
    ("metric", "numerator", "denominator"), EXPECTED, ids=[case[0] for case in EXPECTED]
)
def test_kpis_equal_what_was_planted(
    store: MetricStore,
    truth: Truth,
    metric: str,
    numerator: Callable[[Truth], float],
    denominator: Callable[[Truth], float | None],
) -> None:
    _, published_numerator, published_denominator, *_sample = store.query([metric]).frame.row(0)
    assert published_numerator == numerator(truth["expected"])
    assert published_denominator == denominator(truth["expected"])


def test_months_and_sites_add_up_to_the_whole(store: MetricStore, truth: Truth) -> None:
    offered = store.query(["calls_offered_count"], grain="month").frame
    by_month = {f"{month:%Y-%m}": count for month, count, *_ in offered.iter_rows()}
    assert by_month == truth["expected"]["calls_offered_by_month"]
    by_site = store.query(["tickets_opened_count"], by=["site"]).frame
    expected = truth["expected"]
    assert by_site["tickets_opened_count"].sum() == (
        expected["tickets"]["created"] - sum(expected["tickets_excluded"].values())
    )


def test_bad_rows_are_quarantined_as_planted_and_nothing_else(
    store: MetricStore, truth: Truth
) -> None:
    counted = store.table("quarantine").group_by("entity", "reason").agg(pl.col("row_count").sum())
    found: dict[str, dict[str, int]] = {}
    for entity, reason, count in counted.iter_rows():
        found.setdefault(entity, {})[reason] = count
    assert found == truth["planted_rows"]


def test_rows_read_are_accepted_or_quarantined(store: MetricStore, truth: Truth) -> None:
    ledger = store.table("extracts")
    assert (ledger["rows_read"] == ledger["rows_accepted"] + ledger["rows_quarantined"]).all()
    accepted = ledger.group_by("entity").agg(pl.col("rows_accepted").sum())
    assert dict(accepted.iter_rows()) == truth["good_rows"]


def test_the_snapshot_carries_its_verdicts(store: MetricStore) -> None:
    verdicts = store.table("expectations")
    assert "marts" in verdicts["suite"].to_list()
    assert "demo_itsm.ticket" in verdicts["suite"].to_list()
    assert verdicts.filter(~pl.col("is_met") & (pl.col("severity") == "error")).is_empty()


@pytest.fixture
def another_night(
    published_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    home = tmp_path / "home"
    shutil.copytree(published_home, home)
    monkeypatch.setenv("KPI_HOME", str(home))
    yield Settings()


def test_bad_files_are_refused_and_the_night_goes_on(another_night: Settings) -> None:
    landing = another_night.landing_dir
    itsm, calls, survey = (
        landing / name for name in ("demo_itsm", "demo_callcenter", "demo_survey")
    )
    for folder in (itsm, calls, survey):
        folder.mkdir(parents=True, exist_ok=True)
    stamp = "20261001_20261002T010000"
    (itsm / f"tickets_{stamp}.csv").write_bytes("工单号\n1\n".encode("gb18030"))
    (itsm / f"events_{stamp}.jsonl").write_bytes(b"")
    whole = gzip.compress(b"call_id,started_at\n" * 10_000)
    (calls / f"calls_{stamp}.csv.gz").write_bytes(whole[: len(whole) // 2])
    pl.DataFrame({"a": ["1"]}).write_excel(survey / f"surveys_{stamp}.xlsx", worksheet="Sheet1")
    before = current_snapshot(another_night).id

    outcome = run_nightly(another_night)

    assert outcome.is_published, outcome.error
    assert current_snapshot(another_night).id != before
    assert set(outcome.sources_with_refusals) == {
        "demo_itsm.ticket",
        "demo_itsm.ticket_event",
        "demo_callcenter.call",
        "demo_survey.survey_invitation",
        "demo_survey.survey_response",
        "demo_survey.survey_answer",
    }
    ledger = open_store(another_night).table("extracts").filter(pl.col("outcome") == "refused")
    assert Counter(ledger["reason"]) == Counter(
        missing_column=1, empty_file=1, truncated_archive=1, missing_sheet=3
    )
    for file, message in ledger.select("file", "message").iter_rows():
        assert file.rsplit("/", 1)[-1] in message, "the message names the file"
    assert not [p for p in landing.rglob("*") if p.is_file()], "landing is cleared"


def test_a_failed_gate_publishes_nothing_and_the_next_night_recovers(
    another_night: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = current_snapshot(another_night).id
    lost = "select 'a' as routes, 2 as one_count, 1 as other_count"
    with monkeypatch.context() as patch:
        patch.setattr(marts_gate, "_RECONCILIATION", lost)
        outcome = run_nightly(another_night)
    assert not outcome.is_published
    assert outcome.error is not None
    assert "marts" in outcome.error
    assert current_snapshot(another_night).id == before
    assert read_runs(another_night)["status"][0] == "not published"

    outcome = run_nightly(another_night)
    assert outcome.is_published, outcome.error
    assert outcome.new_extracts == 0
    assert current_snapshot(another_night).id != before
    snapshot = json.loads((another_night.snapshots_dir / "current.json").read_text())
    assert snapshot["run_id"] == read_runs(another_night)["run_id"][0]
