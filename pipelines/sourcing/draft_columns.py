"""The lines of a draft that map one column: header, formats, zone, words, what to decide."""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import polars as pl

from pipelines.contracts import Column
from pipelines.contracts.patterns import read_pattern
from pipelines.ingest.reading import literal
from pipelines.ingest.zones import conversion
from pipelines.sourcing.mapping import name_weight
from pipelines.sourcing.profile import Profile
from pipelines.sourcing.words import DECIDE, has_values, meanings
from pipelines.sourcing.yaml_text import custom, decide, pairs, remark

_NOBODY = (
    r"(?i)^(0+|-1|no[ _-]?\w*|none\b.*|unknown.*|unassigned|anonymous|未知.*|未分配|无.*|匿名.*)$"
)
_PEOPLE = ("agent_id", "customer_id", "caller_id")


@dataclass(frozen=True)
class Zone:
    """The clock of the extract's times; `is_told` False: the installation's, to be confirmed."""

    name: str
    is_told: bool


def column_lines(
    column: Column, header: str, profile: Profile | None, zone: Zone, time_format: str | None
) -> Iterator[str]:
    """The node of a mapped column. `profile` is None where the shape query makes the column."""
    yield f"      - name: {column.name}"
    yield "        customProperties:"
    yield custom("sourceHeaders", [header], _told(column, profile))
    if column.type in ("timestamp", "date"):
        yield from _time_lines(column, profile, zone, time_format)
    if profile is None:
        return
    yield from _nothing_lines(column, profile)
    if profile.has_thousands:
        yield custom("thousandsSign", ",")
    if has_values(column):
        yield from _word_lines(column, profile)
    if profile.personal in ("phone", "e-mail", "ID card") and not column.pii:
        yield custom(
            "pii", "pseudonymise", decide(f"looks like personal data ({profile.personal})")
        )


def _told(column: Column, profile: Profile | None) -> str:
    if profile is None:
        return remark("made by the query beside this file")
    if column.substitute and not name_weight(column, profile.header):
        return decide(f"the only end there is; or is it {column.substitute} alone?")
    told = [f"{profile.filled:,} of {profile.rows:,} rows"]
    if column.key_position is not None:
        told.append("all different" if profile.is_key else f"{profile.distinct:,} different")
    if column.pii:
        told.append(f"personal data: {column.pii} at the gate")
    if profile.personal and not column.pii and profile.personal.startswith("a name"):
        told.append("decide: a person's name? then add {property: pii, value: pseudonymise}")
    return remark("; ".join(told))


def _time_lines(
    column: Column, profile: Profile | None, zone: Zone, time_format: str | None
) -> Iterator[str]:
    if profile is not None and profile.is_excel_serial:
        yield custom("excelSerial", True)
        patterns: tuple[str, ...] = ()
    elif profile is None or profile.times is None:
        patterns = (time_format,) if time_format else ()
        if patterns:
            yield custom("formats", patterns)
    else:
        times = profile.times
        patterns = tuple(dict.fromkeys(times.patterns + times.rivals))
        comment = ""
        if times.rivals:
            example = next(iter(profile.words), "")
            comment = decide(f"'{example}' can be read in more than one way: keep one of each kind")
        elif times.unread:
            comment = decide(f"texts such as {', '.join(times.unread)} fit none: rows quarantined")
        yield custom("formats", patterns, comment)
    if column.type == "timestamp" and not _all_offsets(patterns):
        yield custom("timezone", zone.name, "" if zone.is_told else decide("whose clock is it?"))
        doubled = _doubled(profile, patterns, zone.name)
        if doubled:
            yield custom("ambiguous", "earliest", decide(f"{doubled} times stand twice that night"))


def _all_offsets(patterns: tuple[str, ...]) -> bool:
    return bool(patterns) and all(read_pattern(p).has_offset for p in patterns)


def _doubled(profile: Profile | None, patterns: tuple[str, ...], zone: str) -> int:
    """How many texts fall into an hour that the clocks of the zone show twice."""
    local = [p for p in map(read_pattern, patterns) if not p.has_offset]
    if profile is None or not local:
        return 0
    read = ", ".join(f"try_strptime(text, {literal(p.strptime)})" for p in local)
    predicate = conversion(zone, "local", "refuse").is_ambiguous
    if predicate is None:
        return 0
    with duckdb.connect(config={"python_enable_replacements": False}) as connection:
        connection.execute("set timezone = 'UTC'").fetchall()
        connection.register("words", profile.values.to_arrow())
        rows = connection.sql(
            f"select count(*) from (select coalesce({read}) as local from words) where {predicate}"
        ).fetchall()
    return int(rows[0][0])


def _nothing_lines(column: Column, profile: Profile) -> Iterator[str]:
    tokens, comment = list(profile.null_tokens), ""
    top = profile.values.head(1)
    if column.name in _PEOPLE and top.height:
        word, count = top.row(0)
        is_nobody = pl.Series([word]).str.contains(_NOBODY).item()
        if is_nobody and count > 0.01 * profile.rows:
            tokens.append(word)
            comment = decide(f"is '{word}' nobody? ({count:,} rows)")
    if tokens:
        yield custom("nullTokens", tokens, comment)


def _word_lines(column: Column, profile: Profile) -> Iterator[str]:
    found = meanings(column, profile)
    if not found:
        return
    allowed = ", ".join(column.valid_values or ("true", "false"))
    comments = {
        m.word: remark(f"{m.rows:,} rows")
        if m.is_sure
        else decide(
            f"one of {allowed}, or null; {m.rows:,} rows"
            if m.value == DECIDE
            else f"a guess; {m.rows:,} rows"
        )
        for m in found
    }
    yield from pairs("valueMap", {m.word: m.value for m in found}, comments)


def missing_lines(column: Column, value: str | None) -> Iterator[str]:
    """A compulsory column nothing was found for, so that the check of contracts names it."""
    told = f"{column.label} is compulsory, but nothing was found; give its header"
    if value is None and not column.valid_values:
        yield f"      # - name: {column.name}{decide(told)}"
        yield "      #   customProperties:"
        yield "      #     - {property: sourceHeaders, value: []}"
        return
    if column.valid_values:
        told += f" (sourceHeaders), or a constant of {', '.join(column.valid_values)}"
    yield f"      - name: {column.name}"
    yield "        customProperties:"
    yield custom("constant", value or DECIDE, decide(told))
