"""Readers while snapshots are published without a pause: no failed question, no mixed answer."""

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pipelines.metrics import ScopedStore, open_scoped, open_store
from pipelines.metrics.access import local_reader
from pipelines.metrics.records import Selection
from pipelines.metrics.store import AUDIT_TABLES
from pipelines.settings import PROJECT_DIR, Settings
from pipelines.warehouse.snapshots import list_snapshots, publish_snapshot

PUBLISHINGS = 12
READERS = 4
MONTH = (date(2026, 8, 1), date(2026, 8, 31))


@dataclass
class Publisher:
    """Publishes the same warehouse again and again, each time as a new snapshot."""

    settings: Settings
    original: Path
    number: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def publish(self) -> str:
        self.number += 1
        self.settings.build_path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.original, self.settings.build_path)
        self.settings.build_path.chmod(0o600)
        store = open_store(self.settings)
        audit = {name: store.table(name) for name in AUDIT_TABLES}
        manifest = store._rows("select manifest from warehouse.reference.semantic_manifest").item()
        run = f"run{self.number:05}"
        as_of = store.snapshot.as_of
        return publish_snapshot(self.settings, run, as_of, audit, manifest).id

    def publish_all(self) -> None:
        try:
            for _ in range(PUBLISHINGS):
                self.publish()
        finally:
            self.ended.set()


@pytest.fixture
def publisher(
    published_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Publisher]:
    """A home of its own with a copy of the published snapshot; few snapshots are kept."""
    source = Settings(home=published_home)
    monkeypatch.setenv("KPI_HOME", str(tmp_path))
    monkeypatch.setenv("KPI_SNAPSHOTS_KEPT", "2")
    settings = Settings()
    shutil.copytree(source.snapshots_dir, settings.snapshots_dir)
    yield Publisher(settings, open_store(source).snapshot.path)


def ask(store: ScopedStore) -> tuple[float, int]:
    """A figure, the rows behind it and a table, all of the snapshot that was opened."""
    figure = store.query(["sla_met_ratio"], start=MONTH[0], end=MONTH[1])
    rows = store.records("sla_met_ratio", Selection({}, *MONTH))
    assert figure.snapshot_id == store.snapshot.id
    assert store.table("extracts").height > 0
    return figure.frame["sla_met_ratio__denominator"][0], rows.row_count


def read_until(publisher: Publisher) -> list[int]:
    """Numbers of the snapshots that one reader saw, in the order of asking."""
    seen = []
    while not publisher.ended.is_set():
        store = open_scoped(local_reader())
        denominator, rows = ask(store)
        assert denominator == rows
        seen.append(store.snapshot.number)
    return seen


def test_readers_see_whole_snapshots_and_never_go_back(publisher: Publisher) -> None:
    with ThreadPoolExecutor(READERS) as pool:
        readers = [pool.submit(read_until, publisher) for _ in range(READERS)]
        publisher.publish_all()
        seen = [reader.result(timeout=120) for reader in readers]
    assert all(numbers == sorted(numbers) for numbers in seen)
    assert len({number for numbers in seen for number in numbers}) > 2, "nobody saw a switch"
    assert len(list_snapshots(publisher.settings)) == 2


def test_a_snapshot_that_was_removed_still_answers_those_who_hold_it(publisher: Publisher) -> None:
    held = open_scoped(local_reader())
    before = ask(held)
    for _ in range(4):
        publisher.publish()
    assert not held.snapshot.path.exists()
    assert not held.is_newest()
    assert ask(held) == before
    assert open_scoped(local_reader()).snapshot.number > held.snapshot.number


def test_a_page_takes_a_new_snapshot_with_the_next_step(publisher: Publisher) -> None:
    """Between two steps of a reader a night is published: the next run shows it, whole."""
    app = AppTest.from_file(str(PROJECT_DIR / "dashboards" / "app.py"), default_timeout=120)
    app.run()
    app.switch_page("views/tickets.py").run()
    first = app.session_state["view"].store.snapshot.id
    new = publisher.publish()
    assert app.session_state["view"].store.snapshot.id == first
    app.selectbox(key="period:zh").set_value("last_month").run()
    assert not app.exception
    assert not app.error
    assert app.session_state["view"].store.snapshot.id == new
