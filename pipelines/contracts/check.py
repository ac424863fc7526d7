"""Every mistake in the contracts of a folder: the ODCS schema first, then our own rules.

Here: the order of the checks and the published JSON schema. Not here: the rules themselves
(`rules`, `source_rules`), which look only at files the schema accepts.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft201909Validator
from jsonschema.exceptions import ValidationError, best_match

from pipelines.contracts.documents import Document, mappings, read_documents
from pipelines.contracts.model import Mistake
from pipelines.contracts.rules import entity_mistakes
from pipelines.contracts.source_rules import source_mistakes


def check_contracts(contracts_dir: Path) -> list[Mistake]:
    """All mistakes, drafts' too, in the order of the files. An empty list means: usable."""
    return check_documents(read_documents(contracts_dir))


def check_documents(documents: Sequence[Document]) -> list[Mistake]:
    """All mistakes of some documents, among which are all entities."""
    entities = {d.stem: d for d in documents if d.kind == "entity"}
    mistakes: list[Mistake] = []
    for document in documents:
        found = list(_schema_mistakes(document, entities))
        if not found:
            rules = (
                entity_mistakes(document)
                if document.kind == "entity"
                else source_mistakes(document, entities)
            )
            found = list(rules)
        mistakes.extend(found)
    return mistakes


@cache
def _validator() -> Draft201909Validator:
    text = (files("open_data_contract_standard") / "schema.json").read_text("utf-8")
    return Draft201909Validator(json.loads(text))


def _schema_mistakes(document: Document, entities: Mapping[str, Document]) -> Iterator[Mistake]:
    if document.fault:
        yield Mistake(document.name, "-", "yaml", document.fault)
        return
    for error in _validator().iter_errors(_with_types(document, entities)):
        deepest = _deepest(error)
        place = ".".join(str(part) for part in deepest.absolute_path) or "-"
        yield Mistake(document.name, place, "odcs_schema", _shortened(deepest.message))


def _with_types(document: Document, entities: Mapping[str, Document]) -> Mapping[str, Any]:
    """The document with each property's type taken from its entity.

    The published schema judges options by type and demands a `map` of a property without one.
    """
    data = deepcopy(dict(document.data))
    entity = entities.get(document.stem) if document.kind == "source" else None
    types = {p.get("name"): p.get("logicalType") for p in entity.properties} if entity else {}
    for schema in mappings(data.get("schema")):
        for node in mappings(schema.get("properties")):
            if isinstance(node, dict):
                node.setdefault("logicalType", types.get(node.get("name")) or "string")
    return data


def _deepest(error: ValidationError) -> ValidationError:
    inner = best_match(error.context) if error.context else None
    return _deepest(inner) if inner else error


def _shortened(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:100]} … {message[-90:]}"
