"""The contract suite of each source × entity, run on its new extracts.

The gate of `pipelines.ingest` has already judged every row in SQL; Great Expectations judges
the same promises again, independently, and adds what only a whole extract can show. An extract
that breaks an `error` expectation is refused: it leaves raw and the night goes on without it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import duckdb
import great_expectations.expectations as gxe
import pandas as pd
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.metadata_types import FailureSeverity

from pipelines.contracts import Column, SourceContract
from pipelines.ingest import Extract, accepted_path, mark_judged, refuse_extract
from pipelines.quality.results import Verdict, write_verdicts
from pipelines.quality.validate import validate
from pipelines.settings import Settings

# Share of an extract's rows in quarantine above which it is refused, or only warned about.
REFUSED_QUARANTINE_RATIO = 0.5
WARNED_QUARANTINE_RATIO = 0.02
# Rows judged at once: bounds the frame's memory, whatever the backlog of extracts.
CHUNK_ROWS = 500_000


def contract_suite(contract: SourceContract) -> list[Expectation]:
    """What each accepted row of the contract must be, as expectations."""
    suite: list[Expectation] = []
    for column in _judged(contract):
        if column.required:
            suite.append(gxe.ExpectColumnValuesToNotBeNull(column=column.name))
        if column.valid_values:
            suite.append(
                gxe.ExpectColumnValuesToBeInSet(
                    column=column.name, value_set=list(column.valid_values)
                )
            )
        if column.type in ("integer", "number") and (column.minimum or column.maximum):
            suite.append(
                gxe.ExpectColumnValuesToBeBetween(
                    column=column.name,
                    min_value=None if column.minimum is None else float(column.minimum),
                    max_value=None if column.maximum is None else float(column.maximum),
                )
            )
    key = [column.name for column in contract.entity.key]
    if contract.entity.version_column is None:
        # An extract names each thing once; two extracts may both carry it.
        suite.append(gxe.ExpectCompoundColumnsToBeUnique(column_list=["_extract", *key]))
    return suite


def extract_suite() -> list[Expectation]:
    """What each extract as a whole must be."""
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="quarantined_ratio", max_value=REFUSED_QUARANTINE_RATIO
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="quarantined_ratio",
            max_value=WARNED_QUARANTINE_RATIO,
            severity=FailureSeverity.WARNING,
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="rows_read", min_value=1, severity=FailureSeverity.WARNING
        ),
    ]


def gate_extracts(
    settings: Settings, contract: SourceContract, extracts: Sequence[Extract], run_id: str
) -> tuple[list[Extract], list[Verdict]]:
    """Judge loaded extracts; refuse those with an unmet `error` expectation, mark the others.

    Returns the extracts as they then are, and the verdicts that were stored.
    """
    suite = f"{contract.source}.{contract.entity.name}"
    judged: list[Extract] = []
    verdicts: list[list[Verdict]] = []
    for chunk in _chunks(extracts):
        found = _judge(settings, contract, chunk, suite, run_id)
        verdicts.append(found)
        for extract in chunk:
            alone = found
            if any(v.blocks for v in found) and chunk[1:]:
                alone = _judge(settings, contract, [extract], suite, run_id)
            broken = [v.sentence() for v in alone if v.blocks]
            if broken:
                message = f"{extract.file}: refused by its contract suite: {'; '.join(broken)}."
                judged.append(refuse_extract(settings, extract, "contract_suite", message))
            else:
                mark_judged(settings, extract)
                judged.append(extract)
    merged = [_merge(same) for same in zip(*verdicts, strict=True)]
    write_verdicts(settings, suite, merged)
    return judged, merged


def _judged(contract: SourceContract) -> list[Column]:
    return [
        c
        for c in contract.published_columns
        if c.is_mapped and (c.required or c.valid_values or c.minimum or c.maximum)
    ]


def _chunks(extracts: Sequence[Extract]) -> Iterator[list[Extract]]:
    chunk: list[Extract] = []
    rows = 0
    for extract in extracts:
        if chunk and rows + (extract.rows_accepted or 0) > CHUNK_ROWS:
            yield chunk
            chunk, rows = [], 0
        chunk.append(extract)
        rows += extract.rows_accepted or 0
    if chunk:
        yield chunk


def _judge(
    settings: Settings,
    contract: SourceContract,
    extracts: Sequence[Extract],
    suite: str,
    run_id: str,
) -> list[Verdict]:
    ledger = pd.DataFrame(
        {
            "rows_read": [e.rows_read or 0 for e in extracts],
            "quarantined_ratio": [
                (e.rows_quarantined or 0) / e.rows_read if e.rows_read else 0.0 for e in extracts
            ],
        }
    )
    return validate(ledger, suite, extract_suite(), run_id) + validate(
        _accepted_rows(settings, contract, extracts), suite, contract_suite(contract), run_id
    )


def _accepted_rows(
    settings: Settings, contract: SourceContract, extracts: Sequence[Extract]
) -> pd.DataFrame:
    """The judged columns of the extracts' accepted rows."""
    key = [column.name for column in contract.entity.key]
    names = dict.fromkeys([*key, *(column.name for column in _judged(contract))])
    columns = ", ".join(f'"{name}"' for name in names)
    paths = [str(accepted_path(settings, extract)) for extract in extracts]
    with duckdb.connect(config={"python_enable_replacements": "false"}) as connection:
        connection.execute("set enable_progress_bar = false")
        return connection.execute(
            f"select extract as _extract, {columns} from read_parquet(?, "
            "hive_partitioning = true, hive_types_autocast = false)",
            [paths],
        ).df()


def _merge(same: Sequence[Verdict]) -> Verdict:
    """One verdict of several chunks: met where each is met, counts added up."""
    first = next((v for v in same if not v.is_met), same[0])
    return replace(
        first,
        element_count=sum(v.element_count or 0 for v in same),
        unexpected_count=sum(v.unexpected_count or 0 for v in same),
    )
