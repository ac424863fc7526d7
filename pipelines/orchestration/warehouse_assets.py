"""From raw to the published snapshot: business days, dbt models, the marts gate, publishing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetDep,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    MaterializeResult,
    asset,
    asset_check,
)
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from pipelines.contracts import Contracts
from pipelines.errors import BuildError
from pipelines.ingest import clear_landing, ensure_empty_raw, read_ledger, require_one_key
from pipelines.orchestration.raw_assets import progress, raw_key
from pipelines.settings import Settings
from pipelines.warehouse.audit import audit_tables, cut_off, event_span
from pipelines.warehouse.calendar_review import calendar_gaps
from pipelines.warehouse.calendars import write_business_days
from pipelines.warehouse.dbt import dbt_variables, deletes_known, target_dir
from pipelines.warehouse.lock import child_pid_path
from pipelines.warehouse.runs import update_run
from pipelines.warehouse.snapshots import publish_snapshot

AS_OF_TAG = "kpi/as_of"
BUSINESS_DAYS = AssetKey(["generated", "business_days"])
SNAPSHOT = AssetKey(["snapshot", "warehouse"])
# A calendar must reach past `as_of`, so that targets that are still running have a due time.
CALENDAR_RESERVE = timedelta(days=90)


def _as_of(context: AssetExecutionContext, ledger: pl.DataFrame) -> datetime:
    told = context.run.tags.get(AS_OF_TAG)
    if told is not None:
        return datetime.fromisoformat(told).astimezone(UTC)
    return cut_off(ledger)


class _Translator(DagsterDbtTranslator):
    """dbt reads raw per entity; Dagster knows it per source × entity."""

    def __init__(self, contracts: Contracts) -> None:
        super().__init__()
        self._raw_keys: dict[str, list[AssetKey]] = {}
        for source, entity in contracts.sources:
            self._raw_keys.setdefault(entity, []).append(raw_key(source, entity))

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        deps: list[AssetDep] = []
        for dep in spec.deps:
            path = dep.asset_key.path
            if path[0] == "raw":
                deps += [AssetDep(key) for key in self._raw_keys.get(path[1], [])]
            elif path[0] == BUSINESS_DAYS.path[0]:
                deps.append(AssetDep(BUSINESS_DAYS))  # one step writes all generated tables
            else:
                deps.append(dep)
        return spec.replace_attributes(deps=deps)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return str(dbt_resource_props["schema"])


def business_days_asset(contracts: Contracts) -> AssetsDefinition:
    """Opening seconds per calendar and UTC day, for as far as the loaded rows reach."""

    @asset(
        key=BUSINESS_DAYS,
        group_name="generated",
        deps=[raw_key(*pair) for pair in contracts.sources],
        required_resource_keys={"warehouse"},
        description="Opening seconds per calendar and UTC day.",
    )
    def _business_days(context: AssetExecutionContext) -> MaterializeResult:  # type: ignore[type-arg]
        settings = Settings()
        ensure_empty_raw(settings, contracts)
        require_one_key(settings)
        for path in clear_landing(settings, contracts):
            progress.warning("  no contract claims %s; it stays in landing", path)
        ledger = read_ledger(settings)
        as_of = _as_of(context, ledger)
        start, end = event_span(ledger, as_of)
        pieces = write_business_days(settings, start, end + CALENDAR_RESERVE)
        update_run(settings, context.run.run_id, as_of=as_of.isoformat())
        variables = settings.runs_dir / context.run.run_id / "dbt_variables.json"
        deletes = deletes_known(settings, contracts, as_of)
        variables.write_text(dbt_variables(as_of, pieces, deletes), encoding="utf-8")
        progress.info("calendars                        %s to %s; data as of %s", start, end, as_of)
        return MaterializeResult(metadata={"pieces_a_day": pieces, "as_of": as_of.isoformat()})

    return _business_days


def dbt_models(contracts: Contracts, manifest: Path) -> AssetsDefinition:
    """All seeds and models, built from nothing, with their data tests."""

    @dbt_assets(
        manifest=manifest,
        dagster_dbt_translator=_Translator(contracts),
        required_resource_keys={"warehouse", "dbt"},
    )
    def _models(context: AssetExecutionContext) -> Iterator[Any]:
        dbt: DbtCliResource = context.resources.dbt
        settings = Settings()
        settings.build_path.parent.mkdir(parents=True, exist_ok=True)
        for leftover in settings.build_path.parent.glob("*.duckdb*"):
            leftover.unlink()
        variables = settings.runs_dir / context.run.run_id / "dbt_variables.json"
        progress.info("dbt build                        seeds, models and data tests …")
        invocation = dbt.cli(
            ["build", "--exclude-resource-type", "unit_test", "--vars", variables.read_text()],
            context=context,
            target_path=target_dir(settings),
        )
        pid_path = child_pid_path(settings)
        pid_path.write_text(str(invocation.process.pid))
        try:
            yield from invocation.stream()
        except DagsterDbtCliRuntimeError as error:
            raise BuildError(_why_stopped(settings)) from error
        finally:
            pid_path.unlink(missing_ok=True)
        progress.info("dbt build                        %s", _counts(target_dir(settings)))

    return _models


def _results(target: Path) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = json.loads((target / "run_results.json").read_text())["results"]
    return results


def _why_stopped(settings: Settings) -> str:
    failed = [
        f"{r['unique_id']}: {r['message']}"
        for r in _results(target_dir(settings))
        if r["status"] in ("error", "fail", "runtime error")
    ]
    # a calendar that ends too soon makes many tests fail: it is the one thing to tell
    reasons = calendar_gaps(settings.working_path) or failed
    return "dbt stopped the build, nothing was published: " + "; ".join(reasons)


def _counts(target: Path) -> str:
    statuses = [str(r["status"]) for r in _results(target)]
    return ", ".join(f"{statuses.count(s)} {s}" for s in sorted(set(statuses)))


def marts_gate(models: AssetsDefinition) -> AssetChecksDefinition:
    """The marts suite: an unmet `error` expectation keeps the build from being published."""
    marts = sorted(key for key in models.keys if key.path[0] == "marts")

    @asset_check(
        asset=AssetKey(["marts", "fct_tickets"]),
        name="marts_suite",
        additional_deps=[key for key in marts if key.path[-1] != "fct_tickets"],
        blocking=True,
        required_resource_keys={"warehouse"},
        description="Keys, ranges, reconciliation and sanity of the marts.",
    )
    def _gate(context: AssetCheckExecutionContext) -> AssetCheckResult:
        from pipelines.quality.marts_gate import gate_marts  # imports GX: 6 CPU s

        verdicts = gate_marts(Settings(), context.run.run_id)
        unmet = [v for v in verdicts if not v.is_met]
        progress.info(
            "marts suite                      %d expectations, %d unmet", len(verdicts), len(unmet)
        )
        for verdict in unmet:
            progress.warning("  %s", verdict.sentence())
        return AssetCheckResult(
            passed=not any(v.blocks for v in verdicts),
            metadata={"unmet": "\n".join(v.sentence() for v in unmet)},
        )

    return _gate


def snapshot_asset(contracts: Contracts, models: AssetsDefinition) -> AssetsDefinition:
    """The validated build as an immutable file, and the pointer moved to it."""
    published: Sequence[AssetKey] = sorted(
        key for key in models.keys if key.path[0] in ("marts", "reference")
    )

    @asset(
        key=SNAPSHOT,
        group_name="snapshot",
        deps=published,
        required_resource_keys={"warehouse"},
        description="Published snapshot: what dashboards and analysts read.",
    )
    def _snapshot(context: AssetExecutionContext) -> MaterializeResult:  # type: ignore[type-arg]
        settings = Settings()
        variables = settings.runs_dir / context.run.run_id / "dbt_variables.json"
        as_of = datetime.fromisoformat(json.loads(variables.read_text())["as_of"])
        snapshot = publish_snapshot(
            settings,
            context.run.run_id,
            as_of.replace(tzinfo=UTC),
            audit_tables(settings, contracts, as_of),
            (target_dir(settings) / "semantic_manifest.json").read_text(encoding="utf-8"),
        )
        update_run(settings, context.run.run_id, snapshot_id=snapshot.id)
        progress.info("published                        %s", snapshot.path.name)
        return MaterializeResult(metadata={"snapshot_id": snapshot.id, "as_of": str(as_of)})

    return _snapshot
