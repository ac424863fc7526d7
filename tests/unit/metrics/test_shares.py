"""Pareto shares and importance–performance quadrants on a few rows."""

import polars as pl
import pytest

from pipelines.metrics.importance import quadrants
from pipelines.metrics.shares import pareto


def test_pareto_orders_and_adds_up() -> None:
    counts = pl.DataFrame({"member": ["a", "b", "c", "none"], "count": [1.0, 6.0, 3.0, 0.0]})
    found = pareto(counts)
    assert found["member"].to_list() == ["b", "c", "a"]
    assert found["share"].to_list() == pytest.approx([0.6, 0.3, 0.1])
    assert found["cumulative_share"].to_list() == pytest.approx([0.6, 0.9, 1.0])


def test_pareto_of_nothing_is_empty() -> None:
    assert pareto(pl.DataFrame({"member": ["a"], "count": [0.0]})).is_empty()


def test_the_cross_stands_at_the_means_of_the_items() -> None:
    items = pl.DataFrame(
        {
            "item": ["q1", "q2", "q3", "q4", "unrated"],
            "importance": [6.0, 6.0, 4.0, 4.0, 7.0],
            "performance": [5.0, 3.0, 5.0, 3.0, None],
        }
    )
    found = quadrants(items)
    assert found is not None
    assert (found.importance, found.performance) == (5.0, 4.0)  # (6+6+4+4) ÷ 4, (5+3+5+3) ÷ 4
    assert dict(found.items.select("item", "quadrant").iter_rows()) == {
        "q1": "keep_up_good_work",
        "q2": "concentrate_here",
        "q3": "possible_overkill",
        "q4": "low_priority",
    }


def test_an_item_on_the_cross_is_above_it() -> None:
    items = pl.DataFrame({"item": ["q1"], "importance": [5.1], "performance": [4.7]})
    found = quadrants(items)
    assert found is not None
    assert found.items["quadrant"].to_list() == ["keep_up_good_work"]


def test_no_item_has_no_cross() -> None:
    nothing = pl.DataFrame(
        {"item": ["q1"], "importance": [5.0], "performance": [None]},
        schema_overrides={"performance": pl.Float64},
    )
    assert quadrants(nothing) is None
