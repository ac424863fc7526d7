"""The draft of a source contract, as files: what the sample proves, guesses, and asks.

Here: the contract around the columns, and writing it where nothing stands yet. Not here: the
lines of a column (`draft_columns`) and of a query (`shapes`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.contracts import EntityContract
from pipelines.contracts.protocols import HttpFetch, SqlFetch
from pipelines.errors import SampleError
from pipelines.sourcing.draft_columns import Zone, column_lines, missing_lines
from pipelines.sourcing.mapping import guess_mapping
from pipelines.sourcing.profile import Profile, profiles
from pipelines.sourcing.sample import Sample
from pipelines.sourcing.shapes import Shape, guess_shape
from pipelines.sourcing.yaml_text import DECIDE_MARK, custom, decide, flow, remark

_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_LISTED = 30


@dataclass(frozen=True)
class Draft:
    """The texts of a draft by file name; `notes` are what was recognised in the rows."""

    files: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def to_decide(self) -> int:
        """How many lines wait for a person."""
        return sum(
            DECIDE_MARK in line or "-- decide: " in line
            for text in self.files.values()
            for line in text.splitlines()
        )


def make_draft(source: str, entity: EntityContract, sample: Sample, zone: Zone) -> Draft:
    """The draft contract of an entity from a sample, with its query where it needs one."""
    if not _NAME.match(source):
        raise SampleError(f"'{source}' is no name of a source; use a-z, 0-9 and _.")
    if sample.frame.width == 0 or sample.frame.height == 0:
        raise SampleError(f"{sample.name} has a header but no rows; give a file with some.")
    facts = profiles(sample)
    mapping = guess_mapping(entity, facts)
    shape = guess_shape(entity, sample.frame, facts, mapping)
    lines = [
        *_head(source, entity, sample, shape),
        *_columns(source, entity, facts, shape, zone),
        *_rest(entity, facts, shape),
    ]
    files = {f"{entity.name}.odcs.yaml": "\n".join(lines) + "\n"}
    if shape.sql is not None:
        files[f"{entity.name}.sql"] = shape.sql
    return Draft(files, tuple(shape.notes))


def write_draft(draft: Draft, contracts_dir: Path, source: str) -> list[Path]:
    """Write the files of a draft. Raises SampleError where one is there already."""
    folder = contracts_dir / "sources" / source
    paths = [folder / name for name in draft.files]
    for path in paths:
        if path.exists():
            raise SampleError(f"{path} is there already and is never overwritten; remove it first.")
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in zip(paths, draft.files.values(), strict=True):
        path.write_text(text, "utf-8")
    return paths


def _head(source: str, entity: EntityContract, sample: Sample, shape: Shape) -> Iterator[str]:
    rows = f"{sample.frame.height:,} rows" + ("" if sample.is_whole else ", its beginning")
    yield f"# Draft made of {sample.name} ({rows})."
    yield f"# Settle each `{DECIDE_MARK.strip('# ')}`, then set status: active."
    yield from (f"# Note: {note}." for note in shape.notes)
    yield "apiVersion: v3.1.0"
    yield "kind: DataContract"
    yield f"id: {source}.{entity.name}"
    yield "version: 1.0.0"
    yield "status: draft"
    yield "description:"
    yield f"  purpose: {flow(f'Extracts of {source} such as {sample.name}.')}"
    yield from _server(source, entity, sample, shape)
    yield "schema:"
    yield f"  - name: {entity.name}"
    yield "    properties:"


def _server(source: str, entity: EntityContract, sample: Sample, shape: Shape) -> Iterator[str]:
    """Where the extracts are and how they are read."""
    yield "servers:"
    yield "  - server: landing"
    if isinstance(sample.fetch, SqlFetch):
        yield from _database(sample.fetch)
    elif sample.fetch is not None:
        yield "    type: api"
        yield f"    location: {flow(sample.fetch.url)}"
    else:
        yield "    type: local"
        yield f"    path: {source}/*{remark('all files of this folder below landing')}"
        yield f"    format: {sample.format}{remark(sample.packing or '')}"
    if sample.encodings:
        yield f"    encoding: {flow(sample.encodings[0])}{_encoding_told(sample)}"
    reader = list(_reader(entity, sample, shape))
    if reader:
        yield "    customProperties:"
        yield from reader


def _database(table: SqlFetch) -> Iterator[str]:
    place: dict[str, str | int]
    if table.kind == "sqlite":
        place = {"type": "custom", "format": "sqlite", "path": table.path}
    else:
        place = {"type": "postgres", "host": table.host, "port": table.port}
        place |= {"database": table.database, "schema": table.table[0]}
    yield from (f"    {name}: {flow(value)}" for name, value in place.items())


def _encoding_told(sample: Sample) -> str:
    others = sample.encodings[1:]
    if not others:
        return remark("proved by decoding the sample")
    return decide(f"{', '.join(others)} would fit too; look at the rows `kpi source check` prints")


def _reader(entity: EntityContract, sample: Sample, shape: Shape) -> Iterator[str]:
    def line(name: str, value: str | int | list[str], comment: str = "") -> str:
        return custom(name, value, comment, indent=6)

    yield from _fetching(sample)
    if sample.records:
        yield line("records", sample.records)
    if sample.format == "csv" and sample.delimiter != ",":
        yield f'      - {{property: delimiter, value: "{_escaped(sample.delimiter)}"}}'
    if sample.header_row != 1:
        yield line("headerRow", sample.header_row)
    if sample.sheet is not None:
        others = f"other sheets: {', '.join(sample.other_sheets)}" if sample.other_sheets else ""
        yield line("sheet", sample.sheet, remark(others))
    if shape.sql is not None:
        yield line("shape", f"{entity.name}.sql")
    if shape.dropped:
        yield line("droppedHeaders", shape.dropped, remark("personal data that no KPI needs"))
    if not shape.questions:
        yield line("extraColumns", "record", remark("columns nobody maps are kept in extra"))


def _fetching(sample: Sample) -> Iterator[str]:
    if isinstance(sample.fetch, SqlFetch):
        own = {"table": sample.fetch.table[-1], "user": sample.fetch.user}
        own["password"] = sample.fetch.password
        yield from (custom(name, value, indent=6) for name, value in own.items() if value)
    elif sample.fetch is not None:
        yield from _pages(sample.fetch)


def _pages(fetch: HttpFetch) -> Iterator[str]:
    """How the pages of a web service are asked for, as its first page lets one guess."""
    paging = {"style": fetch.paging.style, "parameter": fetch.paging.parameter}
    paging |= {"next": fetch.paging.next, "hasMore": fetch.paging.has_more}
    paging |= {"total": fetch.paging.total}
    told = {name: value for name, value in paging.items() if value}
    if fetch.paging.style == "page" and fetch.paging.first != 1:
        told |= {"first": str(fetch.paging.first)}
    if fetch.records:
        yield custom("records", fetch.records, indent=6)
    if fetch.headers:
        yield custom("headers", dict(fetch.headers), indent=6)
    question = (
        "nothing tells of more pages; is this all?"
        if fetch.paging.style == "none"
        else "guessed from the first page; does the second one come so?"
    )
    yield custom("paging", told, decide(question), indent=6)


def _escaped(delimiter: str) -> str:
    return delimiter.encode("unicode_escape").decode("ascii")


def _columns(
    source: str,
    entity: EntityContract,
    facts: Mapping[str, Profile],
    shape: Shape,
    zone: Zone,
) -> Iterator[str]:
    known = {"survey_id": source}
    if "status" in shape.mapping:  # rows of an event log tell the state they lead to
        known["event_type"] = "status_changed"
    for column in entity.columns:
        header = shape.mapping.get(column.name)
        if header is not None:
            yield from column_lines(column, header, facts.get(header), zone, shape.time_format)
        elif column.required:
            yield from missing_lines(column, known.get(column.name))


def _rest(entity: EntityContract, facts: Mapping[str, Profile], shape: Shape) -> Iterator[str]:
    used = {*shape.mapping.values(), *shape.dropped}
    headers = [h for h in facts if h not in used]
    if headers and not shape.questions:
        yield f"# Headers that no column was found for: {_listed(headers)}."
    empty = [f"{c.name} ({c.label})" for c in entity.columns if c.name not in shape.mapping]
    if empty:
        yield f"# Columns of the entity that no header was found for: {_listed(empty)}."


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(" ".join(name.split()) for name in names[:_LISTED]) + more
