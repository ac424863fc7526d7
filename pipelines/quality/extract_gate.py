"""The contract suite of each source × entity, run on its new extracts.

The gate of `pipelines.ingest` has judged every row; here the accepted rows are counted again,
independently, and the extract is judged as a whole against its contract and the extracts before
it. DuckDB counts; Great Expectations judges one row per extract with one column per rule, so that
a gate costs the same for a thousand rows and for ten million. An extract that breaks an `error`
rule is refused: it leaves raw and the night goes on without it. A `warn` is loaded and told.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import great_expectations.expectations as gxe
import polars as pl
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.metadata_types import FailureSeverity

from pipelines.contracts import BatchRule, SourceContract
from pipelines.errors import BuildError
from pipelines.ingest import Extract, loaded_extracts, mark_judged, refuse_extract
from pipelines.quality.counts import Counts, count_extracts, row_promises
from pipelines.quality.figures import figures
from pipelines.quality.results import ExtractVerdict, add_extract_verdicts
from pipelines.quality.validate import run_suite
from pipelines.quality.vanishing import vanished_ratios
from pipelines.settings import Settings

_SEVERITIES = {"error": FailureSeverity.CRITICAL, "warn": FailureSeverity.WARNING}


def contract_suite(contract: SourceContract) -> dict[str, tuple[BatchRule, Expectation]]:
    """Every rule of a contract as an expectation, by the column its figures stand in."""
    suite: dict[str, tuple[BatchRule, Expectation]] = {}
    for rule in (*row_promises(contract), *contract.batch_rules):
        column = " ".join(part for part in (rule.name, rule.column, rule.severity) if part)
        suite[column] = (
            rule,
            gxe.ExpectColumnValuesToBeBetween(
                column=column,
                min_value=rule.low,
                max_value=rule.high,
                severity=_SEVERITIES[rule.severity],
            ),
        )
    return suite


def gate_extracts(
    settings: Settings, contract: SourceContract, extracts: Sequence[Extract], run_id: str
) -> tuple[list[Extract], list[ExtractVerdict]]:
    """Judge loaded extracts; refuse those with an unmet `error` rule, mark the others.

    Returns the extracts as they then are, and the verdicts that were stored. A snapshot that
    comes late has the one made after it judged again, which is then among them.
    """
    loaded = loaded_extracts(settings, contract)
    vanished: dict[str, float] = {}
    if contract.load_mode == "snapshot":
        vanished = vanished_ratios(settings, contract, loaded, extracts)
        new = {extract.extract_id for extract in extracts}
        extracts = [*extracts, *(e for e in loaded if e.extract_id in vanished.keys() - new)]
    counts = count_extracts(settings, contract, loaded, extracts, vanished)
    verdicts = judge(counts, run_id)
    add_extract_verdicts(settings, verdicts)
    broken: dict[str, list[ExtractVerdict]] = {}
    for verdict in verdicts:
        if verdict.blocks:
            broken.setdefault(verdict.extract_id, []).append(verdict)
    judged = []
    for extract in extracts:
        if extract.extract_id in broken:
            judged.append(_refused(settings, extract, broken[extract.extract_id]))
        else:
            mark_judged(settings, extract)
            judged.append(extract)
    return judged, verdicts


def judge(counts: Counts, run_id: str) -> list[ExtractVerdict]:
    """One verdict per new extract and rule that can say something about it."""
    suite = contract_suite(counts.contract)
    found = {column: figures(counts, rule) for column, (rule, _) in suite.items()}
    found = {column: frame for column, frame in found.items() if frame.height}
    wide = counts.batches.filter("is_new").select("extract_id")
    for column, frame in found.items():
        figure = frame.select("extract_id", pl.col("figure").alias(column))
        wide = wide.join(figure, on="extract_id", how="left")
    name = ".".join(counts.contract.key)
    results = run_suite(
        wide.to_pandas(), name, [suite[column][1] for column in found], index_column="extract_id"
    )
    judged_at = datetime.now(UTC).replace(tzinfo=None)
    verdicts = []
    for result in results:
        column = result.expectation_config.kwargs["column"] if result.expectation_config else ""
        rule, frame = suite[column][0], found[column]
        named = result.result.get("unexpected_index_list")
        if named is None:
            raise BuildError(f"suite {name}: the rule '{column}' could not be judged.")
        unmet = {entry["extract_id"] for entry in named}
        for row in frame.iter_rows(named=True):
            verdicts.append(
                ExtractVerdict(
                    *counts.contract.key,
                    extract_id=row["extract_id"],
                    rule=rule.name,
                    column_name=rule.column,
                    severity=rule.severity,
                    is_met=row["extract_id"] not in unmet,
                    found=row["found"],
                    low=row["low"],
                    high=row["high"],
                    run_id=run_id,
                    judged_at=judged_at,
                )
            )
    return verdicts


def _refused(settings: Settings, extract: Extract, broken: Sequence[ExtractVerdict]) -> Extract:
    told = "; ".join(verdict.sentence() for verdict in broken)
    message = f"{extract.file}: refused by its contract suite: {told}."
    is_vanishing = any(verdict.rule == "vanished_ratio" for verdict in broken)
    reason = "mass_vanishing" if is_vanishing else "contract_suite"
    return refuse_extract(settings, extract, reason, message)
