"""Rules of a whole extract: what a source contract declares, and what holds undeclared.

Here: reading the `quality` lists of a contract in their ODCS form, the defaults, the mistakes
people make in them. Not here: measuring an extract and judging it (`pipelines.quality`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pipelines.contracts.documents import Document, custom, mappings
from pipelines.contracts.model import UNIT_SECONDS, BatchRule, Column, Mistake
from pipelines.contracts.rules import Judge, nearest

ENGINE = "batch_rule"
SEVERITIES = {"error": "error", "warning": "warn"}
# Extracts or weeks looked back on, and how many must have come before anything is compared.
HISTORY = 8
ENOUGH_HISTORY = 4


@dataclass(frozen=True)
class _Kind:
    """What may be said of a rule: where it stands, which limits it has, how it is written."""

    of_column: bool
    limits: tuple[str, ...]
    metric: str | None = None
    most: float | None = 1.0
    looks_back: bool = False
    of_snapshot: bool = False


KINDS: Mapping[str, _Kind] = {
    "row_count": _Kind(False, ("low", "high"), metric="rowCount", most=None),
    "duplicate_ratio": _Kind(False, ("high",), metric="duplicateValues"),
    "null_ratio": _Kind(True, ("high",), metric="nullValues"),
    "volume": _Kind(False, ("low", "high"), most=None, looks_back=True),
    "quarantined_ratio": _Kind(False, ("high",)),
    "event_age": _Kind(False, ()),
    "extract_gap": _Kind(False, ()),
    "vanished_ratio": _Kind(False, ("high",), of_snapshot=True),
    "held_deletes": _Kind(False, (), of_snapshot=True),
    "null_rise": _Kind(True, ("high",), looks_back=True),
    "drift": _Kind(True, ("high",), looks_back=True),
}
_METRICS = {kind.metric: name for name, kind in KINDS.items() if kind.metric}
_OPERATORS = {
    "mustBe": ("low", "high"),
    "mustBeBetween": ("low", "high"),
    "mustBeLessOrEqualTo": ("high",),
    "mustBeGreaterOrEqualTo": ("low",),
}


def default_rules(
    columns: tuple[Column, ...], allowed_seconds: int | None, load_mode: str
) -> Iterator[BatchRule]:
    """What is asked of every extract; only a mostly bad one is refused."""
    yield BatchRule("quarantined_ratio", "error", high=0.5)
    yield BatchRule("quarantined_ratio", "warn", high=0.02)
    yield BatchRule("row_count", "warn", low=1)
    yield BatchRule("volume", "warn", low=0.5, high=2.0)
    yield BatchRule("duplicate_ratio", "warn", high=0.05)
    if allowed_seconds is not None:
        yield BatchRule("event_age", "warn", high=allowed_seconds)
        yield BatchRule("extract_gap", "warn", high=allowed_seconds)
    if load_mode == "snapshot":
        yield BatchRule("vanished_ratio", "error", high=0.2)
        yield BatchRule("held_deletes", "warn", high=0)
    for column in columns:
        if not column.headers or column.pii == "drop":
            continue
        if not column.required:
            yield BatchRule("null_rise", "warn", column.name, high=0.2)
        if column.is_categorical:
            yield BatchRule("drift", "warn", column.name, high=0.3)


def batch_rules(
    document: Document, columns: tuple[Column, ...], allowed_seconds: int | None, load_mode: str
) -> tuple[BatchRule, ...]:
    """The rules of a source: a declared one stands in place of its default."""
    rules = {r.key: r for r in default_rules(columns, allowed_seconds, load_mode)}
    for column, node in _declarations(document):
        rule = _declared(column, node)
        if node.get("implementation") == "off":
            rules.pop(rule.key, None)
            continue
        default = rules.get(rule.key)
        if default is None:
            default = rules.get((rule.name, column, "warn"), BatchRule(rule.name, rule.severity))
        rules[rule.key] = replace(
            rule,
            low=default.low if rule.low is None and rule.high is None else rule.low,
            high=default.high if rule.low is None and rule.high is None else rule.high,
        )
    return tuple(rules.values())


def _declarations(document: Document) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    """The batch rules of a contract with the column they speak of."""
    nodes: list[tuple[str | None, Mapping[str, Any]]] = [(None, document.schema)]
    nodes += [(str(node.get("name")), node) for node in document.properties]
    for column, node in nodes:
        for check in mappings(node.get("quality")):
            of_rows = check.get("metric") == "invalidValues" or check.get("engine") == "row_rule"
            if not of_rows:
                yield column, check


def _declared(column: str | None, node: Mapping[str, Any]) -> BatchRule:
    name = _METRICS.get(str(node.get("metric"))) or str(node.get("name"))
    severity = SEVERITIES.get(str(node.get("severity", "warning")), "warn")
    given = node.get("implementation")
    limits = dict(given) if isinstance(given, Mapping) else {}
    scale = 100.0 if node.get("unit") == "percent" else 1.0
    for operator, sides in _OPERATORS.items():
        if operator in node:
            value = node[operator]
            values = value if isinstance(value, list) else [value] * len(sides)
            limits |= {side: v / scale for side, v in zip(sides, values, strict=True)}
    history = int(limits.get("history", HISTORY))
    return BatchRule(name, severity, column, limits.get("low"), limits.get("high"), history)


def batch_rule_mistakes(judge: Judge) -> Iterator[Mistake]:
    """Rules nobody knows, in the wrong place, without a usable limit, or stated twice."""
    seen: set[tuple[str, str | None, str]] = set()
    for column, node in _declarations(judge.document):
        where = f"schema.properties[{column}]" if column else "schema"
        path = f"{where}.quality[{node.get('name') or node.get('metric')}]"
        found = list(_form_mistakes(judge, path, column, node))
        yield from found
        if found:
            continue
        key = _declared(column, node).key
        if key in seen:
            yield judge.mistake(path, "batch_rule_twice", "keep one rule per name and severity")
        seen.add(key)


def _form_mistakes(
    judge: Judge, path: str, column: str | None, node: Mapping[str, Any]
) -> Iterator[Mistake]:
    is_library = node.get("type", "library") == "library"
    if not is_library and (node.get("type") != "custom" or node.get("engine") != ENGINE):
        yield judge.mistake(
            path, "batch_rule_engine", f"write type: library, or custom with engine: {ENGINE}"
        )
        return
    known = [n for n, kind in KINDS.items() if bool(kind.metric) == is_library]
    name = _METRICS.get(str(node.get("metric"))) if is_library else str(node.get("name"))
    if name not in known:
        said = node.get("metric") if is_library else node.get("name")
        choice = ", ".join(str(KINDS[n].metric) if is_library else n for n in known)
        remedy = f"no rule '{said}' here{nearest(str(said), known)}; use one of {choice}"
        yield judge.mistake(path, "batch_rule_name", remedy)
        return
    kind = KINDS[name]
    if kind.of_column != (column is not None):
        owner = "a column" if kind.of_column else "the object"
        yield judge.mistake(path, "batch_rule_place", f"write it under {owner}")
    if node.get("severity", "warning") not in SEVERITIES:
        yield judge.mistake(path, "batch_rule_severity", "write error or warning")
    yield from (
        _library_mistakes(judge, path, kind, node)
        if is_library
        else _custom_mistakes(judge, path, kind, node)
    )


def _library_mistakes(
    judge: Judge, path: str, kind: _Kind, node: Mapping[str, Any]
) -> Iterator[Mistake]:
    operators = [o for o in node if o.startswith("must")]
    if operators[0] not in _OPERATORS or not set(_OPERATORS[operators[0]]) <= set(kind.limits):
        usable = [o for o, sides in _OPERATORS.items() if set(sides) <= set(kind.limits)]
        yield judge.mistake(path, "batch_rule_operator", f"write {' or '.join(usable)}")
        return
    if (node.get("unit", "rows") == "percent") != (kind.most is not None):
        unit = "percent" if kind.most is not None else "rows"
        yield judge.mistake(path, "batch_rule_unit", f"write unit: {unit}")
        return
    value = node[operators[0]]
    if any(not _is_number(v) for v in (value if isinstance(value, list) else [value])):
        yield judge.mistake(path, "batch_rule_limit", "write a number")
        return
    rule = _declared(None, node)
    yield from _limit_mistakes(judge, path, kind, {"low": rule.low, "high": rule.high})


def _custom_mistakes(
    judge: Judge, path: str, kind: _Kind, node: Mapping[str, Any]
) -> Iterator[Mistake]:
    given = node.get("implementation")
    if given == "off":
        return
    if not isinstance(given, Mapping):
        yield judge.mistake(path, "batch_rule_limit", "write a map of limits, or off")
        return
    known = (*kind.limits, *(("history",) if kind.looks_back else ()))
    for word in given:
        if word not in known:
            remedy = f"'{word}' means nothing here{nearest(str(word), known)}; " + (
                f"write {', '.join(known)}" if known else "slaProperties give the limit"
            )
            yield judge.mistake(path, "batch_rule_limit", remedy)
            return
    promised = [p.get("property") for p in mappings(judge.document.data.get("slaProperties"))]
    if kind.of_snapshot and custom(judge.document.server).get("loadMode") != "snapshot":
        yield judge.mistake(path, "batch_rule_place", "only extracts of loadMode: snapshot delete")
    elif not kind.limits and not kind.of_snapshot and "frequency" not in promised:
        yield judge.mistake(path, "batch_rule_limit", "promise a frequency in slaProperties")
    history = given.get("history", HISTORY)
    if not isinstance(history, int) or history < ENOUGH_HISTORY:
        yield judge.mistake(
            path, "batch_rule_limit", f"look back on {ENOUGH_HISTORY} or more, not {history}"
        )
    yield from _limit_mistakes(judge, path, kind, {k: given.get(k) for k in ("low", "high")})


def _limit_mistakes(
    judge: Judge, path: str, kind: _Kind, limits: Mapping[str, Any]
) -> Iterator[Mistake]:
    low, high = limits["low"], limits["high"]
    for value in (low, high):
        if value is None:
            continue
        if not _is_number(value) or value < 0 or (kind.most is not None and value > kind.most):
            reach = "0 or more" if kind.most is None else "from 0 to 1 (0 to 100 percent)"
            yield judge.mistake(path, "batch_rule_limit", f"write a number {reach}, not {value}")
            return
    if low is not None and high is not None and low > high:
        yield judge.mistake(path, "batch_rule_limit", f"low {low} is above high {high}; swap them")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def sla_mistakes(judge: Judge) -> Iterator[Mistake]:
    """Frequency and latency of extracts are positive lengths of time."""
    for promise in mappings(judge.document.data.get("slaProperties")):
        name = promise.get("property")
        if name not in ("frequency", "latency"):
            continue
        value, unit = promise.get("value"), promise.get("unit", "d")
        if not _is_number(value) or float(str(value)) <= 0 or unit not in UNIT_SECONDS:
            remedy = f"write a number above 0 and a unit of {', '.join(UNIT_SECONDS)}"
            yield judge.mistake(f"slaProperties[{name}]", "sla_length", remedy)
