"""SQL that turns the text of one column into its value, and tells what is wrong with it.

Stages of a column, each over the one before: text (trimmed, null tokens gone), word (after the
value map), local (times as written), and the value under the column's own name. A stage that
changes nothing has the name of the next, because planning time grows with every expression.
Not here: rows (`gate_sql`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from pipelines.contracts import Column
from pipelines.contracts.patterns import Pattern, read_pattern
from pipelines.ingest.reading import literal, quoted
from pipelines.ingest.zones import conversion

_SPACE = " \t\n\r\v\f\u00a0\u3000"
# Before it the calendars of workbooks disagree; a cell that holds a time only lies there, and so
# do the zero dates of databases. From the second one on nothing has happened yet.
_FIRST_TIME, _END_OF_TIMES = "1900-03-01", "2100-01-01"
_LAST_SERIAL = 2958465
# What shows as nothing, or as a plain space: two ids that differ in it look the same.
_INVISIBLE = (
    r"\p{Cc}\p{Cf}\p{Zl}\p{Zp}"
    r"\x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{2800}\x{3164}"
)
# What a text that is not in normal form C must hold some of.
_NOT_COMPOSED = (
    r"\p{M}\x{340}-\x{387}\x{958}-\x{11ff}\x{1f71}-\x{1fff}\x{2126}-\x{2adc}"
    r"\x{f900}-\x{fb4e}\x{1d15e}-\x{1d1c0}\x{2f800}-\x{2fa1d}"
)


def text_name(column: Column) -> str:
    is_value = column.type == "string" and column.value_map is None
    return quoted(column.name if is_value else f"{column.name}:text")


def word_name(column: Column) -> str:
    if column.value_map is None:
        return text_name(column)
    return quoted(column.name if column.type == "string" else f"{column.name}:word")


def local_name(column: Column) -> str:
    return quoted(f"{column.name}:local" if column.type == "timestamp" else column.name)


def trimmed(sql: str) -> str:
    """Text without outer space of any kind.

    Looking at both ends first is thrice as quick as `trim` with a set of characters; `< '!'`
    and `between` need only the first bytes.
    """
    outer = [
        f"{sql} < '!'",
        f"{sql} between '\u00a0' and '\u00a1'",
        f"{sql} between '\u3000' and '\u3001'",
        f"{sql}[-1] <= ' '",
        f"{sql}[-1] in ('\u00a0', '\u3000')",
    ]
    return f"case when {' or '.join(outer)} then trim({sql}, {literal(_SPACE)}) else {sql} end"


def without_null_tokens(column: Column, sql: str) -> str:
    tokens = list(dict.fromkeys(column.null_tokens))
    if len(tokens) == 1:
        return f"nullif({sql}, {literal(tokens[0])})"
    return f"case when {sql} in ({_listed(tokens)}) then null else {sql} end"


def word(column: Column) -> str:
    """The text after the value map; an unknown word becomes null."""
    text, words = text_name(column), column.value_map or {}
    known = {k: v for k, v in words.items() if k != "*"}
    cases = " ".join(f"when {literal(k)} then {literal(v)}" for k, v in known.items())
    rest = literal(words["*"]) if "*" in words else "null"
    if not cases:
        return f"case when {text} is not null then {rest} end"
    return f"case when {text} is not null then case {text} {cases} else {rest} end end"


def parsed(column: Column, first_day: str) -> str:
    """The value of a word that is no string; for timestamps still local. Null: it is none.

    `first_day` is day 0 of dates that are numbers of days.
    """
    sql = word_name(column)
    if column.type == "boolean":
        return (
            f"case when lower({sql}) in ('true', '1', 'yes') then true "
            f"when lower({sql}) in ('false', '0', 'no') then false end"
        )
    if column.type in ("integer", "number"):
        return _number(column, sql)
    return _time(column, sql, first_day)


def _number(column: Column, sql: str) -> str:
    """Signs must stand where numbers have them, else 0,5 would be read as 5."""
    plain = sql
    if column.thousands_sign:
        plain = f"replace({plain}, {literal(column.thousands_sign)}, '')"
    if column.decimal_sign != ".":
        plain = f"replace({plain}, {literal(column.decimal_sign)}, '.')"
    number = f"try_cast({plain} as {column.duckdb_type})"
    is_number = f"regexp_full_match({sql}, {literal(_number_form(column))})"
    if column.type == "number":  # what is too large for the type becomes infinite
        is_number += f" and isfinite({number})"
    return f"case when {is_number} then {number} end"


def _number_form(column: Column) -> str:
    """The regular expression of a whole text; groups of two digits are those of India."""
    whole, point = "[0-9]+", re.escape(column.decimal_sign)
    if column.thousands_sign:
        sign = re.escape(column.thousands_sign)
        india = f"[0-9]{{1,2}}({sign}[0-9]{{2}})+{sign}[0-9]{{3}}"
        whole = f"([0-9]+|[0-9]{{1,3}}({sign}[0-9]{{3}})+|{india})"
    if column.type == "integer":
        return f"[+-]?{whole}({point}0+)?"
    return f"[+-]?({whole}({point}[0-9]*)?|{point}[0-9]+)([eE][+-]?[0-9]+)?"


def _time(column: Column, sql: str, first_day: str) -> str:
    patterns = [read_pattern(form) for form in column.formats]
    options = [_strptime(p, sql) for p in patterns if not p.has_offset]
    if column.excel_serial:
        form = literal(r"[0-9]+(\.[0-9]*)?")
        serial = f"case when regexp_full_match({sql}, {form}) then try_cast({sql} as double) end"
        seconds = f"to_seconds(cast(round(({serial}) * 86400) as bigint))"
        read = f"timestamp '{first_day}' + {seconds}"
        options.append(f"case when ({serial}) <= {_LAST_SERIAL} then {_late_enough(read)} end")
    local = f"coalesce({', '.join(options)})" if options else "null::timestamp"
    return f"cast({local} as date)" if column.type == "date" else local


def _late_enough(sql: str) -> str:
    return f"case when {sql} >= timestamp '{_FIRST_TIME}' then {sql} end"


def _strptime(pattern: Pattern, sql: str) -> str:
    """DuckDB reads offsets that no clock has, such as +08:75: they give no value."""
    if pattern.has_clock_half:
        sql = f"replace(replace({sql}, '上午', 'AM'), '下午', 'PM')"
    if pattern.has_offset:
        offset = literal("([Zz]|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)$")
        is_offset = f"regexp_matches({sql}, {offset})"
        sql = rf"case when {is_offset} then regexp_replace({sql}, '[Zz]$', '+00:00') end"
    read = f"try_strptime({sql}, {literal(pattern.strptime)})"
    if pattern.has_offset:
        read = f"timezone('UTC', {read})"
    return _late_enough(read)


def value(column: Column) -> str:
    """The UTC of a timestamp column over its local stage."""
    local = local_name(column)
    text = word_name(column)
    patterns = [read_pattern(form) for form in column.formats]
    instants = [_strptime(p, text) for p in patterns if p.has_offset]
    if column.timezone:
        utc = conversion(column.timezone, local, column.ambiguous).utc
        instants.append(f"case when {local} is not null then {utc} end")
    return f"coalesce({', '.join(instants)})" if instants else local


def flaw(column: Column, extracted_at: datetime | None, error_cells: Sequence[str]) -> str | None:
    """SQL of the reason code of the first thing wrong with the column's value, else null.

    None where nothing can be wrong. One expression per column keeps planning short.
    """
    text, own = text_name(column), quoted(column.name)
    mapped = word_name(column)
    cases: list[tuple[str, str]] = []
    if column.required:
        cases.append(("required", f"{text} is null"))
    if error_cells and column.type == "string":
        cases.append(("type", f"{text} in ({_listed(error_cells)})"))
    if column.value_map is not None:
        cases.append(("unknown_value", f"{text} is not null and {mapped} is null"))
    elif column.valid_values:
        cases.append(("unknown_value", f"{text} not in ({_listed(column.valid_values)})"))
    if column.type != "string":
        cases.append(("type", f"{mapped} is not null and {own} is null"))
    cases.extend(_limits(column, own))
    if column.type == "timestamp" and not column.may_be_future:
        latest = f"timestamp '{_END_OF_TIMES}'"
        if extracted_at is not None:
            latest = f"timestamp '{extracted_at.isoformat(sep=' ')}' + interval 1 day"
        cases.append(("future", f"{own} > {latest}"))
    rest = "null"
    if column.type == "timestamp" and column.timezone:
        local = local_name(column)
        gap, ambiguous = (f"{column.name}:{code}" for code in ("dst_gap", "dst_ambiguous"))
        shift = conversion(column.timezone, local, column.ambiguous)
        rest = shift.flaw(literal(gap), literal(ambiguous))
    if not cases and rest == "null":
        return None
    whens = (f"when {predicate} then {literal(f'{column.name}:{c}')}" for c, predicate in cases)
    return f"case {' '.join(whens)} else {rest} end" if cases else rest


def hidden(ids: Sequence[Column]) -> str:
    """SQL of the reason code of the first id that looks like another one, else null.

    One search through all ids of a row costs half of one search in each.
    """
    together = " || ".join(f"coalesce({quoted(column.name)}, '')" for column in ids)
    cases = []
    for column in ids:
        own = quoted(column.name)
        is_hidden = f"regexp_matches({own}, '[{_INVISIBLE}]') or {own} <> nfc_normalize({own})"
        cases.append(f"when {is_hidden} then {literal(f'{column.name}:invisible')}")
    is_suspect = f"regexp_matches({together}, '[{_INVISIBLE}{_NOT_COMPOSED}]')"
    return f"case when {is_suspect} then case {' '.join(cases)} end end"


def _listed(values: Iterable[str]) -> str:
    return ", ".join(literal(value) for value in values)


def _limits(column: Column, own: str) -> Iterator[tuple[str, str]]:
    cast = f"::{column.duckdb_type}" if column.type in ("timestamp", "date") else ""
    if column.minimum is not None:
        yield "below_minimum", f"{own} < {_bound(column.minimum, cast)}"
    if column.maximum is not None:
        yield "above_maximum", f"{own} > {_bound(column.maximum, cast)}"
    if column.pattern is not None:
        yield "pattern", f"not regexp_matches({own}, {literal(column.pattern)})"
    if column.min_length is not None:
        yield "too_short", f"length({own}) < {column.min_length}"
    if column.max_length is not None:
        yield "too_long", f"length({own}) > {column.max_length}"


def _bound(text: str, cast: str) -> str:
    return literal(text) + cast if cast else text
