"""A PostgreSQL server of the tests' own: a new cluster on a free port, ended with its fixture."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from adbc_driver_manager import OperationalError
from adbc_driver_postgresql import dbapi  # type: ignore[import-untyped]

INSTALL = "no PostgreSQL server: apt-get install -y postgresql"
_START_SECONDS = 60


def server_folder() -> Path | None:
    """Where `initdb` and `postgres` are; None without them."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    found = shutil.which("initdb")
    folders += [Path(found).resolve().parent] if found else []
    return next((f for f in reversed(folders) if (f / "postgres").exists()), None)


class Server:
    """A running server and its only account."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.user, self.password = "kpi", f"p@ss/{secrets.token_hex(8)}"

    def connect(self) -> dbapi.Connection:
        account = f"{self.user}:{quote(self.password, safe='')}"
        return dbapi.connect(f"postgresql://{account}@127.0.0.1:{self.port}/postgres")

    def run(self, *statements: str) -> None:
        with self.connect() as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()


@contextmanager
def running_server(binaries: Path) -> Iterator[Server]:
    """The server refuses to run as root: there it runs as the account of its package."""
    user = "postgres" if os.geteuid() == 0 else None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server = Server(probe.getsockname()[1])
    folder = Path(tempfile.mkdtemp(prefix="kpi-postgres-"))
    try:
        password = folder / "password"
        password.write_text(server.password)
        if user:
            shutil.chown(folder, user)
            shutil.chown(password, user)
        environment = {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}
        initdb: list[str | Path] = [
            binaries / "initdb",
            "-D",
            folder / "data",
            "-U",
            server.user,
            "--no-sync",
        ]
        initdb += ["-A", "scram-sha-256", "--pwfile", password, "-E", "UTF8"]
        subprocess.run(
            initdb, check=True, user=user, cwd=folder, env=environment, stdout=subprocess.DEVNULL
        )
        command: list[str | Path] = [
            binaries / "postgres",
            "-D",
            folder / "data",
            "-k",
            folder,
            "-h",
            "127.0.0.1",
        ]
        command += ["-p", str(server.port), "-c", "fsync=off"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                command, user=user, cwd=folder, env=environment, stdout=log, stderr=log
            )
        try:
            _wait(server)
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # a plain end would wait for open connections
            process.wait(timeout=_START_SECONDS)
    finally:
        shutil.rmtree(folder)


def _wait(server: Server) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            server.connect().close()
            return
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
