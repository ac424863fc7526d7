"""Files of an object store are copied to landing, each version of each file once.

The store is fsspec's in memory: what is ours is the same for every store that fsspec knows.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec  # type: ignore[import-untyped]
import pytest

from pipelines.errors import FetchError
from pipelines.fetch import run as fetch_run
from tests.unit.fetch.fetched_desk import FetchedDesk
from tests.unit.ingest.request_source import ROW, table

UTC_ROW = ROW.replace("08:00:00", "08:00:00Z").replace("09:30:00", "09:30:00Z")


@pytest.fixture
def store() -> Iterator[Any]:
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    yield memory
    memory.store.clear()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FetchedDesk:
    monkeypatch.setattr(fetch_run, "PAUSE_SECONDS", 0)
    return desk_of(tmp_path, "memory://extracts/*/*.csv")


def desk_of(folder: Path, location: str) -> FetchedDesk:
    return FetchedDesk(folder, {"type": "s3", "location": location, "format": "csv"})


def put(store: Any, path: str, *numbers: int) -> None:
    rows = [UTC_ROW.replace("R1", f"R{number}") for number in numbers]
    store.pipe_file(f"/extracts/{path}", table(*rows).encode())


def test_each_version_of_each_file_is_copied_once(store: Any, desk: FetchedDesk) -> None:
    put(store, "1/day.csv", 1)
    put(store, "2/day.csv", 2)
    put(store, "2/other.txt", 9)
    put(store, "2/day.csv.part", 9)
    fetched, extracts = desk.night()
    assert [file.name for file in fetched.files] == ["1__day.csv", "2__day.csv"]
    assert [extract.rows_accepted for extract in extracts] == [1, 1]
    assert desk.night() == (type(fetched)(None, ()), [])
    put(store, "2/day.csv", 2, 3)
    fetched, _ = desk.night()
    assert [file.name for file in fetched.files] == ["2__day.csv"]
    assert desk.ids() == {"R1", "R2", "R3"}


def test_a_file_that_was_copied_but_never_read_is_copied_again(
    store: Any, desk: FetchedDesk
) -> None:
    put(store, "1/day.csv", 1)
    for file in desk.pull().files:
        file.unlink()
    desk.night()
    assert desk.ids() == {"R1"}


def test_a_file_that_gives_less_than_listed_lands_not(
    store: Any, desk: FetchedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "1/day.csv", 1)
    real = type(store).glob

    def glob(self: Any, path: str, **options: Any) -> dict[str, Any]:
        return {p: about | {"size": 10_000} for p, about in real(self, path, **options).items()}

    monkeypatch.setattr(type(store), "glob", glob)
    with pytest.raises(FetchError, match="has 10000 bytes but gave"):
        desk.pull()
    assert list(desk.settings.landing_dir.rglob("*")) == []


def test_a_store_without_its_package_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
    with pytest.raises(FetchError, match="Install s3fs"):
        desk_of(tmp_path, "s3://extracts/*.csv").pull()
