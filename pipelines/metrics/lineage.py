"""From a KPI back to the mart it reads and the tests that hold it, as dbt's manifests say.

What a KPI means is in its `meta`; here is only what stands behind it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

Node = Mapping[str, Any]


class Lineage:
    """The manifests of one dbt project, read once."""

    def __init__(self, target: Path) -> None:
        semantic = json.loads((target / "semantic_manifest.json").read_text(encoding="utf-8"))
        self._manifest: Node = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        self.metrics: dict[str, Node] = {metric["name"]: metric for metric in semantic["metrics"]}
        self._measures: dict[str, tuple[Node, str]] = {
            measure["name"]: (measure, model["node_relation"]["alias"])
            for model in semantic["semantic_models"]
            for measure in model["measures"]
        }
        self._dimensions: dict[str, tuple[str, str]] = {
            f"{entity['name']}__{dimension['name']}": (
                model["node_relation"]["alias"],
                dimension["expr"] or dimension["name"],
            )
            for model in semantic["semantic_models"]
            for entity in model["entities"]
            for dimension in model["dimensions"]
        }
        self._models: dict[str, str] = {
            node["name"]: key
            for key, node in self._manifest["nodes"].items()
            if node["resource_type"] == "model"
        }

    def measures(self, metric: str) -> list[Node]:
        """The measures a metric adds up, those of its numerator and denominator included."""
        return [measure for measure, _ in self._of(metric)]

    def parts(self, metric: str) -> list[str]:
        """The metrics a ratio or a derived metric is made of."""
        types = self.metrics[metric]["type_params"]
        inputs = [types.get("numerator"), types.get("denominator"), *(types.get("metrics") or [])]
        return [part["name"] for part in inputs if part is not None]

    def models(self, metric: str) -> list[str]:
        """The marts a metric reads."""
        return sorted({model for _, model in self._of(metric)})

    def columns(self, metric: str) -> set[tuple[str, str | None]]:
        """(mart, column) of a metric's measures and filters.

        The column of a plain count of rows is None.
        """
        found: set[tuple[str, str | None]] = set()
        for measure, model in self._of(metric):
            names: list[str | None] = [*columns_of(measure["expr"] or measure["name"])]
            found |= {(model, name) for name in names or [None]}
        return found | set(self._filtered(metric))

    def _filtered(self, metric: str) -> Iterator[tuple[str, str]]:
        where = (self.metrics[metric]["filter"] or {}).get("where_filters", [])
        for condition in where:
            for name in re.findall(r"Dimension\('(\w+)'", condition["where_sql_template"]):
                model, expression = self._dimensions[name]
                yield from ((model, column) for column in columns_of(expression))
        for part in self.parts(metric):
            yield from self._filtered(part)

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

    def _of(self, metric: str) -> Iterator[tuple[Node, str]]:
        for measure in self.metrics[metric]["type_params"]["input_measures"]:
            yield self._measures[measure["name"]]

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
