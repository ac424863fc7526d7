"""The nightly job without a daemon: for cron, for `kpi nightly`, for tests."""

import contextlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dagster import DagsterInstance
from dagster._core.errors import DagsterAssetCheckFailedError

from pipelines.errors import KpiError
from pipelines.orchestration.assembly import build_definitions
from pipelines.orchestration.warehouse_assets import AS_OF_TAG
from pipelines.settings import Settings

DAGSTER_YAML = """\
telemetry:
  enabled: false
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""


@dataclass(frozen=True)
class NightlyOutcome:
    """How a night ended: whether a snapshot was published, and what went wrong."""

    is_published: bool
    new_extracts: int = 0
    sources_with_refusals: tuple[str, ...] = ()
    error: str | None = None


def prepare_dagster_home(settings: Settings) -> None:
    """Create Dagster's home with telemetry off and tell Dagster where it is."""
    settings.dagster_dir.mkdir(parents=True, exist_ok=True)
    config = settings.dagster_dir / "dagster.yaml"
    if not config.exists():
        config.write_text(DAGSTER_YAML, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(settings.dagster_dir.resolve())


def run_nightly(settings: Settings, as_of: datetime | None = None) -> NightlyOutcome:
    """Run the job in this process; dbt's own lines go to `dbt/console.log` of the home."""
    prepare_dagster_home(settings)
    job = build_definitions(settings).resolve_job_def("nightly")
    tags = {AS_OF_TAG: as_of.isoformat()} if as_of is not None else {}
    with (
        DagsterInstance.get() as instance,
        _console(settings).open("w", encoding="utf-8") as console,
        contextlib.redirect_stdout(console),
    ):
        try:
            result = job.execute_in_process(
                instance=instance,
                tags=tags,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
        except Exception as error:  # noqa: BLE001 - Dagster wraps ours; others are re-raised
            return NightlyOutcome(is_published=False, error=_sentence(error))
    raw = [
        event.step_materialization_data.materialization
        for event in result.get_asset_materialization_events()
        if event.asset_key is not None and event.asset_key.path[0] == "raw"
    ]
    return NightlyOutcome(
        is_published=True,
        new_extracts=sum(int(str(m.metadata["new_extracts"].value)) for m in raw),
        sources_with_refusals=tuple(
            ".".join(m.asset_key.path[1:]) for m in raw if m.metadata["refused_extracts"].value
        ),
    )


def _console(settings: Settings) -> Path:
    path = settings.home / "dbt" / "console.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _sentence(error: BaseException) -> str:
    """What stopped the night on purpose; anything else is a defect and is re-raised."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    # Dagster links its errors in circles: an error seen before ends the walk.
    while cause is not None and cause not in chain:
        chain.append(cause)
        if isinstance(cause, KpiError):
            return str(cause)
        if isinstance(cause, DagsterAssetCheckFailedError):
            return f"the gate {str(cause).splitlines()[-1]} failed; its verdicts are above."
        cause = cause.__cause__ or cause.__context__
    raise error
