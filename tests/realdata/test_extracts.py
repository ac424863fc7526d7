"""Four public extracts through to KPIs, against figures derived independently from the files."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from pipelines.contracts import load_contracts
from pipelines.ingest import Extract, ingest_file
from pipelines.metrics import MetricStore, open_store
from pipelines.orchestration.headless import run_nightly
from pipelines.settings import Settings
from tests.realdata import derive

pytestmark = [pytest.mark.realdata, pytest.mark.xdist_group("realdata")]

FILES = {
    "uci_incidents": "uci_incident/incident_event_log.zip",
    "technion_calls": "technion_calls/january_1999.txt.gz",
    "sfo_survey": "sfo_survey_2017/2017_SFO_Customer_Survey_20250817.csv",
    "boston311": "boston311_2011/2011-07_to_12.csv.gz",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Iterator[Settings]:
    with pytest.MonkeyPatch.context() as patch:
        path = tmp_path_factory.mktemp("realdata")
        patch.setenv("KPI_HOME", str(path))
        settings = Settings()
        contracts = load_contracts(settings.contracts_dir)
        for source, file in FILES.items():
            for contract in contracts.of_source(source):
                ingest_file(settings, contract, shared_data / file, "test")
        outcome = run_nightly(settings)
        assert outcome.is_published, outcome.error
        yield settings


@pytest.fixture(scope="module")
def store(home: Settings) -> MetricStore:
    return open_store(home)


def value(store: MetricStore, metric: str, source: str) -> tuple[float, float, float]:
    frame = store.query([metric], where={"source": [source]}).frame
    return frame.row(0)[:3]


@pytest.fixture(scope="module")
def ledger(store: MetricStore) -> dict[tuple[str, str], dict[str, object]]:
    rows = store.table("extracts").iter_rows(named=True)
    return {(row["source"], row["entity"]): row for row in rows}


@pytest.mark.parametrize(
    ("source", "entity", "read", "quarantined"),
    [
        ("uci_incidents", "ticket", 141_712, 5),
        ("uci_incidents", "ticket_event", 141_712, 5),
        ("technion_calls", "call", 31_599, 33),
        ("sfo_survey", "survey_response", 2_831, 0),
        ("sfo_survey", "survey_answer", 2_831 * 25, 0),
        ("boston311", "ticket", 58_251, 0),
    ],
)
def test_no_row_is_lost(
    ledger: dict[tuple[str, str], dict[str, object]],
    source: str,
    entity: str,
    read: int,
    quarantined: int,
) -> None:
    """`-100` is no state (5 updates); 33 calls have a negative time in the voice unit."""
    entry = ledger[source, entity]
    assert (entry["rows_read"], entry["rows_quarantined"]) == (read, quarantined)
    assert entry["rows_accepted"] == read - quarantined


def test_incidents_not_updates_are_counted(store: MetricStore, shared_data: Path) -> None:
    found = derive.incidents(shared_data / FILES["uci_incidents"])
    opened = store.query(
        ["tickets_opened_count"], grain="month", where={"source": ["uci_incidents"]}
    ).frame
    by_month: dict[date, int] = {}
    for incident in found.values():
        month = incident.opened_at.date().replace(day=1)
        by_month[month] = by_month.get(month, 0) + 1
    published = dict(opened.select("period", "tickets_opened_count").iter_rows())
    assert published == by_month
    assert sum(by_month.values()) == 24_918


def test_incident_resolution_times(store: MetricStore, shared_data: Path) -> None:
    found = derive.incidents(shared_data / FILES["uci_incidents"])
    seconds = [
        (i.resolved_at - i.opened_at).total_seconds()
        for i in found.values()
        if i.resolved_at is not None
    ]
    for metric, share in (("resolution_calendar_p50", 0.5), ("resolution_calendar_p90", 0.9)):
        published, _, n = value(store, metric, "uci_incidents")
        assert n == len(seconds)
        assert published == pytest.approx(derive.percentile(seconds, share))


def test_incident_reopens(store: MetricStore, shared_data: Path) -> None:
    found = derive.incidents(shared_data / FILES["uci_incidents"])
    solved = [i for i in found.values() if i.was_solved]
    published, numerator, denominator = value(store, "tickets_reopened_ratio", "uci_incidents")
    assert numerator == sum(i.reopen_count > 0 for i in solved)
    assert denominator == len(solved)
    assert published == numerator / denominator


def test_incidents_cannot_say_replies(store: MetricStore) -> None:
    """The log has no replies: unknown, not zero."""
    published, _, n = value(store, "first_reply_calendar_p50", "uci_incidents")
    assert published is None
    assert not n


def test_bank_calls(store: MetricStore, shared_data: Path) -> None:
    rows = list(derive.calls(shared_data / FILES["technion_calls"]))
    answered = [r for r in rows if r["outcome"] == "AGENT"]
    abandoned = [r for r in rows if r["outcome"] == "HANG" and r["q_start"] != "0:00:00"]
    short = [r for r in abandoned if int(r["q_time"]) <= 5]
    offered = len(answered) + len(abandoned)
    in_time = sum(int(r["q_time"]) <= 20 for r in answered)
    expected = {
        "calls_offered_count": offered,
        "calls_service_level_ratio": in_time / (offered - len(short)),
        "average_speed_of_answer": sum(int(r["q_time"]) for r in answered) / len(answered),
        "calls_abandoned_ratio": (len(abandoned) - len(short)) / (offered - len(short)),
        "average_handle_time": sum(int(r["ser_time"]) for r in answered) / len(answered),
    }
    for metric, figure in expected.items():
        assert value(store, metric, "technion_calls")[0] == pytest.approx(figure), metric


def test_airport_survey(store: MetricStore, shared_data: Path) -> None:
    rows = derive.responses(shared_data / FILES["sfo_survey"])
    recommend = [int(r["NETPRO"]) for r in rows if r["NETPRO"] in {str(n) for n in range(11)}]
    promoters = sum(score >= 9 for score in recommend)
    detractors = sum(score <= 6 for score in recommend)
    published, _, n = value(store, "nps", "sfo_survey")
    assert n == len(recommend)
    assert published == pytest.approx(100 * (promoters - detractors) / len(recommend))
    overall = [int(r["Q7ALL"]) for r in rows if r["Q7ALL"] in set("12345")]
    published, satisfied, n = value(store, "csat_top2_ratio", "sfo_survey")
    assert (satisfied, n) == (sum(score >= 4 for score in overall), len(overall))
    assert published == pytest.approx(satisfied / n)


def test_city_requests(store: MetricStore, shared_data: Path) -> None:
    rows = derive.requests(shared_data / FILES["boston311"])
    zone = ZoneInfo("America/New_York")
    seconds = [
        derive.second(r["closed_dt"]).replace(tzinfo=zone).timestamp()
        - derive.second(r["open_dt"]).replace(tzinfo=zone).timestamp()
        for r in rows
        if r["closed_dt"]
    ]
    published, _, n = value(store, "resolution_calendar_p50", "boston311")
    assert n == len(seconds)
    assert published == pytest.approx(derive.median(seconds))
    opened = store.query(
        ["tickets_opened_count"], grain="month", where={"source": ["boston311"]}
    ).frame
    july = sum(r["open_dt"].startswith("2011-07") for r in rows)
    assert (
        opened.filter(pl.col("period") == date(2011, 7, 1))["tickets_opened_count"].item() == july
    )
    assert opened["tickets_opened_count"].sum() == len(rows)


def test_the_same_bytes_again_are_a_no_op(home: Settings, shared_data: Path) -> None:
    contracts = load_contracts(home.contracts_dir)
    again: list[Extract] = [
        ingest_file(home, contract, shared_data / FILES["sfo_survey"], "again")
        for contract in contracts.of_source("sfo_survey")
    ]
    assert [extract.is_new for extract in again] == [False, False]
