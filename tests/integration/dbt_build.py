"""A raw store through seeds and models to a published snapshot; dbt's own tests are not run."""

import json
import os
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

from pipelines.metrics import MetricStore
from pipelines.settings import Settings
from pipelines.warehouse.calendars import write_business_days
from pipelines.warehouse.dbt import dbt_executable
from pipelines.warehouse.snapshots import current_snapshot, publish_snapshot

NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")


def build(home: Path, as_of: str, start: date, end: date) -> MetricStore:
    """The store of what lies in `home`/raw, as of an instant; calendars reach from start to end."""
    settings = Settings(home=home)
    (home / "build").mkdir(exist_ok=True)
    pieces = write_business_days(settings, start, end)
    variables = json.dumps({"as_of": as_of, "business_day_pieces": pieces})
    done = subprocess.run(
        [dbt_executable(), "build", *NO_TESTS, "--profiles-dir", ".", "--vars", variables],
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
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    manifest = (home / "target" / "semantic_manifest.json").read_text(encoding="utf-8")
    at = datetime.fromisoformat(as_of).replace(tzinfo=UTC)
    publish_snapshot(settings, "test", at, {}, manifest)
    return MetricStore(current_snapshot(settings), settings)
