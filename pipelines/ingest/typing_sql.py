"""SQL that turns the text of one column into its value, and tells what is wrong with it.

Three layers per column, each over the one before: `<name>:text` (trimmed, null tokens and
value map applied), `<name>:local` (times only, as written), `<name>` (typed, times in UTC).
Not here: rows (`gate_sql`).
"""

from collections.abc import Iterator
from datetime import datetime

from pipelines.contracts import Column
from pipelines.contracts.patterns import Pattern, read_pattern
from pipelines.ingest.reading import literal, quoted
from pipelines.ingest.zones import conversion

_SPACE = " \t\n\r\v\f\u00a0\u3000"
_INTEGER = r"[+-]?[0-9]+(\.0+)?"
_NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
_EXCEL_EPOCH = "timestamp '1899-12-30'"


def trimmed(sql: str) -> str:
    """Text without outer space of any kind. The look at both ends is what makes it quick."""
    wide = "('\u00a0', '\u3000')"
    return (
        f"case when {sql}[1] <= ' ' or {sql}[-1] <= ' ' or {sql}[1] in {wide} "
        f"or {sql}[-1] in {wide} then trim({sql}, {literal(_SPACE)}) else {sql} end"
    )


def without_null_tokens(column: Column, sql: str) -> str:
    tokens = ", ".join(literal(token) for token in dict.fromkeys(column.null_tokens))
    return f"case when {sql} in ({tokens}) then null else {sql} end"


def word(column: Column) -> str:
    """The text after the value map; an unknown word becomes null."""
    text = quoted(f"{column.name}:text")
    if column.value_map is None:
        return text
    known = {k: v for k, v in column.value_map.items() if k != "*"}
    cases = " ".join(f"when {literal(k)} then {literal(v)}" for k, v in known.items())
    rest = literal(column.value_map["*"]) if "*" in column.value_map else "null"
    if not cases:
        return f"case when {text} is not null then {rest} end"
    return f"case when {text} is not null then case {text} {cases} else {rest} end end"


def parsed(column: Column) -> str:
    """The value of `<name>:word`; for timestamps still local. Null where it is none."""
    sql = quoted(f"{column.name}:word")
    if column.type == "string":
        return sql
    if column.type == "boolean":
        return (
            f"case when lower({sql}) in ('true', '1', 'yes') then true "
            f"when lower({sql}) in ('false', '0', 'no') then false end"
        )
    if column.type in ("integer", "number"):
        return _number(column, sql)
    return _time(column, sql)


def _number(column: Column, sql: str) -> str:
    if column.thousands_sign:
        sql = f"replace({sql}, {literal(column.thousands_sign)}, '')"
    if column.decimal_sign != ".":
        sql = f"replace({sql}, {literal(column.decimal_sign)}, '.')"
    form = _INTEGER if column.type == "integer" else _NUMBER
    return (
        f"case when regexp_full_match({sql}, '{form}') "
        f"then try_cast({sql} as {column.duckdb_type}) end"
    )


def _time(column: Column, sql: str) -> str:
    patterns = [read_pattern(form) for form in column.formats]
    options = [_strptime(p, sql) for p in patterns if not p.has_offset]
    if column.excel_serial:
        serial = f"try_cast({sql} as double)"
        seconds = f"to_seconds(cast(round({serial} * 86400) as bigint))"
        options.append(
            f"case when {serial} between 1 and 2958465 then {_EXCEL_EPOCH} + {seconds} end"
        )
    local = f"coalesce({', '.join(options)})" if options else "null::timestamp"
    return f"cast({local} as date)" if column.type == "date" else local


def _strptime(pattern: Pattern, sql: str) -> str:
    """A year below 1000 is a two-digit year read by a four-digit pattern: no value."""
    if pattern.has_clock_half:
        sql = f"replace(replace({sql}, '上午', 'AM'), '下午', 'PM')"
    if pattern.has_offset:
        sql = rf"regexp_replace({sql}, '[Zz]$', '+00:00')"
    read = f"try_strptime({sql}, {literal(pattern.strptime)})"
    if pattern.has_offset:
        read = f"timezone('UTC', {read})"
    if "%Y" in pattern.parts:
        return f"case when {read} >= timestamp '1000-01-01' then {read} end"
    return read


def value(column: Column) -> str:
    """The typed value over `<name>:local`; times become UTC."""
    local = quoted(f"{column.name}:local")
    if column.type != "timestamp":
        return local
    text = quoted(f"{column.name}:word")
    patterns = [read_pattern(form) for form in column.formats]
    instants = [_strptime(p, text) for p in patterns if p.has_offset]
    if column.timezone:
        utc = conversion(column.timezone, local, column.ambiguous).utc
        instants.append(f"case when {local} is not null then {utc} end")
    return f"coalesce({', '.join(instants)})" if instants else local


def flaws(column: Column, extracted_at: datetime | None) -> Iterator[tuple[str, str]]:
    """(reason, predicate that is never null) for each way a value can be wrong."""
    text, own = quoted(f"{column.name}:text"), quoted(column.name)
    mapped = quoted(f"{column.name}:word")
    if column.required:
        yield "required", f"{text} is null"
    if column.value_map is not None:
        yield "unknown_value", f"{text} is not null and {mapped} is null"
    elif column.valid_values:
        allowed = ", ".join(literal(value) for value in column.valid_values)
        yield "unknown_value", f"{text} is not null and {text} not in ({allowed})"
    if column.type != "string":
        yield "type", f"{mapped} is not null and {own} is null"
    yield from _range_flaws(column, own)
    if column.type == "timestamp":
        yield from _time_flaws(column, own, extracted_at)


def _range_flaws(column: Column, own: str) -> Iterator[tuple[str, str]]:
    cast = f"::{column.duckdb_type}" if column.type in ("timestamp", "date") else ""
    if column.minimum is not None:
        low = literal(column.minimum) if cast else column.minimum
        yield "below_minimum", f"{own} is not null and {own} < {low}{cast}"
    if column.maximum is not None:
        high = literal(column.maximum) if cast else column.maximum
        yield "above_maximum", f"{own} is not null and {own} > {high}{cast}"
    if column.pattern is not None:
        matches = f"regexp_matches({own}, {literal(column.pattern)})"
        yield "pattern", f"{own} is not null and not {matches}"
    if column.min_length is not None:
        yield "too_short", f"{own} is not null and length({own}) < {column.min_length}"
    if column.max_length is not None:
        yield "too_long", f"{own} is not null and length({own}) > {column.max_length}"


def _time_flaws(
    column: Column, own: str, extracted_at: datetime | None
) -> Iterator[tuple[str, str]]:
    local = quoted(f"{column.name}:local")
    if column.timezone:
        shift = conversion(column.timezone, local, column.ambiguous)
        yield "dst_gap", f"{local} is not null and {shift.is_gap}"
        yield "dst_ambiguous", f"{local} is not null and {shift.is_ambiguous}"
    if extracted_at is not None and not column.may_be_future:
        latest = f"timestamp '{extracted_at.isoformat(sep=' ')}' + interval 1 day"
        yield "future", f"{own} is not null and {own} > {latest}"
