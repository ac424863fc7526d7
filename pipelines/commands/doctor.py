"""`kpi doctor`: is this installation able to run tonight?"""

import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import typer

from pipelines.contracts import check_contracts
from pipelines.errors import NoSnapshotError
from pipelines.settings import Settings
from pipelines.warehouse.snapshots import current_snapshot

MINIMUM_FREE_BYTES = 2_000_000_000
# A nightly job that skipped one night is late; more is a fault.
LATE_AFTER = timedelta(hours=36)
CJK_FONT_FOLDERS = (Path("/usr/share/fonts"), Path.home() / ".fonts")

Finding = tuple[str, str]


def doctor() -> None:
    """Check installation, paths, contracts, fonts, free disk and freshness; exit 1 on a fault."""
    checks: tuple[Callable[[Settings], Finding], ...] = (
        _installation,
        _home,
        _disk,
        _contracts,
        _fonts,
        _freshness,
    )
    settings = Settings()
    findings = [(check.__name__.strip("_"), *check(settings)) for check in checks]
    for name, state, text in findings:
        typer.echo(f"{state:5} {name:13} {text}")
    if any(state == "fault" for _, state, _ in findings):
        raise typer.Exit(1)


def _installation(_: Settings) -> Finding:
    names = ("dagster", "dbt-core", "duckdb", "great-expectations", "polars", "streamlit")
    found = ", ".join(f"{name} {version(name)}" for name in names)
    return "ok", f"Python {sys.version.split()[0]}; {found}"


def _home(settings: Settings) -> Finding:
    settings.home.mkdir(parents=True, exist_ok=True)
    if os.access(settings.home, os.W_OK):
        return "ok", f"{settings.home} is writable"
    return "fault", f"{settings.home} is not writable; set KPI_HOME to a folder that is"


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.home).free
    text = f"{free / 1e9:.1f} GB free below {settings.home}"
    return ("ok", text) if free >= MINIMUM_FREE_BYTES else ("fault", f"{text}; 2 GB are needed")


def _contracts(settings: Settings) -> Finding:
    mistakes = check_contracts(settings.contracts_dir)
    if mistakes:
        return "fault", f"{len(mistakes)} mistakes; `kpi contracts check` prints them"
    return "ok", f"{settings.contracts_dir} holds no mistake"


def _fonts(_: Settings) -> Finding:
    for folder in CJK_FONT_FOLDERS:
        if any(folder.rglob("*CJK*")):
            return "ok", f"Chinese fonts found below {folder}"
    return "warn", "no Chinese font for pictures: apt-get install fonts-noto-cjk"


def _freshness(settings: Settings) -> Finding:
    try:
        snapshot = current_snapshot(settings)
    except NoSnapshotError as error:
        return "warn", str(error)
    age = datetime.now(UTC) - snapshot.published_at
    text = (
        f"published {age.total_seconds() / 3600:.1f} h ago, data as of {snapshot.as_of:%F %R} UTC"
    )
    return ("ok", text) if age <= LATE_AFTER else ("fault", f"{text}; the nightly run is late")
