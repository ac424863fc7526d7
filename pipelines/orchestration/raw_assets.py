"""One asset per source × entity: it is fetched, lands and becomes raw, gated by its contract."""

import logging
from collections import Counter
from pathlib import Path

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    MaterializeResult,
    asset,
)

from pipelines.contracts import SourceContract
from pipelines.errors import FetchError
from pipelines.fetch import fetch_source
from pipelines.ingest import Extract, ingest_source, unjudged_extracts
from pipelines.quality.results import ExtractVerdict
from pipelines.settings import Settings
from pipelines.warehouse.absences import note_absence

progress = logging.getLogger("kpi.progress")


def raw_key(source: str, entity: str) -> AssetKey:
    return AssetKey(["raw", source, entity])


def raw_asset(contract: SourceContract) -> AssetsDefinition:
    """The asset of one source contract, with its contract check.

    The check does not block: an extract that fails it is refused, stays out of raw, and the
    rest of the night goes on without it.
    """
    key = raw_key(contract.source, contract.entity.name)
    check = AssetCheckSpec(
        "contract", asset=key, description="Every new extract keeps the promises of its contract."
    )

    @asset(
        key=key,
        group_name="raw",
        kinds={"duckdb", "parquet"},
        description=contract.purpose,
        check_specs=[check],
        required_resource_keys={"warehouse"},
    )
    def _raw(context: AssetExecutionContext) -> MaterializeResult:  # type: ignore[type-arg]
        settings = Settings()
        unreached = _fetch(settings, contract)
        waiting: list[Path] = []
        read = ingest_source(settings, contract, context.run.run_id, on_waiting=waiting.append)
        note_absence(
            settings, contract, "unreached" if unreached else "waiting" if waiting else None
        )
        extracts = [e for e in read if e.is_new and e.outcome == "refused"]
        verdicts: list[ExtractVerdict] = []
        unjudged = unjudged_extracts(settings, contract)
        if unjudged:
            from pipelines.quality.extract_gate import gate_extracts  # imports GX: 6 CPU s

            judged, verdicts = gate_extracts(settings, contract, unjudged, context.run.run_id)
            extracts += judged
        refused = [e for e in extracts if e.outcome == "refused"]
        _say(contract, extracts)
        _warn(verdicts)
        totals = _totals(extracts)
        return MaterializeResult(
            metadata=totals
            | {"new_extracts": len(extracts), "refused_extracts": len(refused)}
            | {"unreached": unreached, "waiting_files": len(waiting)},
            check_results=[
                AssetCheckResult(
                    check_name="contract",
                    passed=not refused and all(v.is_met for v in verdicts),
                    severity=AssetCheckSeverity.ERROR if refused else AssetCheckSeverity.WARN,
                    metadata={
                        "refused": "\n".join(str(e.message) for e in refused),
                        "unmet": "\n".join(
                            f"{v.extract_id}: {v.sentence()}" for v in verdicts if not v.is_met
                        ),
                    },
                )
            ],
        )

    return _raw


def _fetch(settings: Settings, contract: SourceContract) -> str:
    """Bring what is fetched to landing; gives why that failed, or nothing.

    A source that cannot be reached stops nobody: what it has comes another night, and until then
    it is late.
    """
    if contract.fetch is None:
        return ""
    try:
        fetched = fetch_source(settings, contract)
    except FetchError as error:
        progress.warning("  not fetched: %s", error)
        return str(error)
    progress.info("%-32s fetched: %s", contract.id, fetched)
    return ""


def _totals(extracts: list[Extract]) -> dict[str, int]:
    return {
        "rows_read": sum(e.rows_read or 0 for e in extracts),
        "rows_accepted": sum(e.rows_accepted or 0 for e in extracts),
        "rows_quarantined": sum(e.rows_quarantined or 0 for e in extracts),
    }


def _say(contract: SourceContract, extracts: list[Extract]) -> None:
    name = f"{contract.source}.{contract.entity.name}"
    if not extracts:
        progress.info("%-32s nothing new", name)
        return
    totals = _totals(extracts)
    progress.info(
        "%-32s %d extracts: %d rows read = %d accepted + %d quarantined",
        name,
        len(extracts),
        *totals.values(),
    )
    for extract in extracts:
        if extract.outcome == "refused":
            progress.warning("  refused: %s", extract.message)


def _warn(verdicts: list[ExtractVerdict]) -> None:
    """One line of what was loaded with a warning: rule, column, how many extracts."""
    unmet = [v for v in verdicts if not v.is_met and v.severity == "warn"]
    rules = Counter(f"{v.rule} of {v.column_name}" if v.column_name else v.rule for v in unmet)
    if rules:
        told = ", ".join(f"{rule} in {count}" for rule, count in rules.most_common())
        progress.warning("  loaded with warnings: %s", told)
