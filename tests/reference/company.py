"""A whole installation with a random company in it: project copied, seeds replaced, dbt run."""

import os
import shutil
import subprocess
from datetime import date, datetime
from pathlib import Path

from pipelines.settings import Settings
from pipelines.warehouse.calendars import write_business_days
from pipelines.warehouse.dbt import dbt_executable, dbt_variables
from tests.integration.raw_store import write_empty_raw
from tests.reference.calendar_files import Elsewhere
from tests.reference.schedules import write_seeds

# all that the random histories touch, and room after it for promises that run out later
FIRST_DAY, LAST_DAY = date(2022, 6, 1), date(2027, 12, 31)


def prepare_home(home: Path, seed: int, schedules: int) -> None:
    """A home with its own copy of the project, random seeds, and no rows yet."""
    project = Elsewhere(home=home).dbt_dir
    shutil.copytree(Settings().dbt_dir, project)
    write_seeds(project / "seeds", seed, schedules)
    write_empty_raw(home)


def build_marts(
    home: Path,
    as_of: datetime,
    *arguments: str,
    days: tuple[date, date] = (FIRST_DAY, LAST_DAY),
) -> None:
    """Everything the night builds from raw; `arguments` go to `dbt build`."""
    settings = Elsewhere(home=home)
    pieces = write_business_days(settings, *days)
    (home / "build").mkdir(exist_ok=True)
    variables = dbt_variables(as_of, pieces)
    done = subprocess.run(
        [dbt_executable(), "build", "--profiles-dir", ".", "--vars", variables, *arguments],
        cwd=settings.dbt_dir,
        env=os.environ
        | {
            "KPI_HOME": str(home),
            "DBT_TARGET_PATH": str(home / "target"),
            "DBT_LOG_PATH": str(home / "logs"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(done.stdout[-6000:] + done.stderr)


def share_project(home: Path, other: Path) -> None:
    """A home without rows that uses the project and seeds of another one."""
    home.mkdir()
    Elsewhere(home=home).dbt_dir.symlink_to(Elsewhere(home=other).dbt_dir)
    write_empty_raw(home)
