"""Dashboards for browser tests: a server of its own on a free port."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from pipelines.settings import PROJECT_DIR

_TRIES = 240


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(script: str, home: Path, port: int | None = None, **environment: str) -> Iterator[str]:
    """The address of a server of `script` (a path in the project) on a home."""
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    process = subprocess.Popen(
        command,
        cwd=PROJECT_DIR,
        env=os.environ | {"KPI_HOME": str(home), "PYTHONPATH": str(PROJECT_DIR)} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(address)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_until_healthy(address: str) -> None:
    for _ in range(_TRIES):
        try:
            urlopen(f"{address}/_stcore/health", timeout=1).close()  # noqa: S310
        except (URLError, TimeoutError):
            time.sleep(0.25)
        else:
            return
    raise AssertionError(f"no dashboard answers on {address}")
