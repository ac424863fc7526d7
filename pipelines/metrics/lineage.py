"""From a KPI back to the mart it reads and the tests that hold it, as dbt's manifests say.

What a KPI means is in its `meta`; here is only what stands behind it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import duckdb

from pipelines.metrics.manifest import Measure, Node, SemanticManifest


class Lineage:
    """The manifests of one dbt project, read once."""

    def __init__(self, target: Path) -> None:
        self._semantic = SemanticManifest(
            (target / "semantic_manifest.json").read_text(encoding="utf-8")
        )
        self._manifest: Node = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        self._models: dict[str, str] = {
            node["name"]: key
            for key, node in self._manifest["nodes"].items()
            if node["resource_type"] == "model"
        }

    @property
    def metrics(self) -> dict[str, Node]:
        """Metrics of the semantic layer by name."""
        return self._semantic.metrics

    def measures(self, metric: str) -> list[Measure]:
        """The measures a metric adds up, those of its numerator and denominator included."""
        return [self._semantic.measures[name] for name in self._semantic.measures_of(metric)]

    def parts(self, metric: str) -> list[str]:
        """The metrics a ratio or a derived metric is made of."""
        return self._semantic.parts(metric)

    def models(self, metric: str) -> list[str]:
        """The marts a metric reads."""
        return sorted({measure.table for measure in self.measures(metric)})

    def columns(self, metric: str) -> set[tuple[str, str | None]]:
        """(mart, column) of a metric's measures and filters.

        The column of a plain count of rows is None.
        """
        found: set[tuple[str, str | None]] = set()
        for measure in self.measures(metric):
            names: list[str | None] = [*columns_of(measure.expression)]
            found |= {(measure.table, name) for name in names or [None]}
        for template in self._semantic.filters(metric):
            for model, expression in self._semantic.dimensions_in(template):
                found |= {(model, column) for column in columns_of(expression)}
        return found

    def unit_tests(self, model: str, column: str | None) -> list[str]:
        """Unit tests of a mart or of a model before it whose expected rows name a column.

        Seconds of a mart are microseconds before it: `x_seconds` there is `x_us`. Rows are
        counted as the mart makes them: without a column, the mart's own tests hold.
        """
        if column is None:
            return sorted(name for name, _ in self._unit_tests.get(self._models[model], []))
        names = {column, re.sub(r"_seconds$", "_us", column)}
        return sorted(
            name
            for key in self._ancestry(self._models[model])
            for name, test in self._unit_tests.get(key, [])
            if names & _columns_in([test["expect"]])
        )

    def given_in(self, model: str, column: str) -> list[str]:
        """Unit tests of a mart whose given rows name a column."""
        tests = self._unit_tests.get(self._models[model], [])
        return sorted(name for name, test in tests if column in _columns_in(test["given"]))

    def data_tests(self, model: str) -> list[str]:
        """A model's data tests: by name, or by kind where they were made for a column."""
        tests = (
            node
            for node in self._manifest["nodes"].values()
            if node["resource_type"] == "test"
            and self._models[model] in node["depends_on"]["nodes"]
        )
        return sorted({(node.get("test_metadata") or node)["name"] for node in tests})

    @cached_property
    def _unit_tests(self) -> dict[str, list[tuple[str, Node]]]:
        found: dict[str, list[tuple[str, Node]]] = {}
        for test in self._manifest["unit_tests"].values():
            found.setdefault(self._models[test["model"]], []).append((test["name"], test))
        return found

    def _ancestry(self, key: str) -> set[str]:
        found, waiting = set[str](), [key]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting += self._manifest["parent_map"].get(current, [])
        return found


def columns_of(expression: str) -> list[str]:
    """The columns an SQL expression names; DuckDB's own parser finds them."""
    rows = duckdb.execute("select json_serialize_sql($1)", [f"select {expression}"]).fetchall()
    return sorted(set(_column_references(json.loads(rows[0][0]))))


def _column_references(tree: object) -> Iterator[str]:
    if isinstance(tree, Mapping):
        if tree.get("class") == "COLUMN_REF":
            yield tree["column_names"][-1]
        for branch in tree.values():
            yield from _column_references(branch)
    elif isinstance(tree, list):
        for branch in tree:
            yield from _column_references(branch)


def _columns_in(tables: list[Node]) -> set[str]:
    """Columns that rows of a unit test name; rows written as SQL or CSV are read as words."""
    found: set[str] = set()
    for table in tables:
        rows = table["rows"]
        if isinstance(rows, str):
            found |= set(re.findall(r"\w+", rows))
        else:
            found |= {column for row in rows or [] for column in row}
    return found
