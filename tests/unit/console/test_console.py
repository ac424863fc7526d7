"""The console of a reader: who gets one, what is noted, the library, the way of the copy."""

import json
import time
from collections.abc import Iterator
from datetime import date

import pytest

from pipelines.console import Console, open_console
from pipelines.console import console as module
from pipelines.console.copying import make_copy
from pipelines.console.library import Library
from pipelines.errors import AccessError
from pipelines.metrics.access import Reader, local_reader, roles
from pipelines.metrics.access_log import read_access
from pipelines.settings import Settings
from pipelines.warehouse.snapshots import Snapshot
from tests.unit.console.small_snapshot import snapshot

ANN = Reader(id="ann", role=roles()["analyst"])


@pytest.fixture
def published(settings: Settings) -> Snapshot:
    return snapshot(settings)


@pytest.fixture
def console(settings: Settings, published: Snapshot) -> Console:
    make_copy(settings, published)
    return open_console(ANN, published, settings)


@pytest.fixture(autouse=True)
def no_workers_left() -> Iterator[None]:
    yield
    for workers in module._WORKERS.values():
        workers.close()
    module._WORKERS.clear()


@pytest.mark.parametrize("role", sorted(roles()))
@pytest.mark.parametrize("scope", [{}, {"site": ("t:a",)}])
def test_who_may_open_it(
    settings: Settings,
    published: Snapshot,
    role: str,
    scope: dict[str, tuple[str, ...]],
) -> None:
    reader = Reader(id="x", role=roles()[role], scope=scope)
    if role in ("analyst", "admin") and not scope:
        open_console(reader, published, settings)
        return
    with pytest.raises(AccessError, match="may not open Explore"):
        open_console(reader, published, settings)
    noted = read_access(settings).row(0, named=True)
    assert (noted["reader"], noted["action"], noted["subject"]) == ("x", "refused", "sql")


def test_every_query_is_noted_and_remembered(console: Console, settings: Settings) -> None:
    good, bad = "select * from marts.fct_tickets order by 1", "drop table marts.fct_tickets"
    outcome = console.run(good, rows=2).wait()
    assert outcome is not None
    assert outcome.frame is not None
    assert (outcome.frame.height, outcome.total) == (2, 3)
    refused = console.run(bad).wait()
    assert refused is not None
    assert refused.reason == "kind"
    noted = read_access(settings).select("reader", "action", "subject", "row_count").rows()
    assert noted == [("ann", "refused", bad, None), ("ann", "sql", good, 3)]
    history = console.library.history("ann")
    assert [(q.sql, q.reason, q.row_count) for q in history] == [
        (bad, "kind", None),
        (good, None, 3),
    ]


def test_rows_that_cannot_be_noted_are_not_shown(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(module, "note_access", full)
    outcome = console.run("select 1").wait()
    assert outcome is not None
    assert (outcome.frame, outcome.reason, outcome.message) == (None, "failed", "no space left")


def test_a_file_gets_more_rows_than_the_page(console: Console) -> None:
    outcome = console.fetch("select range from range(20000)", 12_000)
    assert outcome.frame is not None
    assert (outcome.frame.height, outcome.total) == (12_000, 20_000)


def test_rows_are_of_types_a_table_can_show(console: Console) -> None:
    outcome = console.fetch(
        "select 1 a, 2 a, interval 1 month i, [1, null] l, {'k': 1} s, 1::hugeint h, "
        "'x'::enum('x') e, date '2026-10-01' d, 1.5::decimal(9, 2) m, null n",
        10,
    )
    assert outcome.frame is not None
    assert outcome.frame.columns == ["a", "a_2", "i", "l", "s", "h", "e", "d", "m", "n"]
    assert outcome.frame.row(0)[2:8] == (
        "1 month", "[1, NULL]", "{'k': 1}", "1", "x", date(2026, 10, 1),
    )  # fmt: skip


def test_the_copy_is_made_by_a_process_and_told(
    settings: Settings,
    published: Snapshot,
) -> None:
    console = open_console(local_reader(), published, settings)
    states = [console.prepare()]
    while states[-1].state == "building":
        time.sleep(0.1)
        states.append(console.prepare())
    assert (states[0].state, states[-1].state) == ("building", "ready")
    assert len(module._WORKERS) == 1, "one is warm before the first query"
    assert next(t.full_name for t in console.tables()) == "audit.quarantine"


def test_a_copy_that_cannot_be_made_says_why(settings: Settings, published: Snapshot) -> None:
    entry = json.loads(published.path.with_suffix(".json").read_text())
    published.path.with_suffix(".json").write_text(json.dumps(entry | {"id": "other"}))
    console = open_console(local_reader(), published, settings)
    state = console.prepare()
    while state.state == "building":
        time.sleep(0.1)
        state = console.prepare()
    assert (state.state, published.id in state.message) == ("failed", True)


def test_saved_queries_are_shared_by_id(settings: Settings) -> None:
    library = Library(settings)
    mine = library.save("b", "select 1", "ann")
    library.save("a", "select 2", "ann")
    assert [q.name for q in library.saved("ann")] == ["a", "b"]
    assert library.saved("bob") == []
    found = library.find(mine)
    assert found is not None
    assert (found.sql, found.reader) == ("select 1", "ann")
    library.forget(mine, "bob")
    assert library.find(mine) is not None
    library.forget(mine, "ann")
    assert library.find(mine) is None


def test_the_history_keeps_the_newest(settings: Settings) -> None:
    library = Library(settings)
    library.remember("bob", "select 'bob'", None, 1)
    for number in range(105):
        library.remember("ann", f"select {number}", None, 1)
    kept = [q.sql for q in library.history("ann")]
    assert (len(kept), kept[0], kept[-1]) == (100, "select 104", "select 5")
    assert len(library.history("bob")) == 1
