"""All definitions put together: assets, checks, the nightly job, its schedule and sensor."""

import hashlib
import time

from dagster import (
    AssetSelection,
    DefaultSensorStatus,
    Definitions,
    RunRequest,
    ScheduleDefinition,
    SensorDefinition,
    SensorEvaluationContext,
    SkipReason,
    define_asset_job,
    in_process_executor,
    sensor,
)
from dagster_dbt import DbtCliResource

from pipelines.contracts import load_contracts
from pipelines.orchestration.raw_assets import raw_asset
from pipelines.orchestration.resources import Warehouse
from pipelines.orchestration.warehouse_assets import (
    business_days_asset,
    dbt_models,
    marts_gate,
    snapshot_asset,
)
from pipelines.settings import Settings
from pipelines.warehouse.dbt import dbt_executable, prepare_manifest

# A file that is still being written changes; one that rested this long is taken as whole.
SETTLED_SECONDS = 30


def build_definitions(settings: Settings) -> Definitions:
    """The code location of one installation."""
    contracts = load_contracts(settings.contracts_dir)
    models = dbt_models(contracts, prepare_manifest(settings))
    raw = [raw_asset(contract) for contract in contracts.sources.values()]
    nightly = define_asset_job("nightly", selection=AssetSelection.all())
    return Definitions(
        assets=[*raw, business_days_asset(contracts), models, snapshot_asset(contracts, models)],
        asset_checks=[marts_gate(models)],
        jobs=[nightly],
        schedules=[
            ScheduleDefinition(
                name="nightly_schedule",
                job=nightly,
                cron_schedule=settings.nightly_cron,
                execution_timezone=settings.timezone,
            )
        ],
        sensors=[_landing_sensor(settings)],
        resources={
            "warehouse": Warehouse(),
            "dbt": DbtCliResource(
                project_dir=str(settings.dbt_dir),
                profiles_dir=str(settings.dbt_dir),
                dbt_executable=dbt_executable(),
            ),
        },
        executor=in_process_executor,
    )


def _landing_sensor(settings: Settings) -> SensorDefinition:
    @sensor(
        name="landing_sensor",
        job_name="nightly",
        minimum_interval_seconds=60,
        default_status=DefaultSensorStatus.STOPPED,
        description="Runs the nightly job when new files rest in landing.",
    )
    def _new_files(context: SensorEvaluationContext) -> RunRequest | SkipReason:
        files = [p for p in sorted(settings.landing_dir.rglob("*")) if p.is_file()]
        if not files:
            return SkipReason(f"{settings.landing_dir} is empty")
        states = [(str(p), p.stat().st_size, p.stat().st_mtime) for p in files]
        if time.time() - max(mtime for _, _, mtime in states) < SETTLED_SECONDS:
            return SkipReason("files are still arriving")
        return RunRequest(run_key=hashlib.sha256(repr(states).encode()).hexdigest())

    return _new_files
