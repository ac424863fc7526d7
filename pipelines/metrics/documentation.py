"""The dictionary of KPIs as one page of text, written from the semantic layer and dbt's manifests.

`kpi docs` writes it; nothing in it is typed by hand.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipelines.metrics.compiler import Compiler
from pipelines.metrics.lineage import Lineage
from pipelines.metrics.model import Metric
from pipelines.metrics.requirements import REQUIREMENTS

_INTRODUCTION = """# The KPIs · 指标字典

Written by `kpi docs` from `dbt_project/models/semantic`; do not edit. Every number of the
dashboards and of `kpi query` comes from the definition here. 本页由 `kpi docs` 生成，请勿手工修改。
"""
_FAMILIES = {
    "tickets": "Tickets · 工单",
    "calls": "Calls · 呼叫",
    "satisfaction": "Satisfaction · 满意度",
}
_TEXTS = {
    "question": "Question · 问题",
    "population": "Population · 统计对象",
    "numerator": "Numerator · 分子",
    "denominator": "Denominator · 分母",
    "exclusions": "Excluded · 不计入",
    "null_rule": "Null rule · 空值规则",
    "time_basis": "Time basis · 归属时间",
    "owner": "Owner · 负责人",
}


def render(target: Path, tests: Path) -> str:
    """The page, from dbt's artefacts in `target` and the pytest files below `tests`."""
    lineage = Lineage(target)
    manifest = (target / "semantic_manifest.json").read_text(encoding="utf-8")
    metrics = sorted(Compiler(manifest).metrics.values(), key=_place)
    words = {
        path.relative_to(tests.parent).as_posix(): set(re.findall(r"\w+", path.read_text("utf-8")))
        for path in sorted(tests.rglob("test_*.py"))
    }
    lines = [_INTRODUCTION]
    for family in dict.fromkeys(metric.family for metric in metrics):
        lines += _overview(family, [m for m in metrics if m.family == family])
    lines += _requirements(metrics, lineage, words)
    for metric in metrics:
        lines += _definition(metric, lineage, words)
    return "\n".join(lines)


def _place(metric: Metric) -> tuple[int, str]:
    return list(_FAMILIES).index(metric.family), metric.name


def _row(*cells: str) -> str:
    escaped = [cell.replace("|", r"\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    titles = list(header)
    yield _row(*titles)
    yield f"|{'---|' * len(titles)}"
    yield from (_row(*row) for row in rows)
    yield ""


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _overview(family: str, metrics: list[Metric]) -> Iterator[str]:
    yield f"## {_FAMILIES[family]}\n"
    rows = [
        (f"[`{m.name}`](#{m.name})", f"{m.label} · {m.label_zh}", f"{m.question} {m.question_zh}")
        for m in metrics
    ]
    yield from _table(("KPI · 指标", "Name · 名称", "Question · 问题"), rows)


def _requirements(
    metrics: list[Metric], lineage: Lineage, words: dict[str, set[str]]
) -> Iterator[str]:
    yield "## Requirements · 需求\n"
    yield "Which KPIs answer a requirement, from which model, and which tests hold both.\n"
    rows = []
    for number, names in REQUIREMENTS.items():
        answers = [m for m in metrics if number in m.requirement]
        for model in sorted({model for m in answers for model in lineage.models(m.name)}):
            read = [m.name for m in answers if model in lineage.models(m.name)]
            rows.append(
                (
                    f"{number} {' · '.join(names)}",
                    ", ".join(f"[`{name}`](#{name})" for name in read),
                    f"`{model}`",
                    _codes(_unit_tests(read, lineage)),
                    _codes(lineage.data_tests(model)),
                    _codes(path for path, used in words.items() if used & set(read)),
                )
            )
    header = (
        "Requirement · 需求",
        "KPI · 指标",
        "Model · 模型",
        "dbt unit tests",
        "dbt data tests",
    )
    yield from _table((*header, "pytest"), rows)


def _unit_tests(names: Iterable[str], lineage: Lineage) -> list[str]:
    columns = {column for name in names for column in lineage.columns(name)}
    return sorted({test for column in columns for test in lineage.unit_tests(*column)})


def _definition(metric: Metric, lineage: Lineage, words: dict[str, set[str]]) -> Iterator[str]:
    yield f"### {metric.name}\n"
    yield f"**{metric.label} · {metric.label_zh}**\n"
    rows = [
        (title, getattr(metric, name), getattr(metric, f"{name}_zh"))
        for name, title in _TEXTS.items()
    ]
    yield from _table(("", "English", "中文"), rows)
    parts = [p for p in (metric.numerator_metric, metric.denominator_metric) if p is not None]
    yield f"- Unit `{metric.unit}`, `{metric.direction}`, hours basis `{metric.hours_basis}`"
    yield f"- Made of {_codes(parts)} from {_codes(lineage.models(metric.name))}"
    yield f"- By {_codes(metric.dimensions)}"
    yield f"- Source: {metric.source}"
    yield f"- Requirements: {', '.join(metric.requirement)}"
    yield f"- Unit tests of its columns: {_codes(_unit_tests([metric.name], lineage))}"
    yield f"- Named in {_codes(path for path, used in words.items() if metric.name in used)}"
    yield ""
