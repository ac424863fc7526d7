"""A change taken apart into what its members did, on a few rows with the arithmetic beside."""

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.metrics.contributions import Contributions, contributions
from tests.unit.dashboards.fake_store import read_metrics

METRICS = read_metrics()
RATIO = replace(METRICS["sla_met_ratio"], numerator_metric="met", denominator_metric="judged")
COUNT = replace(METRICS["tickets_opened_count"], numerator_metric="opened", denominator_metric=None)
PERCENTILE = replace(METRICS["first_reply_business_p50"], numerator_metric=None)


def members(*rows: tuple[str, float | None, float | None]) -> pl.DataFrame:
    """Member, numerator, denominator; a count has its value in the numerator."""
    return pl.DataFrame(
        {
            "member": [name for name, _, _ in rows],
            "value": [
                n if d is None else (n / d if d and n is not None else None) for _, n, d in rows
            ],
            "numerator": [n for _, n, _ in rows],
            "denominator": [d for _, _, d in rows],
        },
        schema_overrides={"value": pl.Float64, "numerator": pl.Float64, "denominator": pl.Float64},
    )


def found(answer: Contributions | None) -> Contributions:
    assert answer is not None
    return answer


def test_a_quotient_moves_by_rate_and_by_mix() -> None:
    before = members(("a", 90, 100), ("b", 50, 100))  # 140 ÷ 200 = 0.70
    after = members(("a", 80, 100), ("b", 150, 300))  # 230 ÷ 400 = 0.575
    answer = found(contributions(RATIO, before, after, 0.70, 0.575))
    rows = {row["member"]: row for row in answer.members.to_dicts()}
    # weights a: 0.5 → 0.25, b: 0.5 → 0.75; level R̄ = (0.70 + 0.575) ÷ 2 = 0.6375
    assert rows["a"]["rate"] == pytest.approx((0.5 + 0.25) / 2 * (0.8 - 0.9))  # −0.0375
    assert rows["a"]["mix"] == pytest.approx(-0.25 * (0.85 - 0.6375))  # −0.053125
    assert rows["b"]["rate"] == pytest.approx(0)
    assert rows["b"]["mix"] == pytest.approx(0.25 * (0.5 - 0.6375))  # −0.034375
    assert answer.members["contribution"].sum() == pytest.approx(-0.125)
    assert answer.members["member"].to_list() == ["a", "b"]
    assert answer.rest == pytest.approx(0)


def test_a_member_of_one_period_is_all_mix() -> None:
    before = members(("a", 90, 100))
    after = members(("a", 90, 100), ("new", 20, 100))  # 0.90 → 0.55
    answer = found(contributions(RATIO, before, after, 0.90, 0.55))
    rows = {row["member"]: row for row in answer.members.to_dicts()}
    assert rows["new"]["rate"] == 0
    assert rows["new"]["mix"] == pytest.approx(0.5 * (0.2 - 0.725))  # R̄ = (0.90 + 0.55) ÷ 2
    assert rows["new"]["before"] is None
    assert answer.members["contribution"].sum() == pytest.approx(-0.35)


def test_a_hidden_member_is_in_the_rest() -> None:
    before = members(("a", 90, 100), ("few", None, 4))
    after = members(("a", 80, 100), ("few", 3, 6))
    answer = found(contributions(RATIO, before, after, 0.9, 0.78))
    assert answer.members["member"].to_list() == ["a"]
    assert answer.rest == pytest.approx(-0.12 - float(answer.members["contribution"].sum()))


def test_counts_move_by_their_difference() -> None:
    before = members(("a", 5, None), ("gone", 2, None))
    after = members(("a", 9, None), ("new", 1, None))
    answer = found(contributions(COUNT, before, after, 7, 10))
    assert dict(answer.members.select("member", "contribution").iter_rows()) == {
        "a": 4,
        "gone": -2,
        "new": 1,
    }
    assert answer.rest == 0


def test_a_percentile_is_no_sum() -> None:
    some = members(("a", 5, 10))
    assert contributions(PERCENTILE, some, some, 5, 6) is None


def test_nothing_before_explains_nothing() -> None:
    answer = found(contributions(RATIO, members(), members(("a", 1, 2)), 0.0, 0.5))
    assert answer.members.is_empty()
    assert answer.rest == 0.5


COUNTS = st.integers(min_value=0, max_value=50)
PERIOD = st.lists(st.tuples(COUNTS, COUNTS), min_size=3, max_size=3)


@given(PERIOD, PERIOD)
def test_contributions_add_up_to_the_change(
    first: list[tuple[int, int]], last: list[tuple[int, int]]
) -> None:
    def period(counts: list[tuple[int, int]]) -> pl.DataFrame:
        return members(*((f"m{i}", hit, hit + miss) for i, (hit, miss) in enumerate(counts)))

    before, after = period(first), period(last)
    if not before["denominator"].sum() or not after["denominator"].sum():
        return
    totals = [
        float(frame["numerator"].sum()) / float(frame["denominator"].sum())
        for frame in (before, after)
    ]
    answer = found(contributions(RATIO, before, after, *totals))
    assert answer.rest == pytest.approx(0, abs=1e-12)
