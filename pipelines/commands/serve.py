"""`kpi dashboard` and `kpi dagster`: the two web pages, on this machine unless people sign in."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.metrics.sign_in import check_address
from pipelines.settings import PROJECT_DIR, Settings


def dashboard(
    port: Annotated[int | None, typer.Option(help="Default: KPI_DASHBOARD_PORT or 8501.")] = None,
    address: Annotated[
        str, typer.Option(help="Any other address needs sign-in, see docs/access.md.")
    ] = "127.0.0.1",
) -> None:
    """Serve the dashboards."""
    settings = Settings()
    check_address(settings, address)
    _become(
        "streamlit",
        "run",
        str(PROJECT_DIR / "dashboards" / "server.py"),
        "--server.address",
        address,
        "--server.port",
        str(port or settings.dashboard_port),
        "--server.headless",
        "true",
    )


def dagster() -> None:
    """Serve Dagster's page with the schedule on 127.0.0.1:3000."""
    from pipelines.orchestration.headless import prepare_dagster_home

    prepare_dagster_home(Settings())
    _become("dagster", "dev", "-w", str(PROJECT_DIR / "workspace.yaml"), "-h", "127.0.0.1")


def _become(program: str, *arguments: str) -> None:
    """Replace this process, so that signals reach the server itself."""
    os.chdir(PROJECT_DIR)
    executable = str(Path(sys.executable).with_name(program))
    os.execv(executable, [executable, *arguments])  # noqa: S606
