"""Contract files as plain YAML documents, and small readers of their ODCS parts.

Here: finding files, strict YAML (no silent duplicate keys, `yes` stays a word), taking custom
properties apart. Not here: meaning (`load`) and verdicts (`check`).
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SUFFIX = ".odcs.yaml"


@dataclass(frozen=True)
class Document:
    """One contract file. `data` is empty and `fault` says why where it is not readable."""

    file: Path
    name: str
    kind: str
    data: Mapping[str, Any]
    fault: str | None = None

    @property
    def schema(self) -> Mapping[str, Any]:
        return first(self.data.get("schema"))

    @property
    def properties(self) -> list[Mapping[str, Any]]:
        return mappings(self.schema.get("properties"))

    @property
    def server(self) -> Mapping[str, Any]:
        return first(self.data.get("servers"))

    @property
    def is_draft(self) -> bool:
        """Whether a person has still to finish it; no extract is read by it until then."""
        return self.kind == "source" and self.data.get("status") == "draft"

    @property
    def stem(self) -> str:
        return self.file.name.removesuffix(SUFFIX)


class _StrictLoader(yaml.SafeLoader):
    """Only true/false are booleans, dates stay text, a key may stand once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                line = key_node.start_mark.line + 1
                raise yaml.YAMLError(f"key '{key}' stands twice, again in line {line}")
            seen.add(key)
        return super().construct_mapping(node, deep)


_StrictLoader.yaml_implicit_resolvers = {
    letter: [
        (tag, regex)
        for tag, regex in resolvers
        if tag != "tag:yaml.org,2002:timestamp"
        and not (tag == "tag:yaml.org,2002:bool" and letter not in "tTfF")
    ]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_documents(contracts_dir: Path) -> list[Document]:
    """Every contract below `entities/` and `sources/<source>/`, in the order of their paths."""
    entities = sorted((contracts_dir / "entities").glob(f"*{SUFFIX}"))
    sources = sorted((contracts_dir / "sources").glob(f"*/*{SUFFIX}"))
    return [_read(file, contracts_dir, "entity") for file in entities] + [
        _read(file, contracts_dir, "source") for file in sources
    ]


def _read(file: Path, contracts_dir: Path, kind: str) -> Document:
    name = file.relative_to(contracts_dir.parent).as_posix()
    try:
        data = yaml.load(file.read_text("utf-8"), _StrictLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return Document(file, name, kind, {}, " ".join(str(error).split()))
    if not isinstance(data, dict):
        return Document(file, name, kind, {}, "the file is not a mapping")
    return Document(file, name, kind, data)


def mappings(value: object) -> list[Mapping[str, Any]]:
    """The mappings of a list; nothing where it is not one (the schema check says so)."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def first(value: object) -> Mapping[str, Any]:
    return next(iter(mappings(value)), {})


def custom(node: Mapping[str, Any]) -> dict[str, Any]:
    """The custom properties of a node by name."""
    return {str(p.get("property")): p.get("value") for p in mappings(node.get("customProperties"))}


def options(node: Mapping[str, Any]) -> Mapping[str, Any]:
    value = node.get("logicalTypeOptions")
    return value if isinstance(value, dict) else {}


def text(value: object) -> str:
    """A YAML scalar as the text a file would carry."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    items: Iterable[object] = value if isinstance(value, list) else [value]
    return tuple(text(item) for item in items)


def valid_values(node: Mapping[str, Any]) -> tuple[str, ...]:
    """The values a library check of the metric `invalidValues` allows."""
    for check in mappings(node.get("quality")):
        if check.get("metric") == "invalidValues":
            arguments = check.get("arguments")
            return texts(arguments.get("validValues")) if isinstance(arguments, dict) else ()
    return ()


def row_rules(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [q for q in mappings(schema.get("quality")) if q.get("engine") == "row_rule"]
