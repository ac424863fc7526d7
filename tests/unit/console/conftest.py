"""A small database, secrets around it, and a server that must never be asked."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from pipelines.console.runner import Workers
from pipelines.settings import Settings

CANARY = "canary-5f1d"


@dataclass
class Room:
    """Where attempts are made, and what may not have changed after them."""

    folder: Path
    copy: Path
    canary: Path
    port: int
    asked: list[str] = field(default_factory=list)

    def fill(self, text: str) -> str:
        """An attempt with the places of this room."""
        for name in ("folder", "copy", "canary", "port"):
            text = text.replace(f"{{{name}}}", str(getattr(self, name)))
        return text

    def files(self) -> dict[str, bytes]:
        """All files and what is in them."""
        return {str(p): p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    copy = tmp_path / "copy.duckdb"
    with duckdb.connect(str(copy)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.t as select range i, 'a' || range s from range(5)")
    canary = tmp_path / "canary.txt"
    canary.write_text(CANARY, encoding="utf-8")
    (tmp_path / "link.txt").symlink_to(canary)
    monkeypatch.setenv("KPI_CANARY", CANARY)
    monkeypatch.chdir(tmp_path)
    with socket.socket() as trap:
        trap.bind(("127.0.0.1", 0))
        trap.listen()
        found = Room(tmp_path, copy, canary, trap.getsockname()[1])
        thread = threading.Thread(target=_listen, args=(trap, found.asked), daemon=True)
        thread.start()
        yield found
        trap.shutdown(socket.SHUT_RDWR)
        thread.join()


def _listen(trap: socket.socket, asked: list[str]) -> None:
    while True:
        try:
            visitor, address = trap.accept()
        except OSError:
            return
        asked.append(str(address))
        visitor.close()


@pytest.fixture
def workers(room: Room) -> Iterator[Workers]:
    pool = Workers(room.copy, seconds=3.0)
    yield pool
    pool.close()
