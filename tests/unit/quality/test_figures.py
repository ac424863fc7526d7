"""Figures of batch rules on counts made by hand; the arithmetic stands beside them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.contracts import BatchRule, SourceContract, load_contracts
from pipelines.ingest import Extract
from pipelines.quality.counts import Counts, _batches
from pipelines.quality.figures import figures
from pipelines.settings import Settings

FIRST = datetime(2026, 3, 2, 17, 0)  # noqa: DTZ001 - ledger instants are UTC without zone
# 17:00 UTC is 01:00 of the next day in Shanghai: a Tuesday.


def extract(number: int, **values: Any) -> Extract:
    """An extract made `number` days after the first."""
    made = FIRST + timedelta(days=number)
    known: dict[str, Any] = {
        "source": "demo_itsm",
        "entity": "ticket",
        "extract_id": f"{number:03d}",
        "file": "f",
        "bytes": 1,
        "sha256": "",
        "contract_id": "",
        "contract_version": "",
        "contract_sha256": "",
        "outcome": "loaded",
        "reason": None,
        "message": None,
        "rows_read": 100,
        "rows_accepted": 100,
        "rows_quarantined": 0,
        "reasons": {},
        "warnings": {},
        "first_event_at": made - timedelta(days=1),
        "last_event_at": made - timedelta(hours=1),
        "extracted_at": made,
        "run_id": "r",
        "ingested_at": datetime(2026, 9, 1, tzinfo=UTC).replace(tzinfo=None),
    }
    return Extract(**known | values)


@pytest.fixture(scope="module")
def contract() -> SourceContract:
    return load_contracts(Settings().contracts_dir).sources["demo_itsm", "ticket"]


def counts(
    contract: SourceContract,
    extracts: Sequence[Extract],
    new: int = 1,
    cells: Sequence[dict[str, Any]] = (),
    shares: Sequence[tuple[str, str, int]] = (),
) -> Counts:
    """The last `new` extracts are new; cells belong to the extracts in their order."""
    settings = Settings(home=Path("none"))
    batches = _batches(settings, contract, extracts[:-new], extracts[-new:], {})
    rows = [{"extract_id": e.extract_id, **c} for e, c in zip(extracts, cells, strict=False)]
    schema = {"extract_id": pl.String, "value": pl.String, "n": pl.Int64}
    told = pl.DataFrame(shares, schema=schema, orient="row")
    return Counts(contract, batches, pl.DataFrame(rows), told.with_columns(column_name=pl.lit("c")))


def told(found: pl.DataFrame) -> list[tuple[Any, ...]]:
    return [
        tuple(v if v is None or isinstance(v, str) else round(v, 6) for v in row)
        for row in found.sort("extract_id").iter_rows()
    ]


def test_volume_is_compared_with_the_same_weekday(contract: SourceContract) -> None:
    """Tuesdays 100, 80, 120, 400: median (100 + 120) / 2 = 110; the fifth has 44 = 0.4 of it.

    The Wednesdays in between have ten rows each and do not matter.
    """
    tuesdays = [extract(7 * w, rows_accepted=n) for w, n in enumerate((100, 80, 120, 400, 44))]
    wednesdays = [extract(7 * w + 1, rows_accepted=10) for w in range(4)]
    extracts = sorted((*tuesdays, *wednesdays), key=lambda e: e.extract_id)
    rule = BatchRule("volume", "warn", low=0.5, high=2)
    assert told(figures(counts(contract, extracts), rule)) == [("028", 0.4, 44, 55, 220)]


def test_three_weeks_are_too_few_and_nine_weeks_ago_is_too_long(contract: SourceContract) -> None:
    rule = BatchRule("volume", "warn", low=0.5, high=2)
    few = [extract(7 * w) for w in range(4)]
    assert told(figures(counts(contract, few), rule)) == []
    old = [extract(7 * w, rows_accepted=900) for w in range(4)]
    newer = [extract(7 * w) for w in range(8, 13)]
    # weeks 8 to 11 count, each with 100 rows; weeks 0 to 3 with 900 do not
    assert told(figures(counts(contract, [*old, *newer]), rule)) == [("084", 1, 100, 50, 200)]


def test_order_is_that_of_the_making_not_of_the_arrival(contract: SourceContract) -> None:
    """The first extract comes last: it is compared with nothing, though others are there."""
    late = [*(extract(7 * w) for w in range(1, 6)), extract(0)]
    for rule in (BatchRule("volume", "warn", low=0.5, high=2), BatchRule("extract_gap", "warn")):
        assert told(figures(counts(contract, late), rule)) == []


@pytest.mark.parametrize(("nulls", "figure"), [(30, 0.2), (10, 0.0)])
def test_empty_cells_are_compared_with_the_extracts_before(
    contract: SourceContract, nulls: int, figure: float
) -> None:
    """Four extracts with 8, 12, 10, 10 of 100 empty: 40 of 400 = 0.1; 30 of 100 is 0.2 more."""
    cells = [{"rows": 100, "nulls:c": n} for n in (8, 12, 10, 10, nulls)]
    extracts = [extract(n) for n in range(5)]
    rule = BatchRule("null_rise", "warn", "c", high=0.2)
    found = told(figures(counts(contract, extracts, cells=cells), rule))
    assert found == [("004", figure, nulls / 100, None, 0.3)]


def test_little_history_and_few_rows_say_nothing(contract: SourceContract) -> None:
    rule = BatchRule("null_rise", "warn", "c", high=0.2)
    cells = [{"rows": 100, "nulls:c": 10}] * 3 + [{"rows": 100, "nulls:c": 100}]
    assert told(figures(counts(contract, [extract(n) for n in range(4)], cells=cells), rule)) == []
    cells = [{"rows": 100, "nulls:c": 10}] * 4 + [{"rows": 49, "nulls:c": 49}]
    assert told(figures(counts(contract, [extract(n) for n in range(5)], cells=cells), rule)) == []


def test_history_is_as_long_as_the_rule_says(contract: SourceContract) -> None:
    """Of 90, 10, 10, 10, 10 per 100 the last four make 0.1; all five would make 0.26."""
    cells = [{"rows": 100, "nulls:c": n} for n in (90, 10, 10, 10, 10, 10)]
    extracts = [extract(n) for n in range(6)]
    rule = BatchRule("null_rise", "warn", "c", high=0.2, history=4)
    ((_, figure, *_),) = told(figures(counts(contract, extracts, cells=cells), rule))
    assert figure == 0


def test_drift_is_the_total_variation_distance(contract: SourceContract) -> None:
    """Before: a 60, b 40 of 100 each time. Now: a 30, b 40, new value z 30.

    Half of |0.3 - 0.6| + |0.4 - 0.4| + |0.3 - 0| is 0.3.
    """
    extracts = [extract(n) for n in range(5)]
    shares = [(f"{n:03d}", v, k) for n in range(4) for v, k in (("a", 60), ("b", 40))]
    shares += [("004", "a", 30), ("004", "b", 40), ("004", "z", 30)]
    cells = [{"rows": 100}] * 5
    rule = BatchRule("drift", "warn", "c", high=0.25)
    found = figures(counts(contract, extracts, cells=cells, shares=shares), rule)
    assert told(found) == [("004", 0.3, 0.3, None, 0.25)]


def test_a_value_that_is_gone_is_drift_too(contract: SourceContract) -> None:
    """Before a 50, b 50; now a alone: half of 0.5 + 0.5."""
    extracts = [extract(n) for n in range(5)]
    shares = [(f"{n:03d}", v, 50) for n in range(4) for v in ("a", "b")] + [("004", "a", 80)]
    rule = BatchRule("drift", "warn", "c", high=0.25)
    found = figures(counts(contract, extracts, cells=[{"rows": 100}] * 5, shares=shares), rule)
    assert [row[1] for row in told(found)] == [0.5]


def test_freshness(contract: SourceContract) -> None:
    """Made three days after the one before; its newest event is 30 hours older than it."""
    made = FIRST + timedelta(days=3)
    stale = extract(3, last_event_at=made - timedelta(hours=30))
    both = counts(contract, [extract(0), stale])
    assert told(figures(both, BatchRule("event_age", "warn", high=108_000))) == [
        ("003", 108_000, 108_000, None, 108_000)
    ]
    assert [r[1] for r in told(figures(both, BatchRule("extract_gap", "warn")))] == [3 * 86_400]


def test_shares_of_rows(contract: SourceContract) -> None:
    """Of 100 rows read 10 are set aside, 4 of them as repeats; 2 of the 90 accepted repeat too."""
    bad = extract(
        0,
        rows_accepted=90,
        rows_quarantined=10,
        reasons={"ticket_id:duplicate": 1, "ticket_id:conflict": 3},
    )
    one = counts(contract, [bad], cells=[{"rows": 90, "repeats": 2, "nulls:c": 9}])
    assert figures(one, BatchRule("quarantined_ratio", "warn"))["found"].to_list() == [0.1]
    ratio = figures(one, BatchRule("duplicate_ratio", "warn"))["found"].to_list()
    assert ratio == [pytest.approx(6 / 94)]
    assert figures(one, BatchRule("null_ratio", "warn", "c"))["found"].to_list() == [0.1]
    assert figures(one, BatchRule("row_count", "warn", low=1))["found"].to_list() == [100]


def test_an_empty_extract_has_a_count_and_no_shares(contract: SourceContract) -> None:
    empty = extract(0, rows_read=0, rows_accepted=0)
    one = counts(contract, [empty], cells=[{"rows": 0, "repeats": 0}])
    assert figures(one, BatchRule("row_count", "warn", low=1))["found"].to_list() == [0]
    assert figures(one, BatchRule("quarantined_ratio", "warn")).is_empty()
    assert figures(one, BatchRule("duplicate_ratio", "warn")).is_empty()
