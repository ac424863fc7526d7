"""The survey oracles through the real models: intervals, NPS, alpha, CES, shares, quadrants."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.metrics import MetricStore
from tests.integration.dbt_build import build
from tests.integration.raw_store import write_empty_raw
from tests.integration.survey_cases import (
    answer,
    choice,
    response,
    write_case,
    write_nps,
    write_pairs,
    write_scale,
)

pytestmark = [pytest.mark.realdata, pytest.mark.xdist_group("survey_oracles")]

AS_OF = "2026-03-20 00:00:00"
DIMENSION_NAMES = ("Tangibles", "Reliability", "Responsiveness", "Assurance", "Empathy")


class Oracles:
    """The files, read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, name: str) -> Any:
        return json.loads((self.folder / f"survey_{name}.json").read_text("utf-8"))

    @property
    def intervals(self) -> list[tuple[int, int, list[float], float]]:
        """x, n, Wilson's bounds at 95 %, and how exactly they are printed."""
        file = self["proportion_intervals"]
        cases = [(c["x"], c["n"], c["wilson"], 1e-7) for c in file["r_binom_95"]]
        cases += [
            (c["x"], c["n"], c["wilson"], 1e-9)
            for c in file["phe_wilson"]
            if c["conf"] == 0.95 and isinstance(c["x"], int) and c["n"] < 20_000
        ]
        cases += [(c["x"], c["n"], c["ci"], 1e-4) for c in file["newcombe_1998_wilson_95"]]
        return [*cases, (19, 38, file["statsmodels_wilson_19_38"], 1e-9)]

    @property
    def scales(self) -> dict[str, tuple[list[list[float | None]], float, float]]:
        """Respondents by items, alpha, tolerance."""
        likert, binary, lsat, attitude = self["cronbach_alpha"]["cases"]
        rows = [pattern[:5] for pattern in lsat["patterns"] for _ in range(pattern[5])]
        return {
            "likert": (likert["items"], likert["expected"]["alpha"], 1e-12),
            "binary": (binary["items"], binary["expected"]["alpha_listwise"], 1e-12),
            "lsat": (rows, lsat["expected"]["alpha"], lsat["tol"]),
            "attitude": (attitude["items"], attitude["expected"]["alpha"], attitude["tol"]),
        }


@pytest.fixture(scope="module")
def oracles(shared_oracles: Path) -> Oracles:
    return Oracles(shared_oracles)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, oracles: Oracles) -> MetricStore:
    home = tmp_path_factory.mktemp("oracles")
    write_empty_raw(home)
    for number, (x, n, _, _) in enumerate(oracles.intervals):
        write_case(
            home,
            f"share{number}",
            [response(person) for person in range(n)],
            [choice(person, "q", "yes" if person < x else "no") for person in range(n)],
        )
    for number, case in enumerate(oracles["nps"]["cases"]):
        write_nps(home, f"nps{number}", case["promoters"], case["passives"], case["detractors"])
    for name, (rows, _, _) in oracles.scales.items():
        write_scale(home, name, rows, (0, 100))
    file = oracles["csat_ces_response"]
    for name, scores, top in (
        ("csat", file["csat"]["ratings_5pt"], 5),
        ("ces", file["ces_7pt"]["ratings"], 7),
    ):
        write_case(
            home,
            name,
            [response(n) for n in range(len(scores))],
            [answer(n, "q", name, score, 1, top) for n, score in enumerate(scores)],
        )
    pairs = file["satisfaction_ratio"]["rows"]
    write_pairs(
        home,
        "perceived",
        [(f"i{n}", "d", pair["perceived"], pair["expected"]) for n, pair in enumerate(pairs)],
        family="",
    )
    gaps = oracles["servqual"]["unweighted_12manage"]["gaps"]
    items = [(name, name.lower(), 5.0, 5.0 - gaps[name]) for name in DIMENSION_NAMES]
    write_pairs(home, "servqual", items, version="other")
    attributes = oracles["ipa"]["attributes"]
    write_case(
        home,
        "ipa",
        [response("r")],
        [
            answer("r", attribute["id"], measure, attribute[measure], 1, 5)
            for attribute in attributes
            for measure in ("importance", "performance")
        ],
    )
    return build(home, AS_OF, date(2026, 1, 1), date(2026, 6, 30))


def ask(store: MetricStore, metric: str, source: str, **where: str) -> dict[str, Any]:
    members = {"source": [source]} | {name: [member] for name, member in where.items()}
    return store.query([metric], where=members).frame.row(0, named=True)


def unhidden(store: MetricStore, metric: str, source: str) -> float:
    frame = store._query_group([metric], (), None, None, None, {"source": [source]})
    value: float = frame[metric].item()
    return value


def test_wilson_intervals(store: MetricStore, oracles: Oracles) -> None:
    """In the mart by the SQL macro, and in the client by the same closed form."""
    mart = {
        row[0]: row[1:]
        for row in store._rows(
            "select survey_key, share_low_ratio, share_high_ratio "
            "from warehouse.marts.mart_quality__answer_shares where answer = 'yes'"
        ).rows()
    }
    checked = 0
    for number, (x, n, bounds, tolerance) in enumerate(oracles.intervals):
        if x == 0:
            continue  # an answer nobody gave is unknown to a questionnaire
        assert mart[f"share{number}:s"] == pytest.approx(bounds, abs=tolerance), (x, n)
        one = {"question": "q", "answer": "yes"}
        found = ask(store, "survey_answer_share_ratio", f"share{number}", **one)
        name = "survey_answer_share_ratio"
        assert (found[f"{name}__low"], found[f"{name}__high"]) == pytest.approx(
            bounds, abs=tolerance
        )
        checked += 1
    assert checked >= 20


def test_nps_with_adjusted_wald(store: MetricStore, oracles: Oracles) -> None:
    for number, case in enumerate(oracles["nps"]["cases"]):
        source = f"nps{number}"
        assert unhidden(store, "nps", source) == pytest.approx(case["nps"])
        if case["promoters"] + case["passives"] + case["detractors"] < 5:
            continue  # hidden
        found = ask(store, "nps", source)
        low, high = case["adj_wald95"]
        assert found["nps__low"] == pytest.approx(max(low, -100))
        assert found["nps__high"] == pytest.approx(min(high, 100))


def test_cronbach_alpha(store: MetricStore, oracles: Oracles) -> None:
    for name, (rows, alpha, tolerance) in oracles.scales.items():
        found = ask(store, "cronbach_alpha", name, dimension="d")
        assert found["cronbach_alpha"] == pytest.approx(alpha, abs=tolerance), name
        assert found["cronbach_alpha__n"] == sum(None not in row for row in rows)


def test_csat_and_effort(store: MetricStore, oracles: Oracles) -> None:
    file = oracles["csat_ces_response"]
    csat, ces = file["csat"]["expected"], file["ces_7pt"]["expected"]
    found = ask(store, "csat_top2_ratio", "csat")
    assert found["csat_top2_ratio__n"] == csat["n_valid"]
    assert found["csat_top2_ratio"] == pytest.approx(csat["top2box"])
    assert ask(store, "csat_mean", "csat")["csat_mean"] == pytest.approx(csat["mean"])
    rescaled = ask(store, "csat_rescaled_mean", "csat")["csat_rescaled_mean"]
    assert rescaled == pytest.approx(csat["mean_rescaled_0_100"])
    assert ask(store, "ces_mean", "ces")["ces_mean"] == pytest.approx(ces["mean"])
    assert ask(store, "ces_top3_ratio", "ces")["ces_top3_ratio"] == pytest.approx(ces["top3box"])


def test_perceived_over_expected_is_a_ratio_of_means(store: MetricStore, oracles: Oracles) -> None:
    expected = oracles["csat_ces_response"]["satisfaction_ratio"]["ratio_of_means_valid_rows"]
    assert 100 * unhidden(store, "perceived_expected_ratio", "perceived") == pytest.approx(expected)


def test_servqual_unweighted(store: MetricStore, oracles: Oracles) -> None:
    published = oracles["servqual"]["unweighted_12manage"]
    overall = unhidden(store, "servqual_gap", "servqual")
    assert overall == pytest.approx(published["sum"] / 5)
    assert overall == pytest.approx(published["expected"], abs=0.005)


def test_importance_and_performance(store: MetricStore, oracles: Oracles) -> None:
    expected = oracles["ipa"]["expected"]["quadrant"]
    found = store._rows(
        "select question_id, quadrant, is_on_cross "
        "from warehouse.marts.mart_quality__importance_performance where source = 'ipa'"
    ).rows()
    assert {
        item: "on_cross" if is_on_cross else quadrant for item, quadrant, is_on_cross in found
    } == expected
