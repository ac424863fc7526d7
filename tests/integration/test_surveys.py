"""Every survey KPI on cases that are published or worked out by hand, through the real models."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from pipelines.metrics import MetricStore
from tests.integration import random_survey, survey_cases
from tests.integration.dbt_build import build
from tests.integration.raw_store import write_empty_raw
from tests.reference import surveys as reference

pytestmark = pytest.mark.xdist_group("dbt_surveys")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> MetricStore:
    home = tmp_path_factory.mktemp("surveys")
    write_empty_raw(home)
    survey_cases.write_all(home)
    random_survey.write_random(home)
    return build(home, "2026-03-20 00:00:00", date(2026, 1, 1), date(2026, 6, 30))


def figure(
    store: MetricStore, metric: str, source: str, **where: str
) -> Mapping[str, float | bool | None]:
    """The parts of a KPI's figure; the whole of it under `value`."""
    members = {"source": [source]} | {name: [member] for name, member in where.items()}
    frame = store.query([metric], where=members).frame
    names = [c.removeprefix(metric).removeprefix("__") or "value" for c in frame.columns]
    return dict(zip(names, frame.row(0), strict=True))


def components(store: MetricStore, metric: str, source: str, **where: str) -> Any:
    """Value, numerator and denominator before few answers are hidden."""
    return store._query_group(
        [metric],
        (),
        None,
        None,
        None,
        {"source": [source]} | {name: [member] for name, member in where.items()},
    ).row(0)[:3]


def rows(store: MetricStore, sql: str) -> list[tuple[Any, ...]]:
    return store._rows(sql).rows()


def test_nps_and_its_margin(store: MetricStore) -> None:
    """Public metrics handbook: n = 300, 40 % promoters, 20 % detractors: +20 ± 8.5.

    The margin there is Wald's; the adjusted one (Rocks 2016: 3 more answers, 3/4 to each end):
    60 / 303 = 19.80; p = 120.75 / 303, d = 60.75 / 303; 1.96 × √((p + d - (p - d)²) / 303) = 8.42.
    """
    nps = figure(store, "nps", "handbook")
    assert (nps["value"], nps["n"]) == (20, 300)
    assert nps["low"] == pytest.approx(20 - 8.5, abs=0.3)
    assert nps["high"] == pytest.approx(20 + 8.5, abs=0.3)
    assert nps["low"] == pytest.approx(11.3782, abs=1e-3)
    assert nps["high"] == pytest.approx(28.2258, abs=1e-3)


def test_effort(store: MetricStore) -> None:
    """7 6 5 5 4 3 1: mean 31 / 7, top three boxes 4 of 7; Wilson of 4 / 7 is 0.2505 to 0.8418
    (Newcombe 1998, method 3)."""
    assert figure(store, "ces_mean", "effort")["value"] == pytest.approx(31 / 7)
    easy = figure(store, "ces_top3_ratio", "effort")
    assert easy["value"] == pytest.approx(4 / 7)
    assert easy["low"] == pytest.approx(0.2505, abs=1e-4)
    assert easy["high"] == pytest.approx(0.8418, abs=1e-4)
    assert easy["is_small"] is True


def test_response_rate(store: MetricStore) -> None:
    """200 - 10 bounced = 190 delivered (the 11th answered after all), 60 started, 45 completed."""
    counts = {
        name: figure(store, f"survey_invitations_{name}_count", "invited")["value"]
        for name in ("sent", "delivered", "started", "completed")
    }
    assert counts == {"sent": 200, "delivered": 190, "started": 60, "completed": 45}
    assert figure(store, "survey_response_ratio", "invited")["value"] == pytest.approx(45 / 190)
    assert figure(store, "survey_completion_ratio", "invited")["value"] == 45 / 60


def test_perceived_over_expected(store: MetricStore) -> None:
    """(4.2 + 4.8) / (4.5 + 4.0) = 1.0588, not the mean of 0.9333 and 1.2; an expectation of 0
    is left out. One pair above, one below."""
    assert components(store, "perceived_expected_ratio", "perceived") == (
        pytest.approx(9 / 8.5), pytest.approx(9.0), pytest.approx(8.5),
    )  # fmt: skip
    for outcome, count in (("delighted", 1), ("satisfied", 0), ("disappointed", 1)):
        assert components(store, f"{outcome}_ratio", "perceived") == (count / 2, count, 2)
    ratio = figure(store, "perceived_expected_ratio", "perceived")
    assert (ratio["n"], ratio["value"], ratio["low"]) == (1, None, None)


def test_servqual(store: MetricStore) -> None:
    """12manage: -0.65 -1.1 -0.83 -0.7 -1.01, overall -4.29 / 5 = -0.858 (printed -0.86). Points
    10 30 25 20 15: -89.4 / 100. One negatively worded item: (8 - 2) - (8 - 1) on 1 to 7; on the
    0 to 7 of this case (7 - 2) - (7 - 1) = -1."""
    assert components(store, "servqual_gap", "servqual")[0] == pytest.approx(-0.858)
    assert components(store, "servqual_weighted_gap", "servqual")[0] == pytest.approx(-0.894)
    assert components(store, "servqual_perception_mean", "servqual")[0] == pytest.approx(5)
    assert components(store, "servqual_expectation_mean", "servqual")[0] == pytest.approx(5.858)
    assert components(store, "servperf_mean", "servqual")[0] == pytest.approx(5)
    by_dimension = components(store, "servqual_gap", "servqual", dimension="empathy")
    assert by_dimension[0] == pytest.approx(-1.01)
    assert components(store, "servqual_weighted_gap", "reversed")[0] is None
    assert components(store, "servqual_item_gap", "reversed") == (-1, -1, 1)
    assert components(store, "servqual_dimension_gap", "reversed", dimension="responsiveness")[
        0
    ] == pytest.approx(-1)


def test_cronbach_alpha(store: MetricStore) -> None:
    """(1 2)(2 4)(3 6), who left one out does not count: variances 1 and 4, of the sum 9:
    2 × (1 - 5 / 9) = 0.889. (1 3)(3 1)(2 3): 1 + 4/3 against 1/3: 2 × (1 - 7) = -12, not clipped.
    (1 3)(3 1)(2 2): all sums are 4: no alpha."""
    found = {
        row[0]: row[1:]
        for row in rows(
            store,
            "select source, cronbach_alpha, respondent_count, item_count "
            "from warehouse.marts.mart_quality__scale_reliability where dimension = 'd'",
        )
    }
    assert found["alpha"] == (pytest.approx(8 / 9), 3, 2)
    assert found["contrary"] == (pytest.approx(-12), 3, 2)
    assert found["constant"] == (None, 3, 2)
    assert components(store, "cronbach_alpha", "alpha", dimension="d")[0] == pytest.approx(8 / 9)
    assert components(store, "cronbach_alpha", "alpha")[0] is None, "two scales have no alpha"


def test_importance_and_performance(store: MetricStore) -> None:
    """Means 3.8 and 3.7: e lies on both lines, which counts as high and is flagged."""
    found = rows(
        store,
        "select question_id, quadrant, is_on_cross "
        "from warehouse.marts.mart_quality__importance_performance where source = 'items'",
    )
    assert sorted(found) == [
        ("a", "concentrate_here", False),
        ("b", "keep_up_good_work", False),
        ("c", "low_priority", False),
        ("d", "possible_overkill", False),
        ("e", "keep_up_good_work", True),
    ]
    assert figure(store, "ipa_items_count", "items", quadrant="keep_up_good_work")["value"] == 2


def test_ratings_both_ways(store: MetricStore) -> None:
    """Customers: 5 4 3 2 1 5 5 (10 of 10): good 3, neutral 1, bad 3 of 7; one bad is verified.
    Mean 25 / 7. Agents: 5 2."""
    shares = {
        band: components(store, f"stars_{band}_ratio", "ratings")[1:]
        for band in ("good", "neutral", "bad")
    }
    assert shares == {"good": (3, 7), "neutral": (1, 7), "bad": (3, 7)}
    assert components(store, "stars_bad_verified_ratio", "ratings")[1:] == (1, 3)
    assert components(store, "stars_mean", "ratings")[0] == pytest.approx(25 / 7)
    assert components(store, "customers_stars_mean", "ratings") == (3.5, 7, 2)
    assert components(store, "customers_bad_ratio", "ratings") == (0.5, 1, 2)
    assert figure(store, "rating_tags_count", "ratings")["value"] == 3


def test_bad_pairs(store: MetricStore) -> None:
    """c1's three stars were found untrue: no reason to part them. c4 was rated by a2."""
    found = rows(
        store,
        "select customer_key, agent_key, bad_by_customer_count, bad_by_agent_count, "
        "verified_bad_count, is_blocked from warehouse.marts.mart_dispatch__bad_pairs "
        "where source = 'ratings'",
    )
    assert sorted(found) == [
        ("ratings:c1", "ratings:a1", 1, 0, 0, False),
        ("ratings:c2", "ratings:a1", 1, 0, 1, True),
        ("ratings:c3", "ratings:a1", 1, 0, 0, True),
        ("ratings:c4", "ratings:a2", 0, 1, 0, True),
    ]
    assert figure(store, "bad_pairs_blocked_count", "ratings")["value"] == 3


def test_shares_of_answers(store: MetricStore) -> None:
    """A 2 of 3, B and C 1 of 3; weighted A 3 of 4. D was replaced by a newer extract."""
    for option, count in (("A", 2), ("B", 1), ("C", 1)):
        one = {"question": "q1", "answer": option}
        found = components(store, "survey_answer_share_ratio", "asked", **one)
        assert found == (pytest.approx(count / 3), count, 3)
    one = {"question": "q1", "answer": "A"}
    assert components(store, "survey_answer_share_weighted_ratio", "asked", **one) == (0.75, 3, 4)
    assert components(store, "survey_answer_share_ratio", "asked", question="q1")[0] is None
    answers = rows(
        store,
        "select answer, chosen_count, asked_count, share_low_ratio "
        "from warehouse.marts.mart_quality__answer_shares "
        "where survey_key = 'asked:s' and question_id in ('q1', 'q2')",
    )
    assert sorted(row[:3] for row in answers) == [
        ("2", 1, 3), ("4", 1, 3), ("5", 1, 3), ("A", 2, 3), ("B", 1, 3), ("C", 1, 3),
    ]  # fmt: skip
    # Wilson of 2 / 3: (2 + 1.9207) / 6.8415 - 1.96 × √(2/3 + 0.9604) / 6.8415
    assert {row[0]: row[3] for row in answers}["A"] == pytest.approx(0.2077, abs=1e-4)


def test_weights(store: MetricStore) -> None:
    """Weights 2 1 1 on CSAT 5 2 4: 2 of 3 are satisfied, 3 of 4 by weight; they are worth
    (2 + 1 + 1)² / (4 + 1 + 1) = 2.67 answers. NPS 10 3 8: 0, weighted 100 × (2 - 1) / 4."""
    assert components(store, "csat_top2_ratio", "asked") == (pytest.approx(2 / 3), 2, 3)
    assert components(store, "csat_top2_weighted_ratio", "asked") == (0.75, 3, 4)
    assert components(store, "csat_weighted_mean", "asked") == (4, 16, 4)
    assert components(store, "nps_weighted", "asked") == (25, 100, 4)
    assert figure(store, "nps_weighted", "asked")["n"] == pytest.approx(16 / 6)
    assert components(store, "csat_rescaled_mean", "asked")[0] == pytest.approx((100 + 25 + 75) / 3)
    assert components(store, "fcr_survey_ratio", "asked") == (pytest.approx(2 / 3), 2, 3)


def test_answers_that_do_not_count_are_counted(store: MetricStore) -> None:
    """Of 11 scored questions one was left empty and one lies off its scale."""
    assert components(store, "survey_questions_unrated_ratio", "asked")[1:] == (2, 11)


def test_few_answers_are_marked_and_fewer_hidden(store: MetricStore) -> None:
    hidden = figure(store, "csat_top2_ratio", "asked")
    assert (hidden["value"], hidden["numerator"], hidden["low"]) == (None, None, None)
    assert (hidden["denominator"], hidden["n"], hidden["is_small"]) == (3, 3, True)
    assert figure(store, "nps", "handbook")["is_small"] is False


def test_themes_of_comments(store: MetricStore) -> None:
    """One waits in Chinese; one waits, in English, for kind staff; one says nothing."""
    by_theme = store.query(
        ["survey_comment_themes_count"], by=["theme"], where={"source": ["asked"]}
    ).frame
    found = dict(by_theme.select("theme", "survey_comment_themes_count").iter_rows())
    assert found == {"waiting": 2, "attitude": 1}
    assert components(store, "survey_comments_themed_ratio", "asked")[1:] == (2, 3)


def test_marts_equal_the_formulas(store: MetricStore) -> None:
    """400 people drawn at random, against plain Python written from the formulas."""
    responses, answers = random_survey.random_survey(5, 400)
    weights = {r["response_id"]: r["weight"] or 1.0 for r in responses}
    parts = {
        "csat_top2_ratio": reference.csat_top2(answers),
        "csat_top2_weighted_ratio": reference.weighted_csat_top2(answers, weights),
        "nps": reference.nps(answers),
        "ces_top3_ratio": reference.effort_top3(answers),
        "perceived_expected_ratio": reference.perceived_over_expected(answers),
    }
    for metric, (numerator, denominator) in parts.items():
        found = figure(store, metric, "random")
        assert found["numerator"] == pytest.approx(numerator), metric
        assert found["denominator"] == pytest.approx(denominator), metric
        assert found["value"] == pytest.approx(numerator / denominator), metric
    top2 = figure(store, "csat_top2_ratio", "random")
    assert (top2["low"], top2["high"]) == pytest.approx(reference.wilson(*parts["csat_top2_ratio"]))
    recommended = figure(store, "nps", "random")
    assert (recommended["low"], recommended["high"]) == pytest.approx(reference.nps_bounds(answers))
    assert figure(store, "csat_mean", "random")["value"] == pytest.approx(
        reference.csat_mean(answers)
    )
    assert figure(store, "servqual_gap", "random")["value"] == pytest.approx(
        reference.servqual_gap(answers)
    )
    for dimension, gap in reference.dimension_gaps(answers).items():
        found = figure(store, "servqual_dimension_gap", "random", dimension=dimension)
        assert found["value"] == pytest.approx(gap)
        for measure in ("servqual_expectation", "servqual_perception"):
            where = {"dimension": dimension, "measure": measure}
            reliability = figure(store, "cronbach_alpha", "random", **where)
            assert (reliability["value"], reliability["n"]) == pytest.approx(
                reference.alpha(answers, measure, dimension)
            )
    for option in "ABC":
        where = {"question": "many", "answer": option}
        found = figure(store, "survey_answer_share_ratio", "random", **where)
        chosen, asked = reference.share(answers, "many", option)
        assert (found["numerator"], found["denominator"]) == (chosen, asked)


def test_a_week_is_the_sum_of_its_days(store: MetricStore) -> None:
    """Numerators and denominators of every ratio add up; only then may the ratio be taken."""
    ratios = [
        m
        for m in store.metrics.values()
        if m.family == "satisfaction"
        and m.unit in ("ratio", "score", "points")
        and m.numerator_metric is not None
        and not m.name.startswith("survey_answer_share")
    ]
    assert len(ratios) > 20
    for metric in ratios:
        sums: dict[object, list[float]] = {}
        for grain in ("day", "week"):
            frame = store._query_group([metric.name], (), grain, None, None, {})
            days = frame.filter(pl.col("period").is_not_null())
            by_week = days.group_by(pl.col("period").dt.truncate("1w")).agg(
                pl.col(f"{metric.name}__{part}").sum() for part in ("numerator", "denominator")
            )
            for week, *values in by_week.iter_rows():
                sums.setdefault(week, []).extend(values)
        for by_day_1, by_day_2, by_week_1, by_week_2 in sums.values():
            assert (by_day_1, by_day_2) == pytest.approx((by_week_1, by_week_2)), metric.name
