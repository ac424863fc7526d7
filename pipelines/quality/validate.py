"""Running Great Expectations on a frame. Import this module only inside a check."""

from collections.abc import Sequence

import great_expectations as gx
import pandas as pd
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.expectations.expectation import Expectation

from pipelines.errors import BuildError
from pipelines.quality.results import Verdict

_SEVERITIES = {"critical": "error", "warning": "warn", "info": "warn"}


def run_suite(
    frame: pd.DataFrame,
    suite: str,
    expectations: Sequence[Expectation],
    index_column: str | None = None,
) -> list[ExpectationValidationResult]:
    """Results in the order of the expectations; one that cannot be computed is not met.

    With an index column each result names the rows that broke it, which is meant for small
    frames. An ephemeral context writes nothing and calls nobody; Data Docs are never built.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    batch = (
        context.data_sources.add_pandas("frames")
        .add_dataframe_asset(suite)
        .add_batch_definition_whole_dataframe("batch")
        .get_batch({"dataframe": frame})
    )
    collected = gx.ExpectationSuite(name=suite)
    for expectation in expectations:
        collected.add_expectation(expectation)
    told: dict[str, object] = {"result_format": "SUMMARY"}
    if index_column:
        told = {"result_format": "COMPLETE", "unexpected_index_column_names": [index_column]}
    return list(batch.validate(collected, result_format=told).results)


def validate(
    frame: pd.DataFrame, suite: str, expectations: Sequence[Expectation], run_id: str
) -> list[Verdict]:
    """One verdict per expectation."""
    verdicts = []
    for result in run_suite(frame, suite, expectations):
        config = result.expectation_config
        if config is None:
            raise BuildError(f"suite {suite}: a verdict does not say what it judged.")
        found = result.result
        columns = config.kwargs.get("column") or config.kwargs.get("column_list")
        observed = found.get("observed_value")
        verdicts.append(
            Verdict(
                suite=suite,
                expectation=config.type,
                column_name=", ".join(columns) if isinstance(columns, list) else columns,
                severity=_SEVERITIES[config.severity.value],
                is_met=bool(result.success),
                observed=None if observed is None else str(observed),
                element_count=found.get("element_count"),
                unexpected_count=found.get("unexpected_count"),
                run_id=run_id,
            )
        )
    return verdicts
