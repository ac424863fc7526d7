"""`kpi demo` and `kpi stop`: a simulated company from nothing to an open dashboard."""

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.nightly import nightly
from pipelines.commands.simulate import simulate
from pipelines.errors import KpiError
from pipelines.processes import end_noted_process
from pipelines.settings import Settings

START_TIMEOUT_SECONDS = 60
WHAT_TO_LOOK_AT = """
The dashboard answers on {url}  (English: {url}/?lang=en)
It shows a SIMULATED company 模拟数据; nothing in it is real. Look at
  总览 Overview          how the company does, in one sentence and twelve cards
  工单 Tickets & SLA     the outage's burst of incidents, the backlog it leaves
  呼叫 Calls             service level 80/20 through the day of the outage
  满意度 Satisfaction    the slow drift of one service, SERVQUAL gaps
  数据质量 Data quality  what was quarantined last night, and why
Ask a number:  KPI_HOME={home} kpi query first_reply_business_p90 --by month,team
"""


def demo(
    detach: Annotated[bool, typer.Option(help="Leave the dashboard in the background.")] = False,
) -> None:
    """Simulate a company (once), run the nightly job on it and serve the dashboard."""
    settings = Settings()
    if not (settings.home / "truth.json").exists():
        simulate()
    nightly()
    stop()
    server = _start(settings)
    url = f"http://127.0.0.1:{settings.dashboard_port}"
    _wait_until_healthy(server, url, settings)
    typer.echo(WHAT_TO_LOOK_AT.format(url=url, home=settings.home))
    if detach:
        typer.echo("It stays in the background; `make stop` ends it.")
        return
    typer.echo("Ctrl-C ends it.")
    try:
        server.wait()
    except KeyboardInterrupt:
        stop()


def stop() -> None:
    """End the dashboard that `kpi demo` left in the background, if any."""
    end_noted_process(_pid_path(Settings()), b"streamlit", signal.SIGTERM)


def _pid_path(settings: Settings) -> Path:
    return settings.home / "dashboard.pid"


def _log_path(settings: Settings) -> Path:
    return settings.home / "dashboard.log"


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    with _log_path(settings).open("wb") as log:
        server = subprocess.Popen(
            [str(Path(sys.executable).with_name("kpi")), "dashboard"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _pid_path(settings).write_text(str(server.pid))
    return server


def _wait_until_healthy(server: subprocess.Popen[bytes], url: str, settings: Settings) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):  # noqa: S310
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.3)
    raise KpiError(
        f"the dashboard does not answer on {url}; {_log_path(settings)} says why. If the port is "
        "taken, set KPI_DASHBOARD_PORT."
    )
