"""A run may be killed, or its disk fail, at any write boundary: run again, and nothing is amiss.

The boundaries are enumerated, not drawn: `crash_stages` runs a stage once per boundary until a
run ends untouched.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipelines.errors import LockedError, StorageError
from pipelines.ingest import ingest_source, read_history, read_ledger, reconcile, replay_source
from pipelines.ingest.archive import archive_file
from pipelines.settings import PROJECT_DIR
from pipelines.warehouse.lock import warehouse_lock
from tests.unit.ingest.request_source import ROW, Desk, column, set_custom, table, with_values

Place = dict[str, Any]
INGESTED = {
    "ledger": [["desk/a.csv", "loaded", 1], ["desk/c.csv", "refused", 0]],
    "differences": [],
    "leftovers": [],
}
REPLAYED = INGESTED | {"ledger": [["desk/a.csv", "loaded", 2], ["desk/c.csv", "loaded", 1]]}
REFUSED = INGESTED | {"ledger": [["desk/a.csv", "refused", 0], ["desk/c.csv", "refused", 0]]}
PUBLISHED = {"rows": 1000, "current is newest": True, "files": 1, "leftovers": 0}


def run_stage(folder: Path, stage: str, fault: str, stride: int = 1) -> list[Place]:
    """One entry per boundary at which the stage met the fault, the last without meeting it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.crash_stages", folder, stage, fault, str(stride)],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("stage", "fewest", "expected"),
    [
        ("ingest", 75, INGESTED | {"landing": []}),
        ("replay", 50, REPLAYED),
        ("refuse", 14, REFUSED),
        ("rotate", 35, INGESTED),
        ("publish", 15, PUBLISHED),
    ],
)
def test_killed_at_every_boundary(tmp_path: Path, stage: str, fewest: int, expected: Place) -> None:
    *killed, last = run_stage(tmp_path, stage, "kill")
    assert isinstance(last["answer"], list), last["answer"]
    assert len(killed) >= fewest
    assert {place["code"] for place in killed} == {-9}
    assert {place["place"]: place["found"] for place in (*killed, last)} == dict.fromkeys(
        range(1, len(killed) + 2), expected
    )


@pytest.mark.parametrize(
    ("stage", "fault", "stride", "expected"),
    [
        ("ingest", "ENOSPC", 4, INGESTED | {"landing": []}),
        ("ingest", "EROFS", 9, INGESTED | {"landing": []}),
        ("publish", "ENOSPC", 3, PUBLISHED),
    ],
)
def test_disk_that_fails_from_a_boundary_on(
    tmp_path: Path, stage: str, fault: str, stride: int, expected: Place
) -> None:
    """The run ends with one sentence, and the next one, on a sound disk, finds all in order."""
    *failed, last = places = run_stage(tmp_path, stage, fault, stride)
    assert isinstance(last["answer"], list), last["answer"]
    sentences = [place["answer"] for place in failed if isinstance(place["answer"], dict)]
    assert len(sentences) >= len(failed) - 2  # from the last renames on all may be done
    assert {sentence["error"] for sentence in sentences} == {"StorageError"}
    assert [place["found"] for place in places] == [expected] * len(places)


def land(desk: Desk, text: str, name: str = "a.csv") -> None:
    path = desk.settings.landing_dir / "desk" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@contextmanager
def room_for(file_bytes: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_real_writes_that_find_no_room(desk: Desk) -> None:
    """DuckDB's own writes fail at a limit of the kernel; the archive has its copy, raw nothing."""
    rows = [with_values(request_id=f"R{n}", ratio=f"0.{n * 7919}") for n in range(20_000)]
    land(desk, table(*rows))
    landed = desk.settings.landing_dir / "desk" / "a.csv"
    size = landed.stat().st_size
    for limit in (size // 2, size // 12):  # no room for the copy; for the copy, but not for rows
        with pytest.raises(StorageError, match="cannot be written"), room_for(limit):
            ingest_source(desk.settings, desk.contract, "full")
        assert read_ledger(desk.settings).is_empty()
        archive_file(desk.settings, landed)
    (extract,) = ingest_source(desk.settings, desk.contract, "room")
    assert extract.rows_accepted == 20_000
    assert list(reconcile(desk.settings, desk.contracts)) == []


def test_too_little_room_is_told_before_anything_is_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(desk, table(ROW))
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=100))
    with pytest.raises(StorageError, match="3 times the files to read"):
        ingest_source(desk.settings, desk.contract, "full")
    assert list(desk.settings.archive_dir.iterdir()) == []


def test_folder_that_may_not_be_written_is_told_before_anything_is_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(desk, table(ROW))
    monkeypatch.setattr("os.access", lambda path, _: path != desk.settings.raw_dir)
    with pytest.raises(StorageError, match="raw"):
        ingest_source(desk.settings, desk.contract, "closed")
    assert list(desk.settings.archive_dir.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    ["ingest --source desk", "quarantine replay", "secrets rotate", "reconcile"],
)
def test_second_run_is_told_who_runs(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    from typer.testing import CliRunner

    from pipelines.cli import app

    monkeypatch.setenv("KPI_HOME", str(desk.settings.home))
    monkeypatch.setenv("KPI_CONTRACTS_DIR", str(desk.folder / "data_contracts"))
    with warehouse_lock(desk.settings):
        second = CliRunner().invoke(app, command.split())
        assert isinstance(second.exception, LockedError)
        assert f"another run (process {os.getpid()}) holds" in str(second.exception)
    assert not desk.settings.raw_dir.exists()


def test_clock_set_back_changes_no_identity_and_no_order(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.ingest import run

    class Backwards(datetime):
        """Each look at the clock is a year before the one before."""

        year_now = 2030

        @classmethod
        def now(cls, tz: Any = None) -> "Backwards":
            cls.year_now -= 1
            return cls(cls.year_now, 1, 1, tzinfo=tz)

    monkeypatch.setattr(run, "datetime", Backwards)
    for name in ("a", "b"):
        land(desk, table(ROW, with_values(request_id=name, status="停")), f"{name}.csv")
    first = ingest_source(desk.settings, desk.contract, "first")
    assert first[1].ingested_at < first[0].ingested_at
    assert not any(e.is_new for e in ingest_source(desk.settings, desk.contract, "second"))
    assert read_ledger(desk.settings)["file"].to_list() == ["desk/a.csv", "desk/b.csv"]
    words = {"开": "open", "停": "closed"}
    desk.changed(lambda source, _: set_custom(column(source, "status"), "valueMap", words))
    list(replay_source(desk.settings, desk.contract, "third"))
    history = read_history(desk.settings)
    assert history["run_id"].to_list() == ["first", "first", "third", "third"]
    assert list(reconcile(desk.settings, desk.contracts)) == []
