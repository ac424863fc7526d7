"""Contract files become frozen objects; a source's columns are merged with its entity's.

Here: the merge and its defaults. Not here: what is allowed (`check`), which runs first.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelines.contracts.batch_rules import batch_rules
from pipelines.contracts.check import check_documents
from pipelines.contracts.documents import (
    Document,
    custom,
    mappings,
    options,
    read_documents,
    row_rules,
    text,
    texts,
    valid_values,
)
from pipelines.contracts.model import (
    UNIT_SECONDS,
    Column,
    Contracts,
    EntityContract,
    ExtractedAt,
    RowRule,
    SourceContract,
)
from pipelines.contracts.protocols import ObjectFetch, read_fetch
from pipelines.errors import ContractError

# The name of a pulled extract tells when the pull began.
PULLED_AT = {"pattern": r"pull_(\d{8}T\d{6})", "format": "yyyyMMdd'T'HHmmss", "timezone": "UTC"}


def load_contracts(contracts_dir: Path, drafts_of: str | None = None) -> Contracts:
    """Read every contract in use, and the drafts of one source where it is named.

    Raises ContractError that lists all their mistakes, one a line.
    """
    if not (contracts_dir / "entities").is_dir():
        raise ContractError(
            f"no data contracts in {contracts_dir}; set KPI_CONTRACTS_DIR to the folder that "
            "holds entities/ and sources/."
        )
    documents = [
        document
        for document in read_documents(contracts_dir)
        if not document.is_draft or document.file.parent.name == drafts_of
    ]
    mistakes = check_documents(documents)
    if mistakes:
        raise ContractError("\n".join(str(mistake) for mistake in mistakes))
    entities = {d.stem: _entity(d) for d in documents if d.kind == "entity"}
    sources = [_source(d, entities) for d in documents if d.kind == "source"]
    return Contracts(contracts_dir, entities, {contract.key: contract for contract in sources})


def _entity(document: Document) -> EntityContract:
    return EntityContract(
        name=document.stem,
        version=str(document.data["version"]),
        file=document.file,
        label=str(document.schema.get("businessName", "")),
        description=str(document.data.get("description", {}).get("purpose", "")),
        columns=tuple(_canonical(node) for node in document.properties),
        row_rules=_rules(document),
    )


def _canonical(node: Mapping[str, Any]) -> Column:
    own = custom(node)
    is_key = bool(node.get("primaryKey"))
    return _tightened(
        Column(
            name=str(node["name"]),
            type=str(node["logicalType"]),
            label=str(node.get("businessName", "")),
            description=str(node.get("description", "")),
            key_position=int(node.get("primaryKeyPosition", 1)) if is_key else None,
            is_version=own.get("role") == "version",
            synonyms=texts(own.get("synonyms")),
            substitute=own.get("substitute"),
            value_synonyms={
                text(value): texts(words)
                for value, words in (own.get("valueSynonyms") or {}).items()
            },
            is_tombstone=own.get("role") == "tombstone",
        ),
        node,
    )


def _tightened(column: Column, node: Mapping[str, Any]) -> Column:
    """The column with the rules a node states; what it does not state stays."""
    own, limits = custom(node), options(node)
    return replace(
        column,
        required=column.required or bool(node.get("required")),
        pii=own.get("pii", column.pii),
        valid_values=valid_values(node) or column.valid_values,
        minimum=text(limits["minimum"]) if "minimum" in limits else column.minimum,
        maximum=text(limits["maximum"]) if "maximum" in limits else column.maximum,
        pattern=limits.get("pattern", column.pattern),
        min_length=limits.get("minLength", column.min_length),
        max_length=limits.get("maxLength", column.max_length),
        may_be_future=bool(own.get("mayBeFuture", column.may_be_future)),
    )


def _mapped(column: Column, node: Mapping[str, Any]) -> Column:
    own = custom(node)
    words: Mapping[str, Any] = own.get("valueMap") or {}
    return replace(
        _tightened(column, node),
        headers=texts(own.get("sourceHeaders")),
        may_be_absent=bool(own.get("mayBeAbsent", False)),
        constant=text(own["constant"]) if "constant" in own else None,
        formats=texts(own.get("formats")),
        timezone=own.get("timezone"),
        ambiguous=str(own.get("ambiguous", "refuse")),
        value_map={text(k): text(v) for k, v in words.items() if v is not None} or None,
        null_tokens=(
            "",
            *texts(own.get("nullTokens")),
            *(k for k, v in words.items() if v is None),
        ),
        decimal_sign=str(own.get("decimalSign", ".")),
        thousands_sign=own.get("thousandsSign"),
        excel_serial=bool(own.get("excelSerial", False)),
    )


def _rules(document: Document) -> tuple[RowRule, ...]:
    return tuple(
        RowRule(
            name=str(rule["name"]),
            expression=str(rule["implementation"]),
            severity=str(rule.get("severity", "error")),
            description=str(rule.get("description", "")),
        )
        for rule in row_rules(document.schema)
    )


def _source(document: Document, entities: Mapping[str, EntityContract]) -> SourceContract:
    source, entity = document.file.parent.name, entities[document.stem]
    nodes = {str(node["name"]): node for node in document.properties}
    description, server = document.data.get("description", {}), document.server
    reader = custom(server)
    shape, query = (
        document.file.parent / str(reader[name]) if name in reader else None
        for name in ("shape", "query")
    )
    fetch = read_fetch(server, document.file.parent)
    is_pulled = fetch is not None and not isinstance(fetch, ObjectFetch)
    columns = tuple(
        _mapped(column, nodes[column.name]) if column.name in nodes else column
        for column in entity.columns
    )
    allowed, load_mode = _allowed_seconds(document), str(reader.get("loadMode", "delta"))
    return SourceContract(
        source=source,
        entity=entity,
        id=str(document.data["id"]),
        version=str(document.data["version"]),
        is_draft=document.is_draft,
        file=document.file,
        tenant=str(document.data.get("tenant", source)),
        purpose=str(description.get("purpose", "")),
        limitations=str(description.get("limitations", "")),
        path=f"{source}/{document.stem}/*" if fetch else str(server["path"]),
        format=fetch.extract_format if fetch else str(server["format"]),
        encodings=texts(reader.get("encodings") or server.get("encoding") or "utf-8"),
        delimiter=str(reader.get("delimiter", ",")),
        header_row=int(reader.get("headerRow", 1)),
        sheet=reader.get("sheet"),
        records=str(reader.get("records", "")),
        extra_columns=str(reader.get("extraColumns", "refuse")),
        dropped_headers=texts(reader.get("droppedHeaders")),
        extracted_at=_extracted_at(reader.get("extractedAt") or (PULLED_AT if is_pulled else None)),
        shape_sql=shape.read_text("utf-8") if shape else None,
        load_mode=load_mode,
        frequency_seconds=_promised_seconds(document, "frequency"),
        allowed_seconds=allowed,
        columns=columns,
        row_rules=entity.row_rules + _rules(document),
        sha256=_fingerprint(document.file, entity.file, shape, query),
        fetch=fetch,
        completion="manifest" if fetch else str(reader.get("completion", "steady")),
        settled_seconds=reader.get("settledSeconds"),
        batch_rules=batch_rules(document, columns, allowed, load_mode),
    )


def _extracted_at(value: Mapping[str, Any] | None) -> ExtractedAt | None:
    if value is None:
        return None
    return ExtractedAt(str(value["pattern"]), str(value["format"]), value.get("timezone"))


def _allowed_seconds(document: Document) -> int | None:
    """Frequency and latency; without a latency a quarter of it: nothing is made to the second."""
    frequency = _promised_seconds(document, "frequency")
    if frequency is None:
        return None
    latency = _promised_seconds(document, "latency")
    return frequency + (frequency // 4 if latency is None else latency)


def _promised_seconds(document: Document, name: str) -> int | None:
    for promise in mappings(document.data.get("slaProperties")):
        if promise.get("property") == name:
            unit = str(promise.get("unit", "d"))
            return int(float(promise["value"]) * UNIT_SECONDS[unit])
    return None


def _fingerprint(*files: Path | None) -> str:
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes() if file else b""
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()
