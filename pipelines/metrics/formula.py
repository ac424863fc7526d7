"""A KPI's formula as a tree: what it is made of, down to the columns of a mart.

Read from the semantic manifest; the SQL that answers a question is MetricFlow's (`compiler`).
"""

from collections.abc import Iterator

from pipelines.metrics.manifest import Node, SemanticManifest, templates

_INDENT = "    "


def formula(manifest: SemanticManifest, name: str) -> str:
    """Lines `name = definition`, each part below what it is a part of, a step further in."""
    return "\n".join(_lines(manifest, name, name, [], 0))


def _lines(
    manifest: SemanticManifest, name: str, alias: str, conditions: list[str], depth: int
) -> Iterator[str]:
    definition = manifest.metrics[name]
    conditions = conditions + _conditions(manifest, definition)
    types = definition["type_params"]
    where = f" where {' and '.join(conditions)}" if conditions else ""
    yield f"{_INDENT * depth}{alias} = {_right_side(manifest, types)}{where}"
    for part in manifest.inputs(name):
        own = _conditions(manifest, part)
        yield from _lines(manifest, part["name"], _alias(part), own, depth + 1)


def _right_side(manifest: SemanticManifest, types: Node) -> str:
    if types["measure"] is not None:
        measure = manifest.measures[types["measure"]["name"]]
        share = "" if measure.percentile is None else f" {measure.percentile:g}"
        return f"{measure.agg}{share} ({measure.expression}) of {measure.table}"
    if types["numerator"] is not None:
        return f"{_alias(types['numerator'])} ÷ {_alias(types['denominator'])}"
    return str(types["expr"])


def _alias(part: Node) -> str:
    return str(part["alias"] or part["name"])


def _conditions(manifest: SemanticManifest, node: Node) -> list[str]:
    return [manifest.condition(template) for template in templates(node)]
