"""Own rules of source contracts: where files lie, how they are read, what maps to what.

Here: server and reader options, mapping, value maps. Not here: formats and zones of single
columns (`format_rules`) and rules shared with entities (`rules`).
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import available_timezones

import duckdb

from pipelines.contracts.batch_rules import batch_rule_mistakes, sla_mistakes
from pipelines.contracts.documents import (
    Document,
    custom,
    mappings,
    text,
    texts,
    valid_values,
)
from pipelines.contracts.format_rules import format_mistakes, zone_mistakes
from pipelines.contracts.model import Mistake
from pipelines.contracts.names import folded
from pipelines.contracts.patterns import read_pattern
from pipelines.contracts.protocol_rules import SERVER_PROPERTIES, protocol_mistakes
from pipelines.contracts.protocols import protocol
from pipelines.contracts.rules import (
    Judge,
    common_mistakes,
    custom_names,
    nearest,
    place,
    row_rule_mistakes,
)

COLUMN_PROPERTIES = (
    "ambiguous", "constant", "decimalSign", "excelSerial", "formats", "mayBeAbsent",
    "mayBeFuture", "nullTokens", "pii", "sourceHeaders", "thousandsSign", "timezone", "valueMap",
)  # fmt: skip
FORMATS = ("csv", "json", "jsonl", "parquet", "xlsx")


def source_mistakes(document: Document, entities: Mapping[str, Document]) -> Iterator[Mistake]:
    judge = Judge(document)
    source = document.file.parent.name
    if document.data.get("id") != f"{source}.{document.stem}":
        yield judge.mistake("id", "file_id", f"set id {source}.{document.stem}, as the file says")
    yield from custom_names(judge, "-", document.data, ())
    entity = entities.get(document.stem)
    if entity is None:
        hint = nearest(document.stem, entities)
        yield judge.mistake("id", "unknown_entity", f"no entity '{document.stem}'{hint}; rename")
        return
    yield from common_mistakes(judge)
    yield from _server_mistakes(judge)
    yield from _property_mistakes(judge, entity)
    yield from _mapping_mistakes(judge, entity)
    yield from _deletion_mistakes(judge, entity)
    yield from batch_rule_mistakes(judge)
    yield from sla_mistakes(judge)
    yield from row_rule_mistakes(judge, entity.properties)


def _server_mistakes(judge: Judge) -> Iterator[Mistake]:
    servers = mappings(judge.document.data.get("servers"))
    kind = protocol(servers[0]) if len(servers) == 1 else ""
    if not kind:
        remedy = "list exactly one server of type local, postgres, custom (SQLite), api or s3"
        yield judge.mistake("servers", "one_server", remedy)
        return
    server, reader = servers[0], custom(servers[0])
    if kind in ("files", "objects"):
        if server.get("format") not in FORMATS:
            yield judge.mistake("servers[0].format", "format", f"use one of {', '.join(FORMATS)}")
        if "records" in reader and server.get("format") != "json":
            remedy = "only a document of format json has a list of records; remove it"
            yield judge.mistake("servers[0].customProperties[records]", "records", remedy)
    yield from custom_names(judge, "servers[0]", server, SERVER_PROPERTIES[kind])
    yield from protocol_mistakes(judge, server)
    for encoding in texts(reader.get("encodings") or server.get("encoding")):
        try:
            codecs.lookup(encoding)
        except LookupError:
            yield judge.mistake("servers[0]", "encoding", f"'{encoding}' is not an encoding")
    yield from _reader_mistakes(judge, reader)


def _reader_mistakes(judge: Judge, reader: Mapping[str, Any]) -> Iterator[Mistake]:
    path = "servers[0].customProperties"
    delimiter = reader.get("delimiter", ",")
    if not isinstance(delimiter, str) or not delimiter or set(delimiter) & set('"\r\n\0'):
        yield judge.mistake(path, "delimiter", "write characters that are no quote or line end")
    header_row = reader.get("headerRow", 1)
    if not isinstance(header_row, int) or header_row < 1:
        yield judge.mistake(path, "header_row", "write the header's row number, 1 or more")
    if reader.get("extraColumns", "refuse") not in ("refuse", "record"):
        yield judge.mistake(path, "extra_columns", "write refuse or record")
    if reader.get("loadMode", "delta") not in ("delta", "snapshot"):
        yield judge.mistake(path, "load_mode", "write delta or snapshot")
    if "extractedAt" in reader:
        yield from _extracted_at_mistakes(judge, reader["extractedAt"])
    if "shape" in reader:
        yield from _shape_mistakes(judge, str(reader["shape"]))


def _extracted_at_mistakes(judge: Judge, value: object) -> Iterator[Mistake]:
    path = "servers[0].customProperties[extractedAt]"
    known = {"pattern", "format", "timezone"}
    if not isinstance(value, dict) or not {"pattern", "format"} <= set(value) <= known:
        yield judge.mistake(path, "extracted_at", "give pattern, format and timezone")
        return
    try:
        if re.compile(str(value["pattern"])).groups != 1:
            yield judge.mistake(path, "extracted_at", "put exactly one group around the time")
    except re.error as error:
        yield judge.mistake(path, "extracted_at", f"correct the pattern: {error}")
    try:
        has_offset = read_pattern(str(value["format"])).has_offset
    except ValueError as error:
        yield judge.mistake(path, "format", str(error))
        return
    if not has_offset and value.get("timezone") not in available_timezones():
        yield judge.mistake(path, "time_zone", "name the IANA zone of the time in the file name")


def _shape_mistakes(judge: Judge, name: str) -> Iterator[Mistake]:
    path, file = "servers[0].customProperties[shape]", judge.document.file.parent / name
    if PurePosixPath(name).name != name or not file.is_file():
        yield judge.mistake(path, "shape_file", f"put {name} beside the contract, or remove this")
        return
    try:
        statements = duckdb.extract_statements(file.read_text("utf-8"))
    except duckdb.Error as error:
        yield judge.mistake(path, "shape_sql", f"correct {name}: {str(error).splitlines()[0]}")
        return
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        yield judge.mistake(path, "shape_sql", f"write exactly one SELECT in {name}")


def _property_mistakes(judge: Judge, entity: Document) -> Iterator[Mistake]:
    canonical = {str(node["name"]): node for node in entity.properties}
    for node in judge.document.properties:
        name, path = str(node["name"]), place(node)
        if name not in canonical:
            hint = nearest(name, canonical)
            remedy = f"the entity has no '{name}'{hint}; rename it, or leave it to extra"
            yield judge.mistake(path, "unknown_property", remedy)
            continue
        typed = {**node, "logicalType": canonical[name]["logicalType"]}
        if node.get("logicalType", typed["logicalType"]) != typed["logicalType"]:
            yield judge.mistake(path, "type", f"the entity says {typed['logicalType']}; remove it")
        yield from custom_names(judge, path, node, COLUMN_PROPERTIES)
        yield from format_mistakes(judge, typed)
        yield from zone_mistakes(judge, typed)
        yield from _value_mistakes(judge, node, canonical[name])


def _value_mistakes(
    judge: Judge, node: Mapping[str, Any], canonical: Mapping[str, Any]
) -> Iterator[Mistake]:
    own, path = custom(node), place(node)
    allowed = valid_values(node) or valid_values(canonical)
    if canonical["logicalType"] == "boolean":
        allowed = ("true", "false")
    value_map = own.get("valueMap")
    if value_map is not None and (not isinstance(value_map, dict) or not value_map):
        yield judge.mistake(path, "value_map", "write the map as {word in the file: value}")
        return
    targets = {text(v) for v in (value_map or {}).values() if v is not None} | set(
        texts(own.get("constant"))
    )
    for target in sorted(targets - set(allowed) if allowed else ()):
        hint = nearest(target, allowed)
        remedy = f"'{target}' is not a valid value{hint}; use one of {', '.join(allowed)}"
        yield judge.mistake(path, "value_map_target", remedy)


def _mapping_mistakes(judge: Judge, entity: Document) -> Iterator[Mistake]:
    nodes = {str(n["name"]): n for n in judge.document.properties}
    for node in nodes.values():
        own = custom(node)
        if ("sourceHeaders" in own) == ("constant" in own) or not (
            texts(own.get("sourceHeaders")) or "constant" in own
        ):
            yield judge.mistake(place(node), "not_mapped", "give sourceHeaders or a constant")
    for canonical in entity.properties:
        if canonical["name"] in nodes:
            continue
        if canonical.get("primaryKey") and canonical.get("required"):
            yield judge.mistake(place(canonical), "key_not_mapped", "map the key column")
        elif canonical.get("required"):
            yield judge.mistake(
                place(canonical), "required_not_mapped", "map it or give a constant"
            )
    yield from _claim_mistakes(judge)


def _deletion_mistakes(judge: Judge, entity: Document) -> Iterator[Mistake]:
    """What an extract deletes is older than the extract: it must say when it was made."""
    reader = custom(judge.document.server)
    if reader.get("loadMode") == "snapshot" and "cursor" in reader:
        yield judge.mistake(
            "servers[0].customProperties[loadMode]",
            "load_mode",
            "a cursor brings what has changed, not the whole table; leave one of them out",
        )
    if "extractedAt" in reader or protocol(judge.document.server) in ("sql", "http"):
        return
    remedy = "say in extractedAt how the file name tells when it was exported"
    if reader.get("loadMode") == "snapshot":
        path = "servers[0].customProperties[loadMode]"
        yield judge.mistake(path, "deletion_time", f"a snapshot needs its time: {remedy}")
    mapped = {node.get("name") for node in judge.document.properties}
    for node in entity.properties:
        if custom(node).get("role") == "tombstone" and node["name"] in mapped:
            yield judge.mistake(
                place(node), "deletion_time", f"a deletion needs its time: {remedy}"
            )


def _claim_mistakes(judge: Judge) -> Iterator[Mistake]:
    """Two columns may not claim one header, compared as the reader compares headers."""
    dropped = texts(custom(judge.document.server).get("droppedHeaders"))
    owners = dict.fromkeys(map(folded, dropped), "droppedHeaders")
    for node in judge.document.properties:
        name = str(node["name"])
        for header in texts(custom(node).get("sourceHeaders")):
            owner = owners.setdefault(folded(header), name)
            if owner != name:
                remedy = f"'{header}' is claimed by {owner} too; leave it to one of them"
                yield judge.mistake(place(node), "header_claimed_twice", remedy)
