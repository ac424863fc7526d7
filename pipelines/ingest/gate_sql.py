"""The query that judges every row of an extract: typed columns, reasons, warnings, raw text.

Layers: source texts, trimmed, mapped words, parsed, typed, judged. Each is one projection
over the one before, so DuckDB computes each expression once. Not here: running it (`gate`).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pipelines.contracts import Column, SourceContract
from pipelines.ingest import typing_sql
from pipelines.ingest.headers import json_object
from pipelines.ingest.pseudonym import pseudonym
from pipelines.ingest.reading import Headers, Reading, literal, quoted


def gate_query(
    contract: SourceContract, reading: Reading, headers: Headers, extracted_at: datetime | None
) -> str:
    """SELECT over the reading's relation: canonical columns, extra, _reasons, _warnings, _raw,

    and _record where the reading knows it. `_reasons` is null for a row without a flaw.
    """
    columns = contract.columns
    mapped = [column for column in columns if column.name in headers.mapped]
    used = dict.fromkeys([*reading.columns.values(), *headers.mapped.values()])
    sources = {sql: f"h{n}" for n, sql in enumerate(used)}
    whole = {"_record": reading.record, "_source": reading.raw, "_extra": headers.extra}
    taken = {**sources, **{sql: alias for alias, sql in whole.items() if sql}}
    kept = list(taken.values())
    first = [f"{sql} as {alias}" for sql, alias in taken.items()]

    def text(column: Column) -> str:
        alias = sources[headers.mapped[column.name]]
        return f"{typing_sql.trimmed(alias)} as {quoted(column.name + ':trim')}"

    def token(column: Column) -> str:
        sql = typing_sql.without_null_tokens(column, quoted(column.name + ":trim"))
        return f"{sql} as {quoted(column.name + ':text')}"

    words = [f"{typing_sql.word(c)} as {quoted(c.name + ':word')}" for c in mapped]
    parsed = [f"{typing_sql.parsed(c)} as {quoted(c.name + ':local')}" for c in mapped]
    typed = [f"{_typed(c, c.name in headers.mapped)} as {quoted(c.name)}" for c in columns]
    query = _select(first, reading.relation)
    query = _select([*kept, *map(text, mapped)], f"({query})")
    query = _select([*kept, *map(token, mapped)], f"({query})")
    for layer in (words, parsed, typed):
        query = _select(["*", *layer], f"({query})")
    return _judged(contract, reading, headers, query, sources, extracted_at)


def _select(items: Iterable[str], relation: str) -> str:
    return f"select {', '.join(items)} from {relation}"


def _typed(column: Column, is_mapped: bool) -> str:
    if is_mapped:
        return typing_sql.value(column)
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
    warnings: list[tuple[str, str]] = []
    for rule in contract.row_rules:
        flaw = (f"rule:{rule.name}", f"coalesce(({rule.expression}) is false, false)")
        (warnings if rule.severity == "warning" else errors).append(flaw)
    published = [f"{_published(c)} as {quoted(c.name)}" for c in contract.published_columns]
    named = {header: sources[sql] for header, sql in reading.columns.items()}
    raw = "_source" if reading.raw else json_object(named)
    flags = [f"{predicate} as {quoted(f'flaw:{code}')}" for code, predicate in (*errors, *warnings)]
    query = _select(["*", *flags], f"({query})")
    bad = _any(errors)
    judged = [
        *published,
        f"{'_extra' if headers.extra else 'null::varchar'} as extra",
        f"case when {bad} then {_codes(errors)} end as _reasons",
        f"case when {_any(warnings)} then {_codes(warnings)} end as _warnings",
        f"case when {bad} then {raw} end as _raw",
        *(["_record"] if reading.record else []),
    ]
    return _select(judged, f"({query})")


def _column_flaws(
    contract: SourceContract, reading: Reading, headers: Headers, extracted_at: datetime | None
) -> Iterable[tuple[str, str]]:
    for column in contract.columns:
        if column.name not in headers.mapped:
            if column.required and column.constant is None:
                yield f"{column.name}:required", "true"
            continue
        for reason, predicate in typing_sql.flaws(column, extracted_at):
            yield f"{column.name}:{reason}", predicate
        if reading.error_cells and column.type == "string":
            cells = ", ".join(literal(cell) for cell in reading.error_cells)
            text = quoted(f"{column.name}:text")
            yield f"{column.name}:type", f"{text} is not null and {text} in ({cells})"


def _published(column: Column) -> str:
    name = quoted(column.name)
    return pseudonym(name) if column.pii == "pseudonymise" else name


def _any(flaws: Sequence[tuple[str, str]]) -> str:
    return " or ".join(quoted(f"flaw:{code}") for code, _ in flaws) or "false"


def _codes(flaws: Sequence[tuple[str, str]]) -> str:
    """The codes of the flaws a row has; computed only for rows that have one."""
    cases = ", ".join(
        f"case when {quoted(f'flaw:{code}')} then {literal(code)} end" for code, _ in flaws
    )
    return f"list_filter([{cases}]::varchar[], lambda code: code is not null)"
