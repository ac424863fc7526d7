"""A second reading of delimited files in plain Python, from the text of the contract alone.

It knows nothing of the gate's SQL: the csv module takes records apart, and every value is judged
one by one. Not here: files (`random_files.py`) and comparing (`test_random_files.py`).
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from unicodedata import category, normalize
from zoneinfo import ZoneInfo

from pipelines.contracts import Column, SourceContract

Row = Mapping[str, object]
_SPACE = " \t\n\r\v\f\u00a0\u3000"
_PAGE = re.compile(r"<(!doctype|html|head|body|\?xml)", re.IGNORECASE)


class RefusedError(Exception):
    """The whole file is refused, for the reason that is the first argument."""


@dataclass(frozen=True)
class Reading:
    """Record number -> values of an accepted row, or the codes of a quarantined one."""

    accepted: dict[int, Row]
    quarantined: dict[int, list[str]]


class FlawError(Exception):
    """A value breaks the rule that is the first argument; the second is what it still is."""


def read(contract: SourceContract, content: bytes) -> Reading | str:
    """What must become of a file; a text is the reason of its refusal."""
    try:
        text = _decoded(contract, content)
        header, body = _header(contract, text)
        places = _places(contract, header)
        records = list(_records(body, contract.delimiter))
    except RefusedError as refusal:
        return str(refusal)
    accepted: dict[int, Row] = {}
    quarantined: dict[int, list[str]] = {}
    for number, record in enumerate(records, start=1):
        codes, row = _judged(contract, record, len(header), places)
        if codes:
            quarantined[number] = codes
        else:
            accepted[number] = row
    _part_repeats(contract, accepted, quarantined)
    return Reading(accepted, quarantined)


def _decoded(contract: SourceContract, content: bytes) -> str:
    first: RefusedError | None = None
    for encoding in contract.encodings:
        try:
            text = content.decode(encoding).removeprefix("\ufeff")
            if "\0" in text:
                raise RefusedError("nul_byte")
            if encoding != "utf-8" and _is_rather_utf8(content):
                raise RefusedError("encoding")
        except UnicodeDecodeError:
            first = first or RefusedError("encoding")
        except RefusedError as refusal:
            first = first or refusal
        else:
            return _table(text.replace("\r\n", "\n").replace("\r", "\n"))
    raise first or AssertionError


def _is_rather_utf8(content: bytes) -> bool:
    """Whether more letters beyond ASCII are UTF-8 than bytes are not."""
    signs = [ord(sign) for sign in content.decode("utf-8", "surrogateescape") if sign > "\x7f"]
    wrong = sum(0xDC80 <= sign <= 0xDCFF for sign in signs)
    return len(signs) - wrong > wrong


def _table(text: str) -> str:
    start = text.strip()
    if not start:
        raise RefusedError("empty_file")
    if _PAGE.match(start) or start[0] in "[{":
        raise RefusedError("not_a_table")
    return text


def _header(contract: SourceContract, text: str) -> tuple[list[str], str]:
    """The names of the columns, and what comes after the header."""
    lines = io.StringIO(text, newline="")
    rows = csv.reader(lines, delimiter=contract.delimiter, strict=True)
    try:
        names: list[str] = next((row for row in rows if row), [])
    except csv.Error:
        raise RefusedError("unbalanced_quote") from None
    return [n.strip() or f"column {p}" for p, n in enumerate(names, start=1)], lines.read()


def _places(contract: SourceContract, header: Sequence[str]) -> dict[str, int]:
    """The place of each column of the entity that the file has."""
    seen = [normalize("NFKC", name).strip().casefold() for name in header]
    if len(set(seen)) < len(seen):
        raise RefusedError("duplicate_header")
    places: dict[str, int] = {}
    for column in contract.columns:
        wanted = [normalize("NFKC", name).strip().casefold() for name in column.headers]
        found = [seen.index(name) for name in wanted if name in seen]
        if column.headers and not found:
            raise RefusedError("missing_column")
        if found:
            places[column.name] = found[0]
    if len(places) < len(seen):
        raise RefusedError("extra_column")
    return places


def _records(body: str, delimiter: str) -> Iterator[list[str] | None]:
    """The cells of each record; None for one whose quotes are wrong.

    Where the strict reader stumbles, quotes must still come in pairs and a wrong record must end
    on its own line: otherwise nobody can tell records apart.
    """
    try:
        yield from _cells(body, delimiter)
        return
    except csv.Error:
        pieces = list(_pieces(body))
    for piece in pieces:
        try:
            cells = _cells(piece, delimiter)
        except csv.Error:
            cells = [None]
        if len(cells) > 1 or (cells == [None] and "\n" in piece):
            raise RefusedError("unbalanced_quote")
        yield from cells


def _cells(text: str, delimiter: str) -> list[list[str] | None]:
    lines = io.StringIO(text, newline="")
    rows = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    return [row for row in rows if row]


def _pieces(body: str) -> Iterator[str]:
    """The text between line ends that have an even number of quotes before them."""
    parts = body.split("\n")
    piece = parts.pop(0)
    for part in parts:
        if piece.count('"') % 2:
            piece += "\n" + part
        else:
            yield piece
            piece = part
    if piece.count('"') % 2:
        raise RefusedError("unbalanced_quote")
    yield piece


def _judged(
    contract: SourceContract, record: list[str] | None, width: int, places: Mapping[str, int]
) -> tuple[list[str], Row]:
    if record is None:
        return ["csv:unquoted_value"], {}
    if len(record) != width:
        return ["csv:missing_columns" if len(record) < width else "csv:too_many_columns"], {}
    codes: list[str] = []
    row: dict[str, object] = {}
    for column in contract.columns:
        row[column.name] = None
        if column.name in places:
            try:
                row[column.name] = _value(column, record[places[column.name]].strip(_SPACE))
            except FlawError as flaw:
                codes.append(f"{column.name}:{flaw.args[0]}")
                row[column.name] = flaw.args[1] if len(flaw.args) > 1 else None
    created, closed = row.get("created_at"), row.get("closed_at")
    if isinstance(created, datetime) and isinstance(closed, datetime) and closed < created:
        codes.append("rule:closing_not_before_creation")
    return codes, row


def _value(column: Column, text: str) -> object:
    word: str | None = None if text in column.null_tokens else text
    if word is None:
        if column.required:
            raise FlawError("required")
        return None
    if column.value_map is not None:
        word = column.value_map.get(word)
        if word is None:
            raise FlawError("unknown_value")
    elif column.valid_values and word not in column.valid_values:
        raise FlawError("unknown_value")
    if column.type == "boolean":
        return {"true": True, "false": False}[word]
    if column.is_id and (normalize("NFC", word) != word or any(map(_is_invisible, word))):
        raise FlawError("invisible", word)
    if column.type == "integer":
        return _whole(column, word)
    if column.type == "number":
        return _number(column, word)
    return _instant(column, word) if column.type == "timestamp" else word


def _is_invisible(sign: str) -> bool:
    is_space = category(sign) == "Zs" and sign not in " \u3000"
    return is_space or category(sign) in ("Cc", "Cf", "Zl", "Zp") or sign in "\u2800\u3164"


def _whole(column: Column, text: str) -> int:
    match = re.fullmatch(r"([+-]?[0-9]+)(\.0+)?", text)
    if not match or not -(2**63) <= int(match[1]) < 2**63:
        raise FlawError("type")
    value = int(match[1])
    if column.minimum is not None and value < int(column.minimum):
        raise FlawError("below_minimum", value)
    if column.maximum is not None and value > int(column.maximum):
        raise FlawError("above_maximum", value)
    return value


def _number(column: Column, text: str) -> float:
    india = "[0-9]{1,2}(,[0-9]{2})+,[0-9]{3}"
    digits = rf"([0-9]+|[0-9]{{1,3}}(,[0-9]{{3}})+|{india})"
    if not re.fullmatch(rf"[+-]?({digits}(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        raise FlawError("type")
    value = float(text.replace(",", ""))
    if value in (float("inf"), float("-inf")):
        raise FlawError("type")
    return value


_LETTERS = {"yyyy": r"(?P<year>\d{4})", "MM": r"(?P<month>\d{1,2})", "M": r"(?P<month>\d{1,2})",
            "dd": r"(?P<day>\d{1,2})", "d": r"(?P<day>\d{1,2})", "HH": r"(?P<hour>\d{1,2})",
            "H": r"(?P<hour>\d{1,2})", "mm": r"(?P<minute>\d{1,2})",
            "ss": r"(?P<second>\d{1,2})"}  # fmt: skip


def _instant(column: Column, text: str) -> datetime:
    """By the first form that fits. A space in a form stands for one or more."""
    for form in column.formats:
        pieces = [m.group() for m in re.finditer(r"([A-Za-z])\1*|[^A-Za-z]+", form)]
        pattern = "".join(_LETTERS.get(piece) or re.escape(piece) for piece in pieces)
        pattern = pattern.replace("\\ ", " +")
        match = re.fullmatch(pattern, text, re.ASCII)
        if match:
            try:
                local = datetime(**{k: int(v) for k, v in match.groupdict().items()})  # type: ignore[arg-type] # noqa: DTZ001
            except ValueError:
                continue
            if local >= datetime(1900, 3, 1):  # noqa: DTZ001
                return _in_utc(local, ZoneInfo(str(column.timezone)))
    raise FlawError("type")


def _in_utc(local: datetime, zone: ZoneInfo) -> datetime:
    early, late = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early != late:
        is_gap = early.astimezone(zone).replace(tzinfo=None) != local
        later = max(early, late).replace(tzinfo=None)
        raise FlawError("dst_gap" if is_gap else "dst_ambiguous", later)
    return early.replace(tzinfo=None)


def _part_repeats(
    contract: SourceContract, accepted: dict[int, Row], quarantined: dict[int, list[str]]
) -> None:
    """Of rows that tell the same the first stays; rows that differ go, all of them."""
    names = [column.name for column in contract.entity.key]
    same: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number, row in accepted.items():
        same[tuple(row[name] for name in names)].append(number)
    for numbers in same.values():
        differ = any(accepted[number] != accepted[numbers[0]] for number in numbers)
        for number in numbers if differ else numbers[1:]:
            code = "conflict" if differ else "duplicate"
            quarantined[number] = [f"{'+'.join(names)}:{code}"]
            del accepted[number]
