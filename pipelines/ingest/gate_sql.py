"""The query that judges every row of an extract: typed columns, reasons, warnings, raw text.

Layers: source texts, trimmed, mapped words, parsed, typed, judged. Each is one projection
over the one before, so DuckDB computes each expression once. Not here: running it (`gate`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from pipelines.contracts import Column, SourceContract
from pipelines.ingest import typing_sql
from pipelines.ingest.headers import json_object
from pipelines.ingest.masking import masked, masked_json
from pipelines.ingest.reading import Headers, Reading, literal, quoted


def gate_query(
    contract: SourceContract, reading: Reading, headers: Headers, extracted_at: datetime | None
) -> str:
    """SELECT over the reading's relation: what is published, _reasons, _warnings and _raw.

    Personal data that become pseudonyms are still plain (`sieve`), and _record is there only
    where the reading knows it. `_reasons` is null for a row without a flaw.
    """
    columns = contract.columns
    mapped = [column for column in columns if column.name in headers.mapped]
    used = dict.fromkeys([*reading.columns.values(), *headers.mapped.values()])
    sources = {sql: f"h{n}" for n, sql in enumerate(used)}
    whole = {"_record": reading.record, "_source": reading.raw, "_extra": headers.extra}
    taken = {**sources, **{sql: alias for alias, sql in whole.items() if sql}}
    first = [f"{sql} as {alias}" for sql, alias in taken.items()]

    query = _select(first, reading.relation)
    texts = {c.name: sources[headers.mapped[c.name]] for c in mapped}
    if reading.has_outer_space:
        trims = [
            f"{typing_sql.trimmed(h)} as {quoted(f'{name}:trim')}" for name, h in texts.items()
        ]
        texts = {name: quoted(f"{name}:trim") for name in texts}
        query = _select(["*", *trims], f"({query})")
    layers = [
        [
            (typing_sql.without_null_tokens(c, texts[c.name]), typing_sql.text_name(c))
            for c in mapped
        ],
        [(typing_sql.word(c), typing_sql.word_name(c)) for c in mapped if c.value_map is not None],
        [
            (typing_sql.parsed(c, reading.first_day), typing_sql.local_name(c))
            for c in mapped
            if c.type != "string"
        ],
        [(typing_sql.value(c), quoted(c.name)) for c in mapped if c.type == "timestamp"]
        + [(_constant(c), quoted(c.name)) for c in columns if c.name not in headers.mapped],
        [(masked(quoted(c.name)), _masked_name(c)) for c in mapped if _is_masked(c)]
        + ([(masked_json("_extra"), '"extra:masked"')] if headers.extra else []),
    ]
    for layer in layers:
        if layer:
            items = [f"{sql} as {name}" for sql, name in layer]
            query = _select(["*", *items], f"({query})")
    return _judged(contract, reading, headers, query, sources, extracted_at)


def _select(items: Iterable[str], relation: str) -> str:
    return f"select {', '.join(items)} from {relation}"


def _constant(column: Column) -> str:
    constant = literal(column.constant) if column.constant is not None else "null"
    return f"cast({constant} as {column.duckdb_type})"


def _judged(
    contract: SourceContract,
    reading: Reading,
    headers: Headers,
    query: str,
    sources: dict[str, str],
    extracted_at: datetime | None,
) -> str:
    errors = list(_column_flaws(contract, reading, headers, extracted_at))
    warnings: list[str] = []
    for rule in contract.row_rules:
        code = f"case when ({rule.expression}) is false then {literal('rule:' + rule.name)} end"
        (warnings if rule.severity == "warning" else errors).append(code)
    for column in contract.columns:
        if _is_masked(column) and column.name in headers.mapped:
            changed = f"{_masked_name(column)} <> {quoted(column.name)}"
            code = "masked" if column.pii == "mask" else "personal_data"
            warnings.append(f"case when {changed} then {literal(f'{column.name}:{code}')} end")
    if headers.extra:
        warnings.append("""case when "extra:masked" <> _extra then 'extra:personal_data' end""")
    marks = [f'{code} as "flaw:{n}"' for n, code in enumerate(errors + warnings)]
    names = [f'"flaw:{n}"' for n in range(len(marks))]
    bad, warned = names[: len(errors)], names[len(errors) :]
    published = [
        f"{_published(c, c.name in headers.mapped)} as {quoted(c.name)}"
        for c in contract.published_columns
    ]
    named = {header: sources[sql] for header, sql in reading.columns.items()}
    raw = "_source" if reading.raw else json_object(named)
    judged = [
        *published,
        f"""{'"extra:masked"' if headers.extra else "null::varchar"} as extra""",
        f"{literal(contract.tenant)} as _tenant",
        f"{_timestamp(extracted_at)} as _extracted_at",
        f"case when {_any(bad)} then {_codes(bad)} end as _reasons",
        f"case when {_any(warned)} then {_codes(warned)} end as _warnings",
        f"case when {_any(bad)} then {raw} end as _raw",
        *(["cast(_record as bigint) as _record"] if reading.record else []),
    ]
    return _select(judged, f"({_select(['*', *marks], f'({query})')})")


def _column_flaws(
    contract: SourceContract, reading: Reading, headers: Headers, extracted_at: datetime | None
) -> Iterator[str]:
    ids = [column for column in contract.columns if column.is_id and column.name in headers.mapped]
    if ids:
        yield typing_sql.hidden(ids)
    for column in contract.columns:
        if column.name in headers.mapped:
            code = _flaw(contract, headers, column, extracted_at, reading)
            if code:
                yield code
        elif column.required and column.constant is None:
            yield literal(f"{column.name}:required")


def _flaw(
    contract: SourceContract,
    headers: Headers,
    column: Column,
    extracted_at: datetime | None,
    reading: Reading,
) -> str | None:
    """A row that tells of a deletion needs its key and no more."""
    code = typing_sql.flaw(column, extracted_at, reading.error_cells)
    tombstone = contract.tombstone
    is_needed = column.required and column.key_position is None
    if not tombstone or tombstone.name not in headers.mapped or not is_needed:
        return code
    loose = typing_sql.flaw(replace(column, required=False), extracted_at, reading.error_cells)
    return f"case when {quoted(tombstone.name)} then {loose or 'null'} else {code} end"


def _published(column: Column, is_mapped: bool) -> str:
    name = quoted(column.name)
    return _masked_name(column) if _is_masked(column) and is_mapped else name


def _is_masked(column: Column) -> bool:
    return column.pii == "mask" or column.is_free_text


def _timestamp(moment: datetime | None) -> str:
    return f"timestamp '{moment.isoformat(sep=' ')}'" if moment else "null::timestamp"


def _masked_name(column: Column) -> str:
    return quoted(f"{column.name}:masked")


def _any(codes: Sequence[str]) -> str:
    return f"coalesce({', '.join(codes)}) is not null" if codes else "false"


def _codes(codes: Sequence[str]) -> str:
    """The codes a row has; computed only for rows that have one."""
    return f"list_filter([{', '.join(codes)}]::varchar[], lambda code: code is not null)"
