"""The semantic manifest as data: metrics, their measures, and the SQL of measures and dimensions.

Compiling questions is MetricFlow's (`compiler`); this is for what it does not answer: which
columns a metric reads, and which rows.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Node = Mapping[str, Any]
_DIMENSION = re.compile(r"\{\{ (?:Time)?Dimension\('(\w+)'(?:, 'day')?\) \}\}")


@dataclass(frozen=True)
class Measure:
    """A measure and the table it is taken from; SQL in the table's own columns.

    `latest_by` is the column by which a stock keeps its last day only, None for flows.
    """

    name: str
    table: str
    relation: str
    agg: str
    expression: str
    day: str
    dimensions: Mapping[str, str]
    latest_by: str | None
    percentile: float | None


class SemanticManifest:
    """One semantic manifest, read once."""

    def __init__(self, text: str) -> None:
        content = json.loads(text)
        self.metrics: dict[str, Node] = {metric["name"]: metric for metric in content["metrics"]}
        self.measures: dict[str, Measure] = {}
        self.dimensions: dict[str, tuple[str, str]] = {}
        for model in content["semantic_models"]:
            table = model["node_relation"]["alias"]
            dimensions = {d["name"]: d["expr"] or d["name"] for d in model["dimensions"]}
            entities = {e["name"]: e["expr"] or e["name"] for e in model["entities"]}
            prefixes = [*entities, *([model["primary_entity"]] if model["primary_entity"] else [])]
            for prefix in prefixes:
                for name, expression in dimensions.items():
                    self.dimensions[f"{prefix}__{name}"] = (table, expression)
            for measure in model["measures"]:
                self.measures[measure["name"]] = _measure(model, measure, dimensions, entities)

    def parts(self, metric: str) -> list[str]:
        """The metrics a ratio or a derived metric is made of."""
        return [part["name"] for part in self.inputs(metric)]

    def inputs(self, metric: str) -> list[Node]:
        """The parts as the metric names them: `name`, `alias`, and a `filter` of their own."""
        types = self.metrics[metric]["type_params"]
        inputs = [types.get("numerator"), types.get("denominator"), *(types.get("metrics") or [])]
        return [part for part in inputs if part is not None]

    def measures_of(self, metric: str) -> list[str]:
        """Names of the measures a metric adds up, those of its parts included."""
        inputs = self.metrics[metric]["type_params"]["input_measures"]
        return [measure["name"] for measure in inputs]

    def filters(self, metric: str) -> Iterator[str]:
        """Conditions of a metric and of its parts, as templates over dimensions."""
        yield from templates(self.metrics[metric])
        for part in self.inputs(metric):
            yield from templates(part)
            yield from self.filters(part["name"])

    def condition(self, template: str) -> str:
        """A condition in SQL over the columns of its table."""
        return _DIMENSION.sub(lambda found: f"({self.dimensions[found[1]][1]})", template)

    def dimensions_in(self, template: str) -> list[tuple[str, str]]:
        """(table, expression) of the dimensions that a condition names."""
        return [self.dimensions[name] for name in _DIMENSION.findall(template)]


def _measure(
    model: Node, measure: Node, dimensions: Mapping[str, str], entities: Mapping[str, str]
) -> Measure:
    day = measure["agg_time_dimension"] or model["defaults"]["agg_time_dimension"]
    stock = measure["non_additive_dimension"]
    return Measure(
        name=measure["name"],
        table=model["node_relation"]["alias"],
        relation=f"warehouse.marts.{model['node_relation']['alias']}",
        agg=measure["agg"],
        expression=measure["expr"] or measure["name"],
        day=dimensions[day],
        dimensions=dimensions,
        latest_by=entities[stock["window_groupings"][0]] if stock else None,
        percentile=(measure["agg_params"] or {}).get("percentile"),
    )


def templates(node: Node) -> list[str]:
    """The conditions that a metric, or a part of one, sets itself."""
    return [f["where_sql_template"] for f in (node["filter"] or {}).get("where_filters", [])]
