"""Limits of a funnel plot against binomial tables worked out by hand."""

from math import comb

import polars as pl
import pytest

from pipelines.metrics.funnel import funnel, limits


def test_limits_of_ten_coins() -> None:
    """F(1) = 11 ÷ 1024, F(2) = 56 ÷ 1024, f(2) = 45 ÷ 1024, so that r is 2 at 2.5 %."""
    low = (2 - (56 / 1024 - 0.025) / (45 / 1024)) / 10
    found = limits(0.5, [10]).row(0, named=True)
    assert found["low_95"] == pytest.approx(low)  # 0.1324
    assert found["high_95"] == pytest.approx(1 - low)
    # F(0) = 1 ÷ 1024 < 0.1 % ≤ F(1), f(1) = 10 ÷ 1024
    assert found["low_998"] == pytest.approx((1 - (11 / 1024 - 0.001) / (10 / 1024)) / 10)


def test_chance_alone_leaves_at_most_the_tail_outside() -> None:
    for share in (0.1, 0.5, 0.93):
        for n in (7, 40, 200):
            row = limits(share, [n]).row(0, named=True)
            mass = [comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)]
            below = sum(m for k, m in enumerate(mass) if k / n < row["low_95"])
            above = sum(m for k, m in enumerate(mass) if k / n > row["high_95"])
            assert below < 0.025 + 1e-9
            assert above < 0.025 + 1e-9


def test_large_samples_come_near_the_normal_limits() -> None:
    found = limits(0.8, [10_000]).row(0, named=True)
    spread = 1.959964 * (0.8 * 0.2 / 10_000) ** 0.5
    assert found["low_95"] == pytest.approx(0.8 - spread, abs=2e-4)
    assert found["high_95"] == pytest.approx(0.8 + spread, abs=2e-4)


def test_members_stand_within_or_beyond() -> None:
    members = pl.DataFrame(
        {
            "member": ["usual", "odd", "far", "hidden"],
            "numerator": [400.0, 33.0, 10.0, None],
            "denominator": [800.0, 50.0, 50.0, 4.0],
        }
    )
    found = funnel(members)
    assert found is not None
    assert found.overall == pytest.approx(443 / 900)
    assert dict(found.members.select("member", "standing").iter_rows()) == {
        "usual": "within",
        "odd": "beyond_95",
        "far": "beyond_998",
    }
    assert found.curve["n"].is_sorted()
    assert found.curve["n"].max() == 880  # the largest member and a tenth more


@pytest.mark.parametrize("numerator", [0.0, 50.0])
def test_a_share_of_nothing_or_all_has_no_funnel(numerator: float) -> None:
    same = pl.DataFrame({"member": ["a"], "numerator": [numerator], "denominator": [50.0]})
    assert funnel(same) is None
