"""Paged web services become counted extracts: every way of paging, every way of failing."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.contracts import load_contracts
from pipelines.errors import FetchError, SampleError
from pipelines.fetch import client, http
from pipelines.fetch import run as fetch_run
from pipelines.ingest import ingest_source, read_ledger
from pipelines.settings import PROJECT_DIR
from pipelines.sourcing import Sample, Zone, make_draft, read_sample
from pipelines.warehouse.absences import read_absences
from tests.integration.web_service import (
    PAGE_SIZE,
    Fault,
    Service,
    broken_connection,
    cut_body,
    no_answer,
    running_service,
    silent_cut,
    status,
)
from tests.unit.fetch.fetched_desk import FetchedDesk, record
from tests.unit.ingest.request_source import ROW, Desk, set_reader, table

TOKEN = "se/cret-Token+1"  # noqa: S105 - of a server in this file
PAGINGS: dict[str, dict[str, object]] = {
    "cursor": {"style": "cursor", "parameter": "after", "next": "next", "total": "total"},
    "link": {"style": "link"},
    "link_in_body": {"style": "link", "next": "next_url", "hasMore": "more"},
    "link_of_odata": {"style": "link", "next": "/@odata.nextLink", "total": "/@odata.count"},
    "page": {"style": "page", "parameter": "page"},
    "offset": {"style": "offset", "parameter": "start", "hasMore": "more", "total": "total"},
}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    for module in (client, http):
        monkeypatch.setattr(module, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(fetch_run, "PAUSE_SECONDS", 0)
    with running_service() as running:
        running.records = [record(n, changed=f"2026-03-01T{n:02d}:00:00Z") for n in range(10)]
        yield running


def desk_of(service: Service, folder: Path, way: str = "cursor", **custom: object) -> FetchedDesk:
    usual = {
        "records": "data.items",
        "paging": PAGINGS[way],
        "headers": {"Authorization": "Bearer ${DESK_TOKEN}"},
        "timeoutSeconds": 1,
        "extraColumns": "record",
    }
    node = {"type": "api", "location": f"{service.url}/{way.split('_')[0]}"}
    return FetchedDesk(folder, node, **usual | custom)


@pytest.mark.parametrize("way", PAGINGS)
@pytest.mark.parametrize("count", [0, 1, PAGE_SIZE, 10])
def test_every_way_of_paging_brings_every_record(
    service: Service, tmp_path: Path, way: str, count: int
) -> None:
    service.records = service.records[:count]
    desk = desk_of(service, tmp_path, way)
    fetched, extracts = desk.night()
    assert fetched.rows == count
    assert [(e.rows_read, e.rows_accepted) for e in extracts] == [(count, count)] * (count > 0)
    if count:
        assert desk.ids() == {f"{n:08d}" for n in range(count)}
    fetched, extracts = desk.night()
    assert (str(fetched), extracts) == ("nothing new", [])


FAULTS: dict[str, Fault] = {
    "429": status(429, Retry_After="0"),
    "503": status(503, Retry_After="0"),
    "500": status(500, b"<html>oops"),
    "broken connection": broken_connection,
    "cut body": cut_body,
    "silently cut body": silent_cut,
    "no answer": no_answer,
    "a page that is no JSON": status(200, b"<html>one moment please</html>"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_passes_by_itself_is_tried_again(service: Service, tmp_path: Path, name: str) -> None:
    service.faults = [None, FAULTS[name], FAULTS[name], None, FAULTS[name]]
    desk = desk_of(service, tmp_path)
    fetched, extracts = desk.night()
    assert (fetched.rows, extracts[0].rows_accepted) == (10, 10)
    assert len(service.asked) == 4 + 3
    assert desk.ids() == {f"{n:08d}" for n in range(10)}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (status(401), "401; check the secret"),
        (status(404), "404; check the address"),
        (status(302, Location="https://elsewhere.example/"), "302"),
        (status(503), "no whole answer in 6 tries"),
        (status(200, b'{"data": []}'), "no 'items'"),
        (status(200, b'\xff{"data": []}'), "not UTF-8"),
    ],
)
def test_what_does_not_pass_lands_nothing(
    service: Service, tmp_path: Path, answer: Fault, message: str
) -> None:
    service.faults = [None, *[answer] * 30]
    desk = desk_of(service, tmp_path)
    with pytest.raises(FetchError, match=rf"desk\.request \(.*{message}") as error:
        desk.pull()
    assert TOKEN not in str(error.value)
    assert list(desk.settings.landing_dir.rglob("*")) == []
    service.faults = []
    assert desk.night()[0].rows == 10


def test_retry_after_is_obeyed(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = list[float]()
    monkeypatch.setattr(time, "sleep", pauses.append)
    service.faults = [status(429, Retry_After="17")]
    assert desk_of(service, tmp_path).pull().rows == 10
    assert 17 in pauses


def test_the_rate_is_kept(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four pages at 60 a minute: three pauses of nearly a second."""
    pauses = list[float]()
    monkeypatch.setattr(time, "sleep", pauses.append)
    assert desk_of(service, tmp_path, requestsPerMinute=60).pull().rows == 10
    assert sum(pause > 0.5 for pause in pauses) == 3
    assert max(pauses) <= 1


def test_secrets_are_sent_and_kept_nowhere(service: Service, tmp_path: Path) -> None:
    """Not even where the service says them again, in its addresses and its pages."""

    def echo(page: dict[str, Any]) -> None:
        page["you_said"] = f"Bearer {TOKEN}"

    service.change = echo
    desk = desk_of(
        service, tmp_path, "link_in_body", parameters={"api_key": "${DESK_TOKEN}", "size": "all"}
    )
    desk.night()
    assert all(asked["api_key"] == TOKEN for asked in service.asked)
    assert all(h["Authorization"] == f"Bearer {TOKEN}" for h in service.headers_seen)
    kept = desk.kept_text()
    assert "${DESK_TOKEN}" in kept
    assert "cret" not in kept


def test_pages_are_kept_as_they_came(service: Service, tmp_path: Path) -> None:
    desk = desk_of(service, tmp_path)
    desk.night()
    (folder,) = (desk.settings.pulls_dir / "desk" / "request").iterdir()
    note = json.loads((folder / "pull.json").read_text("utf-8"))
    assert [page["records"] for page in note["pages"]] == [3, 3, 3, 1]
    assert [page["status"] for page in note["pages"]] == [200] * 4
    assert note["pages"][1]["url"] == f"{service.url}/cursor?after=c3"
    pages = [(folder / page["file"]).read_text("utf-8") for page in note["pages"]]
    assert [r for page in pages for r in json.loads(page)["data"]["items"]] == service.records


def test_a_pull_that_is_killed_goes_on_and_doubles_nothing(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed -9 at each page in turn, then let through: it goes on where it was."""
    desk = desk_of(service, tmp_path)
    monkeypatch.setenv("KPI_HOME", str(desk.settings.home))
    monkeypatch.setenv("KPI_CONTRACTS_DIR", str(desk.contract.file.parents[2]))
    command = [str(Path(sys.executable).with_name("kpi")), "fetch", "--source", "desk"]
    for _ in range(3):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        seen = len(service.asked)

        def kill(process: subprocess.Popen[bytes] = process, seen: int = seen) -> None:
            if len(service.asked) == seen + 2:
                process.send_signal(signal.SIGKILL)
                process.wait()

        service.on_request = kill
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        assert list(desk.settings.landing_dir.rglob("*")) == []
    service.on_request = lambda: None
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "10 rows landed" in done.stdout
    extracts = ingest_source(desk.settings, desk.contract, "test")
    assert [(e.rows_read, e.rows_accepted) for e in extracts] == [(10, 10)]
    assert desk.ids() == {f"{n:08d}" for n in range(10)}
    whole = [asked.get("after") for asked in service.asked]
    assert whole == [None, "c3", "c3", "c6", "c6", "c9", "c9"]


def test_a_source_that_moves_under_the_reading_is_read_anew(
    service: Service, tmp_path: Path
) -> None:
    """A record less on page 1 after it was read: one record would be missed, none doubled."""

    def remove_first() -> None:
        if len(service.asked) == 2:
            service.records = service.records[1:]

    service.on_request = remove_first
    desk = desk_of(service, tmp_path, "offset")
    removed = service.records[0]
    fetched = desk.pull()  # 10 records less the missed one are 9, the total of the last page
    assert fetched.rows == 9
    service.records = [removed, *service.records]
    service.on_request = lambda: None
    assert desk.pull().rows == 10


def test_a_total_that_disagrees_lands_nothing(service: Service, tmp_path: Path) -> None:
    """A record more on page 1 after it was read: one comes twice, the new one not at all."""

    def add_first() -> None:
        if len(service.asked) == 2:
            service.records = [record(99), *service.records]

    service.on_request = add_first
    desk = desk_of(service, tmp_path, "offset")
    with pytest.raises(FetchError, match=r"11 records but gave 10 different ones \(and 1 again\)"):
        desk.pull()
    assert list(desk.settings.landing_dir.rglob("*")) == []
    assert desk.night()[0].rows == 11


@pytest.mark.parametrize(
    ("way", "change", "message"),
    [
        ("cursor", {"next": "c3", "total": 10}, "go in a circle"),
        ("link_in_body", {"next_url": "https://elsewhere.example/"}, "another server"),
        ("link_in_body", {"next_url": None, "more": True}, "but not where"),
    ],
)
def test_pages_that_lead_astray_are_refused(
    service: Service, tmp_path: Path, way: str, change: dict[str, object], message: str
) -> None:
    service.change = lambda page: page.update(change)
    with pytest.raises(FetchError, match=message):
        desk_of(service, tmp_path, way).pull()


def test_more_pages_than_allowed_are_refused(service: Service, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="more than 3 pages"):
        desk_of(service, tmp_path, maxPages=3).pull()


def test_only_what_changed_is_asked_for(service: Service, tmp_path: Path) -> None:
    cursor = {"name": "changed", "parameter": "since", "overlap": 3600}
    desk = desk_of(service, tmp_path, cursor=cursor)
    assert desk.night()[0].rows == 10
    late = record(20, changed="2026-03-01T08:30:00Z")
    service.records = [*service.records, late, record(21, changed="2026-03-01T12:00:00Z")]
    fetched, _ = desk.night()
    assert fetched.since == "2026-03-01T08:00:00Z"
    assert fetched.rows == 4
    assert desk.ids() == {f"{n:08d}" for n in [*range(10), 20, 21]}


GUESSES: dict[str, tuple[str, dict[str, object]]] = {
    "link": ("/link", {"style": "link", "next": "next_url", "hasMore": "more", "total": "total"}),
    "page": ("/page?page=1&size=3", {"style": "page", "parameter": "page"}),
    "offset": ("/offset?start=0", {"style": "offset", "parameter": "start"}),
    "cursor": ("/cursor", {"style": "cursor", "parameter": "cursor", "next": "next"}),
    "odata": (
        "/link",
        {"style": "link", "next": "/@odata.nextLink", "total": "/@odata.count"},
    ),
    "header": ("/link", {"style": "link"}),
    "none": ("/link", {"style": "none"}),
}


def tells_little(service: Service, way: str) -> None:
    """Its pages have records and what the way of paging needs, no more."""
    told = {"link": ("next_url", "more", "total"), "cursor": ("next",)}.get(way, ())
    told = ("@odata.nextLink", "@odata.count") if way == "odata" else told
    service.change = lambda page: [page.pop(n, "") for n in {*page} - {"data", *told}]
    service.has_link_header = way == "header"


@pytest.mark.parametrize("way", GUESSES)
def test_a_draft_of_a_service_guesses_how_it_pages(
    service: Service, tmp_path: Path, way: str
) -> None:
    """Of one whose pages say little, too: only what is told by its first page is written."""
    tells_little(service, way)
    address, paging = GUESSES[way]
    sent = {"Authorization": "Bearer ${DESK_TOKEN}"}
    sample = read_sample(service.url + address, tmp_path, frozenset(), sent)
    assert sample.frame["编号"].to_list() == [r["编号"] for r in service.records[:PAGE_SIZE]]
    entities = load_contracts(PROJECT_DIR / "data_contracts").entities
    draft = make_draft("desk", entities["ticket"], sample, Zone("UTC", True))
    (server,) = yaml.safe_load(draft.files["ticket.odcs.yaml"])["servers"]
    own = {node["property"]: node["value"] for node in server["customProperties"]}
    assert (own["records"], own["headers"], own["paging"]) == ("data.items", sent, paging)
    assert server["location"] == service.url + address.replace("page=1&", "").split("?start")[0]
    assert "decide: " in draft.files["ticket.odcs.yaml"].split("property: paging")[1].split("\n")[0]
    assert service.headers_seen[0]["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in draft.files["ticket.odcs.yaml"]


@pytest.mark.parametrize("way", ["link", "page", "offset", "odata", "header"])
def test_what_a_draft_guesses_brings_every_record(
    service: Service, tmp_path: Path, way: str
) -> None:
    tells_little(service, way)
    sample = read_sample(service.url + GUESSES[way][0], tmp_path, frozenset())
    paging = yaml.safe_load(next(line for line in draft_lines(sample) if "paging" in line))
    path = "link" if way in ("header", "odata") else way
    desk = desk_of(service, tmp_path, path, paging=paging[0]["value"])
    fetched, _ = desk.night()
    assert fetched.rows == len(service.records)


def draft_lines(sample: Sample) -> list[str]:
    entities = load_contracts(PROJECT_DIR / "data_contracts").entities
    draft = make_draft("desk", entities["ticket"], sample, Zone("UTC", True))
    return draft.files["ticket.odcs.yaml"].splitlines()


def test_a_file_behind_a_url_is_no_service(service: Service, tmp_path: Path) -> None:
    service.faults = [status(200, b"id,state\n1,open\n2,closed\n"), status(404)]
    sample = read_sample(f"{service.url}/tickets.csv", tmp_path, frozenset())
    assert (sample.format, sample.fetch, sample.frame.height) == ("csv", None, 2)
    with pytest.raises(SampleError, match="answers 404"):
        read_sample(f"{service.url}/tickets.csv", tmp_path, frozenset())


def test_a_redirect_gets_no_secret(service: Service, tmp_path: Path) -> None:
    service.faults = [status(302, Location=f"{service.url}/elsewhere")]
    with pytest.raises(SampleError, match="answers 302"):
        sent = {"Authorization": "Bearer ${DESK_TOKEN}"}
        read_sample(f"{service.url}/link", tmp_path, frozenset(), sent)
    assert len(service.headers_seen) == 1


def test_a_night_goes_on_without_a_source_that_is_away(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dagster import materialize

    from pipelines.orchestration.raw_assets import raw_asset

    desk = desk_of(service, tmp_path)
    monkeypatch.setenv("KPI_HOME", str(desk.settings.home))
    service.faults = [status(404)]
    for told, new_extracts in (("404", 0), ("", 1)):
        result = materialize([raw_asset(desk.contract)], resources={"warehouse": None})
        assert result.success
        (event,) = result.get_asset_materialization_events()
        metadata = event.step_materialization_data.materialization.metadata
        assert told in str(metadata["unreached"].value)
        assert metadata["new_extracts"].value == new_extracts
        absences = read_absences(desk.settings, desk.contracts)
        assert absences["absence"].to_list() == (["unreached"] if told else [])


def test_a_night_notes_a_file_that_is_not_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its marker comes the second night, and its rows with it."""
    from dagster import materialize

    from pipelines.orchestration.raw_assets import raw_asset

    desk = Desk(tmp_path, lambda source, _: set_reader(source, "completion", "done"))
    monkeypatch.setenv("KPI_HOME", str(desk.settings.home))
    file = desk.settings.landing_dir / "desk" / "a.csv"
    file.parent.mkdir(parents=True)
    file.write_text(table(ROW), "utf-8")
    for absences, rows in ((["waiting"], 0), ([], 1)):
        result = materialize([raw_asset(desk.contract)], resources={"warehouse": None})
        assert result.success
        assert read_absences(desk.settings, desk.contracts)["absence"].to_list() == absences
        assert read_ledger(desk.settings)["rows_accepted"].sum() == rows
        file.with_name("a.csv.done").touch()
