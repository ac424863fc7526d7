"""Who may use whom, as `import` statements: the rooms of the house and their doors."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
MODULES = sorted([*(PROJECT / "pipelines").rglob("*.py"), *(PROJECT / "dashboards").rglob("*.py")])


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def below(path: Path, *folder: str) -> bool:
    return path.is_relative_to(PROJECT.joinpath(*folder))


def offenders(packages: tuple[str, ...], allowed: tuple[tuple[str, ...], ...]) -> list[str]:
    found = []
    for path in MODULES:
        if any(below(path, *folder) for folder in allowed):
            continue
        for name in imported(path):
            if any(name == package or name.startswith(f"{package}.") for package in packages):
                found.append(f"{path.relative_to(PROJECT)} imports {name}")
    return found


def test_only_orchestration_imports_dagster() -> None:
    assert offenders(("dagster", "dagster_dbt"), (("pipelines", "orchestration"),)) == []


def test_only_dashboards_import_streamlit() -> None:
    assert offenders(("streamlit",), (("dashboards",),)) == []


def test_only_quality_imports_great_expectations() -> None:
    assert offenders(("great_expectations",), (("pipelines", "quality"),)) == []


def test_only_metrics_imports_metricflow() -> None:
    names = ("metricflow", "metricflow_semantics", "metricflow_semantic_interfaces")
    assert offenders(names, (("pipelines", "metrics"),)) == []


def test_dashboards_reach_the_warehouse_through_metrics_and_console_only() -> None:
    """Settings tell them how readers sign in; exports write files and reach nothing."""
    doors = ("pipelines.metrics", "pipelines.console", "pipelines.exports", "pipelines.settings")
    found = [
        f"{path.relative_to(PROJECT)} imports {name}"
        for path in MODULES
        if below(path, "dashboards")
        for name in imported(path)
        if name.split(".")[0] in ("pipelines", "duckdb") and not name.startswith(doors)
    ]
    assert found == []


def test_nobody_imports_orchestration_but_the_entry_points() -> None:
    allowed = (
        ("pipelines", "orchestration"),
        ("pipelines", "definitions.py"),
        ("pipelines", "commands"),
    )
    assert offenders(("pipelines.orchestration",), allowed) == []


def test_nobody_imports_sourcing_but_the_commands() -> None:
    """It sits on top of contracts, ingest, warehouse and metrics, which know nothing of it."""
    allowed = (("pipelines", "sourcing"), ("pipelines", "commands"))
    assert offenders(("pipelines.sourcing",), allowed) == []


def test_only_settings_read_the_environment() -> None:
    """Writing it for a child process is allowed where the child is started."""
    found = []
    for path in MODULES:
        if below(path, "pipelines", "settings.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            reads = (
                (isinstance(node, ast.Attribute) and node.attr in ("getenv",))
                or (
                    isinstance(node, ast.Subscript)
                    and isinstance(node.ctx, ast.Load)
                    and ast.unparse(node.value) == "os.environ"
                )
                or (isinstance(node, ast.Call) and ast.unparse(node.func) == "os.environ.get")
            )
            if reads:
                found.append(f"{path.relative_to(PROJECT)}:{getattr(node, 'lineno', 0)}")
    assert found == []


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PROJECT)))
def test_modules_say_what_belongs_in_them(path: Path) -> None:
    if path.read_text(encoding="utf-8").strip():
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), "no docstring"
