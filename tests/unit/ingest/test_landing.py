"""What is read of landing: whole files only, and those their senders vouch for."""

import json
import os
import threading
import time
from pathlib import Path

import pytest

from pipelines.contracts import load_contracts
from pipelines.errors import StillGrowingError
from pipelines.ingest import Extract, archive, clear_landing, ingest_source
from pipelines.ingest.landing import waiting_files
from tests.unit.ingest.request_source import ROW, Desk, Document, set_reader, table

TEXT = table(ROW)


def delivered(desk: Desk, name: str = "a.csv", text: str = TEXT) -> Path:
    path = desk.settings.landing_dir / "desk" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def read(desk: Desk) -> list[Extract]:
    return ingest_source(desk.settings, desk.contract, "test")


def cleared(desk: Desk) -> list[Path]:
    return clear_landing(desk.settings, load_contracts(desk.contract.file.parents[2]))


def reader(desk: Desk, **options: object) -> None:
    def change(source: Document, _: Document) -> None:
        for name, value in options.items():
            set_reader(source, name, value)

    desk.changed(change)


@pytest.mark.parametrize(
    "name",
    ["a.csv.part", "a.csv.tmp", "a.filepart", "a.CRDOWNLOAD", ".a.csv", "~$a.xlsx", "a.done"],
)
def test_names_of_uploads_and_markers_are_no_extracts(desk: Desk, name: str) -> None:
    delivered(desk, name)
    assert read(desk) == []


def test_a_file_a_program_still_writes_waits(desk: Desk) -> None:
    path = delivered(desk)
    with path.open("a", encoding="utf-8") as upload:
        assert read(desk) == []
        upload.write(ROW.replace("R1", "R2") + "\n")
    assert [extract.rows_read for extract in read(desk)] == [2]


def test_a_file_that_grows_while_it_is_looked_at_waits(desk: Desk) -> None:
    reader(desk, settledSeconds=0.4)
    path, is_over = delivered(desk), threading.Event()

    def upload() -> None:
        while not is_over.wait(0.02):
            with path.open("a", encoding="utf-8") as stream:
                stream.write(ROW + "\n")

    writer = threading.Thread(target=upload)
    writer.start()
    try:
        assert read(desk) == []
    finally:
        is_over.set()
        writer.join()
    assert len(read(desk)) == 1


@pytest.mark.parametrize("shift_seconds", [-86_400 * 400, 86_400 * 400])
def test_a_clock_that_was_set_hangs_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, shift_seconds: int
) -> None:
    """The file's time lies in the far future or past: it is looked at for 7 s at most."""
    reader(desk, settledSeconds=7)
    path, pauses = delivered(desk), list[float]()
    os.utime(path, (time.time() + shift_seconds,) * 2)
    monkeypatch.setattr(time, "sleep", pauses.append)
    assert len(read(desk)) == 1
    assert sum(pauses) <= 7


def test_a_file_that_grows_while_it_is_copied_waits(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = delivered(desk), archive._copy

    def slow(source: Path, target: Path) -> str:
        digest = real(source, target)
        with source.open("a", encoding="utf-8") as stream:
            stream.write(ROW)
        return digest

    monkeypatch.setattr(archive, "_copy", slow)
    assert read(desk) == []
    with pytest.raises(StillGrowingError):
        desk.ingest(TEXT)
    assert list(desk.settings.archive_dir.rglob("*.csv")) == []
    monkeypatch.undo()
    assert path.exists()


def test_a_done_marker_is_waited_for_and_cleared(desk: Desk) -> None:
    reader(desk, completion="done")
    first, second = delivered(desk, "a.csv"), delivered(desk, "b.csv", TEXT + ROW + "\n")
    assert [w.reason for w in waiting_files(desk.settings, desk.contract, [first])] == [
        "its .done marker has not come"
    ]
    assert read(desk) == []
    first.with_name("a.csv.done").touch()
    second.with_name("b.done").touch()
    assert [extract.file for extract in read(desk)] == ["desk/a.csv", "desk/b.csv"]
    assert cleared(desk) == []
    assert list(first.parent.iterdir()) == []


def manifest(path: Path, **note: object) -> None:
    path.with_name(path.name + ".manifest.json").write_text(json.dumps(note), "utf-8")


def test_a_manifest_is_waited_for_where_it_is_promised(desk: Desk) -> None:
    reader(desk, completion="manifest")
    path = delivered(desk)
    assert read(desk) == []
    manifest(path, rows=1)
    assert [extract.outcome for extract in read(desk)] == ["loaded"]
    cleared(desk)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        ({"rows": 2}, "manifest_rows"),
        ({"sha256": "0" * 64}, "manifest_sha256"),
        ({"rows": "many"}, "manifest_unreadable"),
    ],
)
def test_a_file_that_is_not_what_was_sent_is_refused_and_stays(
    desk: Desk, note: dict[str, object], reason: str
) -> None:
    path = delivered(desk)
    manifest(path, **note)
    for _ in range(2):  # every night, until one of both comes again
        (extract,) = read(desk)
        assert (extract.outcome, extract.reason, extract.rows_read) == ("refused", reason, 0)
        cleared(desk)
        assert path.exists()
    manifest(path, rows=1, sha256=extract.sha256)
    assert [(e.outcome, e.rows_accepted) for e in read(desk)] == [("loaded", 1)]
    cleared(desk)
    assert not path.exists()


def test_the_manifest_counts_records_quarantined_ones_too(desk: Desk) -> None:
    path = delivered(desk, text=TEXT + "too,few\n" + ROW.replace("R1,开", "R2,坏") + "\n")
    manifest(path, rows=3)
    assert [(e.rows_accepted, e.rows_quarantined) for e in read(desk)] == [(1, 2)]
