"""Every KPI is defined, named, explained and proven; every requirement has one."""

import re
from pathlib import Path

import pytest

from dashboards.i18n import catalogue
from pipelines.contracts import load_contracts
from pipelines.errors import QueryError
from pipelines.metrics import Metric
from pipelines.metrics.compiler import Compiler
from pipelines.metrics.documentation import render
from pipelines.metrics.lineage import Lineage
from pipelines.metrics.requirements import REQUIREMENTS
from pipelines.settings import PROJECT_DIR, Settings

REQUIRED = {
    *("R01", "R02", "R04", "R10", "R11", "R19", "R20", "R21"),
    *("R30", "R31", "R32", "R33", "R34", "R46"),
}
VOCABULARY = {
    "unit": {"count", "ratio", "seconds", "score", "points"},
    "direction": {"higher_is_better", "lower_is_better", "neutral"},
    "family": {"tickets", "calls", "satisfaction"},
    "hours_basis": {"business", "calendar", "none"},
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def target(published_home: Path) -> Path:
    """dbt's artefacts of this project."""
    return published_home / "dbt" / "target"


@pytest.fixture(scope="module")
def lineage(target: Path) -> Lineage:
    return Lineage(target)


@pytest.fixture(scope="module")
def metrics(target: Path) -> dict[str, Metric]:
    """The KPIs; a missing key of `meta` raises here."""
    return Compiler((target / "semantic_manifest.json").read_text(encoding="utf-8")).metrics


def test_every_metric_is_a_kpi_or_a_part_of_one(
    metrics: dict[str, Metric], lineage: Lineage
) -> None:
    used = set(metrics)
    for metric in metrics.values():
        named = (metric.n_metric, metric.low_metric, metric.high_metric)
        used |= {name for name in named if name is not None}
    found = [used]
    while found[-1]:
        found.append({part for name in found[-1] for part in lineage.parts(name)})
    assert lineage.metrics.keys() - set().union(*found) == set()


def test_a_metric_without_complete_meta_is_refused_with_what_to_do(target: Path) -> None:
    manifest = (target / "semantic_manifest.json").read_text(encoding="utf-8")
    for key in ("population", "null_rule_zh", "requirement", "question_zh"):
        with pytest.raises(QueryError, match=rf"lacks {key}\. .*run `kpi nightly`"):
            Compiler(manifest.replace(f'"{key}":', '"misspelt":'))


def test_texts_are_english_and_chinese(metrics: dict[str, Metric], lineage: Lineage) -> None:
    mistakes = []
    for name, node in lineage.metrics.items():
        texts = {"label": node["label"], "description": node["description"]}
        texts |= node["config"]["meta"] if name in metrics else {}
        for key, text in texts.items():
            if isinstance(text, str) and bool(CHINESE.search(text)) != key.endswith("_zh"):
                mistakes.append(f"{name}.{key}: {text}")
    assert mistakes == []


def test_codes_are_of_the_vocabulary(metrics: dict[str, Metric]) -> None:
    strangers = [
        f"{metric.name}.{key}: {getattr(metric, key)}"
        for metric in metrics.values()
        for key, allowed in VOCABULARY.items()
        if getattr(metric, key) not in allowed
    ]
    assert strangers == []


def test_names_tell_kpis_apart(metrics: dict[str, Metric]) -> None:
    for key in ("label", "label_zh"):
        names = [getattr(metric, key) for metric in metrics.values()]
        assert {name for name in names if names.count(name) > 1} == set()


def test_a_kpi_that_is_no_sum_says_how_many_rows_are_behind_it(
    metrics: dict[str, Metric], lineage: Lineage
) -> None:
    silent = [
        name
        for name, metric in metrics.items()
        if metric.denominator_metric is None
        and any(measure.agg not in ("sum", "count") for measure in lineage.measures(name))
    ]
    assert silent == []


def test_every_kpi_has_a_unit_test_of_the_columns_it_reads(
    metrics: dict[str, Metric], lineage: Lineage
) -> None:
    """Each column in the expressions of a KPI's measures must stand in the expected rows of a
    dbt unit test, of the mart they read or of a model before it (there `x_us` for `x_seconds`).

    Two columns have no arithmetic to expect. A count of rows needs a unit test of the mart, whose
    expected rows are then the count. A column that the extract itself carries under that name
    (a column of an entity contract) may stand in the given rows of a unit test of the mart.
    """
    contracts = load_contracts(Settings().contracts_dir)
    own = {column.name for entity in contracts.entities.values() for column in entity.columns}
    untested = sorted(
        f"{name}: {model}.{column or 'rows'}"
        for name in metrics
        for model, column in lineage.columns(name)
        if not lineage.unit_tests(model, column)
        and not (column in own and lineage.given_in(model, column))
    )
    assert untested == [], untested


def test_the_dictionary_page_is_that_of_the_semantic_layer(target: Path) -> None:
    page = (PROJECT_DIR / "docs" / "kpis.md").read_text(encoding="utf-8")
    assert page == render(target, PROJECT_DIR / "tests"), "run `kpi docs` and commit docs/kpis.md"


def test_every_kpi_has_its_place_on_the_dictionary_page(metrics: dict[str, Metric]) -> None:
    page = (PROJECT_DIR / "docs" / "kpis.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### (\w+)$", page, flags=re.MULTILINE)
    assert sorted(headings) == sorted(metrics)
    assert set(re.findall(r"\]\(#(\w+)\)", page)) == set(metrics)


def test_every_dimension_has_a_name_on_the_pages(metrics: dict[str, Metric]) -> None:
    dimensions = {f"dimension.{name}" for metric in metrics.values() for name in metric.dimensions}
    assert dimensions - catalogue("en").keys() == set()


def test_every_requirement_is_answered_by_a_kpi(metrics: dict[str, Metric]) -> None:
    cited = {number for metric in metrics.values() for number in metric.requirement}
    assert cited - REQUIREMENTS.keys() == set(), "name them in pipelines/metrics/requirements.py"
    assert REQUIRED - cited == set()
