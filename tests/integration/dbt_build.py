"""A raw store through seeds and models to a published snapshot; dbt's own tests are not run."""

from datetime import UTC, date, datetime
from pathlib import Path

from pipelines.metrics import MetricStore
from pipelines.settings import Settings
from pipelines.warehouse.calendars import write_business_days
from pipelines.warehouse.dbt import build_models, dbt_variables, target_dir
from pipelines.warehouse.snapshots import current_snapshot, publish_snapshot


def build(home: Path, as_of: str, start: date, end: date) -> MetricStore:
    """The store of what lies in `home`/raw, as of an instant; calendars reach from start to end."""
    settings = Settings(home=home)
    pieces = write_business_days(settings, start, end)
    at = datetime.fromisoformat(as_of).replace(tzinfo=UTC)
    build_models(settings, dbt_variables(at, pieces))
    manifest = (target_dir(settings) / "semantic_manifest.json").read_text(encoding="utf-8")
    publish_snapshot(settings, "test", at, {}, manifest)
    return MetricStore(current_snapshot(settings), settings)
