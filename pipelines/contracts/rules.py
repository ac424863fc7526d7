"""Own rules of every contract and of entity contracts, which the ODCS schema cannot say.

Here: duplicate properties, keys, ranges, regular expressions, row rules, custom property
names. Not here: mapping, files and formats of a source (`source_rules`).
"""

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import duckdb

from pipelines.contracts.documents import (
    Document,
    custom,
    mappings,
    options,
    row_rules,
    valid_values,
)
from pipelines.contracts.model import DUCKDB_TYPES, Mistake

ENTITY_PROPERTIES = ("mayBeFuture", "pii", "role", "substitute", "synonyms", "valueSynonyms")


class Judge:
    """Collects what is wrong with one document."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def mistake(self, path: str, rule: str, remedy: str) -> Mistake:
        return Mistake(self.document.name, path, rule, remedy)


def nearest(word: str, known: Iterable[str]) -> str:
    """`, nearest: x` where one of the known words is close, else nothing."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f", nearest: '{close[0]}'" if close else ""


def entity_mistakes(document: Document) -> Iterator[Mistake]:
    judge = Judge(document)
    name = document.data.get("name")
    if document.data.get("id") != f"entity.{document.stem}" or name != document.stem:
        yield judge.mistake("id", "file_id", f"set id entity.{document.stem}, name {document.stem}")
    yield from common_mistakes(judge)
    for node in document.properties:
        path = place(node)
        if node.get("logicalType") not in DUCKDB_TYPES:
            yield judge.mistake(path, "type", f"use one of {', '.join(DUCKDB_TYPES)}")
        yield from custom_names(judge, path, node, ENTITY_PROPERTIES)
        yield from _synonym_mistakes(judge, node)
    yield from _key_mistakes(judge)
    yield from row_rule_mistakes(judge, document.properties)


def _synonym_mistakes(judge: Judge, node: Mapping[str, Any]) -> Iterator[Mistake]:
    is_boolean = node.get("logicalType") == "boolean"
    allowed = ("true", "false") if is_boolean else valid_values(node)
    words = custom(node).get("valueSynonyms", {})
    strange = sorted(set(words) - set(allowed)) if isinstance(words, dict) else ["no mapping"]
    substitute = custom(node).get("substitute")
    if substitute not in (None, *(other.get("name") for other in judge.document.properties)):
        yield judge.mistake(place(node), "substitute", f"there is no column '{substitute}'")
    if strange:
        remedy = f"{', '.join(strange)}: write {{valid value: [words]}} of {', '.join(allowed)}"
        yield judge.mistake(place(node), "value_synonyms", remedy)


def place(node: Mapping[str, Any]) -> str:
    return f"schema.properties[{node.get('name')}]"


def common_mistakes(judge: Judge) -> Iterator[Mistake]:
    """What entity and source contracts have in common."""
    document = judge.document
    if len(mappings(document.data.get("schema"))) != 1 or not document.properties:
        yield judge.mistake("schema", "one_schema", "list exactly one object with properties")
    elif document.schema.get("name") != document.stem:
        yield judge.mistake("schema.name", "schema_name", f"name the object {document.stem}")
    names = Counter(str(node.get("name")) for node in document.properties)
    for name, count in names.items():
        if count > 1:
            yield judge.mistake(
                f"schema.properties[{name}]", "duplicate_property", f"keep one of the {count}"
            )
    for node in document.properties:
        yield from _limit_mistakes(judge, node)


def _limit_mistakes(judge: Judge, node: Mapping[str, Any]) -> Iterator[Mistake]:
    limits, path = options(node), f"{place(node)}.logicalTypeOptions"
    for low, high in (("minimum", "maximum"), ("minLength", "maxLength")):
        if low in limits and high in limits and limits[low] > limits[high]:
            yield judge.mistake(path, "empty_range", f"{low} is above {high}; swap or correct them")
    if "pattern" in limits:
        fault = sql_fault("select regexp_matches('', ?)", [limits["pattern"]])
        if fault:
            yield judge.mistake(path, "invalid_regex", f"correct the pattern (RE2): {fault}")
    pii = custom(node).get("pii")
    if pii not in (None, "pseudonymise", "mask", "drop"):
        yield judge.mistake(path, "pii", "write pseudonymise, mask or drop")
    if pii in ("pseudonymise", "mask") and node.get("logicalType", "string") != "string":
        yield judge.mistake(path, "pii", "only a string can be pseudonymised or masked; drop it")


def custom_names(
    judge: Judge, path: str, node: Mapping[str, Any], known: Iterable[str]
) -> Iterator[Mistake]:
    for name in custom(node):
        if name not in known:
            yield judge.mistake(
                f"{path}.customProperties",
                "unknown_custom_property",
                f"'{name}' means nothing here{nearest(name, known)}; rename or remove it",
            )


def sql_fault(sql: str, parameters: list[Any]) -> str | None:
    """Why DuckDB refuses a query over nothing, in one line; None where it runs."""
    with duckdb.connect(config={"python_enable_replacements": False}) as connection:
        try:
            connection.execute(sql, parameters).fetchall()
        except duckdb.Error as error:
            return str(error).splitlines()[0]
    return None


def _key_mistakes(judge: Judge) -> Iterator[Mistake]:
    keys = [node for node in judge.document.properties if node.get("primaryKey")]
    if not keys:
        yield judge.mistake("schema.properties", "no_key", "mark the key with primaryKey: true")
    positions = [node.get("primaryKeyPosition", 1) for node in keys]
    if keys and sorted(positions) != list(range(1, len(keys) + 1)):
        yield judge.mistake(
            "schema.properties",
            "key_position",
            f"number the key columns 1 to {len(keys)}, once each",
        )
    versions = [n for n in judge.document.properties if custom(n).get("role") == "version"]
    if len(versions) > 1:
        yield judge.mistake("schema.properties", "two_versions", "keep one column of role version")


def row_rule_mistakes(judge: Judge, columns: Iterable[Mapping[str, Any]]) -> Iterator[Mistake]:
    """A row rule must be a predicate over the entity's columns, with a name of its own."""
    typed = ", ".join(
        f'null::{DUCKDB_TYPES[c["logicalType"]]} as "{c["name"]}"'
        for c in columns
        if c.get("logicalType") in DUCKDB_TYPES
    )
    seen: set[str] = set()
    for rule in row_rules(judge.document.schema):
        name, path = str(rule.get("name")), f"schema.quality[{rule.get('name')}]"
        if name in seen or not name.isidentifier():
            yield judge.mistake(
                path, "row_rule_name", "give each rule a snake_case name of its own"
            )
        seen.add(name)
        if rule.get("severity", "error") not in ("error", "warning"):
            yield judge.mistake(path, "row_rule_severity", "write error or warning")
        predicate = f"select ({rule.get('implementation')}) as p from (select {typed})"
        refusal = "error('it gives ' || typeof(p) || ', not true or false')"
        fault = sql_fault(f"select {refusal} from ({predicate}) where typeof(p) <> 'BOOLEAN'", [])
        if fault:
            yield judge.mistake(path, "row_rule_sql", f"correct the predicate: {fault}")
