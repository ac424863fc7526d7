"""The run's hold on the warehouse."""

from collections.abc import Generator
from contextlib import contextmanager

from dagster import (
    ConfigurableResource,
    DagsterInstance,
    DagsterRunStatus,
    InitResourceContext,
    RunsFilter,
)

from pipelines.contracts import load_contracts
from pipelines.ingest import finish_rotation, has_begun
from pipelines.settings import Settings
from pipelines.warehouse.lock import warehouse_lock
from pipelines.warehouse.runs import recorded_run

_UNFINISHED = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]


class Warehouse(ConfigurableResource["Warehouse"]):
    """Held from a run's first step to its last; a second run fails at once."""

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Generator["Warehouse"]:
        settings = Settings()
        run_id = context.run.run_id if context.run is not None else "unknown"
        with warehouse_lock(settings), recorded_run(settings, run_id):
            if has_begun(settings):  # a key rotation that was killed
                list(finish_rotation(settings, load_contracts(settings.contracts_dir), run_id))
            if context.instance is not None:
                _close_orphans(context.instance, run_id)
            yield self


def _close_orphans(instance: DagsterInstance, own_run_id: str) -> None:
    """Mark runs that were killed as failed; we hold the lock, so no other run is alive."""
    for run in instance.get_runs(RunsFilter(statuses=_UNFINISHED)):
        if run.run_id != own_run_id:
            instance.report_run_failed(run, "the process of this run was killed")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
