"""Date and time patterns of the JDK (`yyyy-MM-dd HH:mm:ss`), the form ODCS prescribes.

Here: reading a pattern, its strptime form, telling whether two patterns clash, and reading
one text in Python. Not here: the SQL that reads columns (`pipelines.ingest.typing_sql`).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

DIRECTIVES = {
    "yyyy": "%Y",
    "uuuu": "%Y",
    "yy": "%y",
    "uu": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "M": "%m",
    "dd": "%d",
    "d": "%d",
    "DDD": "%j",
    "EEEE": "%A",
    "EEE": "%a",
    "HH": "%H",
    "H": "%H",
    "hh": "%I",
    "h": "%I",
    "mm": "%M",
    "m": "%M",
    "ss": "%S",
    "s": "%S",
    "SSS": "%g",
    "SSSSSS": "%f",
    "SSSSSSSSS": "%n",
    "a": "%p",
    "X": "%z",
    "XX": "%z",
    "XXX": "%z",
    "Z": "%z",
}
_NUMBER = r"\d{1,2}"
_SHAPES = {
    "%Y": r"\d{4}", "%y": r"\d{2}", "%m": _NUMBER, "%d": _NUMBER, "%j": r"\d{1,3}",
    "%H": _NUMBER, "%I": _NUMBER, "%M": _NUMBER, "%S": _NUMBER, "%g": r"\d{3}", "%f": r"\d{6}",
    "%n": r"\d{9}", "%p": r"[AaPp][Mm]", "%z": r"Z|[+-]\d{2}:?\d{2}", "%B": r"[A-Za-z]+",
    "%b": r"[A-Za-z]+", "%A": r"[A-Za-z]+", "%a": r"[A-Za-z]+",
}  # fmt: skip
# Instants all of whose parts are different and small enough to stand for any other part.
_SAMPLES = (datetime(2003, 4, 5, 6, 7, 8), datetime(2011, 10, 12, 9, 2, 1))  # noqa: DTZ001


@dataclass(frozen=True)
class Pattern:
    """A pattern as literal texts and strptime directives, in order."""

    text: str
    parts: tuple[str, ...]

    @property
    def strptime(self) -> str:
        return "".join(p if p in _SHAPES else p.replace("%", "%%") for p in self.parts)

    @property
    def has_offset(self) -> bool:
        return "%z" in self.parts

    @property
    def has_clock_half(self) -> bool:
        return "%p" in self.parts


def read_pattern(text: str) -> Pattern:
    """Read a JDK pattern. Raises ValueError with the reason where it is not one."""
    if "%" in text:
        raise ValueError("strftime signs; write a JDK pattern such as yyyy-MM-dd HH:mm:ss")
    parts: list[str] = []
    for piece in _tokens(text):
        if piece[0] == "'":
            parts.append(piece[1:-1].replace("''", "'") or "'")
        elif piece[0].isascii() and piece[0].isalpha():
            if piece not in DIRECTIVES:
                raise ValueError(f"'{piece}' is not a supported JDK pattern letter")
            parts.append(DIRECTIVES[piece])
        else:
            parts.append(piece)
    if not any(part in _SHAPES for part in parts):
        raise ValueError("no date or time letters; write a pattern such as yyyy-MM-dd HH:mm:ss")
    return Pattern(text, tuple(parts))


def _tokens(text: str) -> list[str]:
    tokens = [m.group(0) for m in re.finditer(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+", text)]
    if "".join(tokens) != text:
        raise ValueError("a quote is not closed")
    return tokens


def clashing_text(first: Pattern, second: Pattern) -> str | None:
    """A text that both patterns read, as different instants; None where there is none."""
    for one, other in ((first, second), (second, first)):
        for sample in _SAMPLES:
            text = _render(one, sample)
            meant, understood = _read(one, text), _read(other, text)
            if meant and understood and any(meant.get(k, v) != v for k, v in understood.items()):
                return text
    return None


def _render(pattern: Pattern, sample: datetime) -> str:
    fixed = {"%g": "123", "%f": "123456", "%n": "123456789", "%z": "+08:00"}
    return "".join(
        fixed.get(part) or (sample.strftime(part) if part in _SHAPES else part)
        for part in pattern.parts
    )


def _read(pattern: Pattern, text: str) -> dict[str, str] | None:
    """The parts of the text by meaning, or None where the pattern does not fit."""
    directives = [part for part in pattern.parts if part in _SHAPES]
    regex = "".join(f"({_SHAPES[p]})" if p in _SHAPES else re.escape(p) for p in pattern.parts)
    match = re.fullmatch(regex, text)
    if not match:
        return None
    same = {"%y": "%Y", "%I": "%H", "%b": "%m", "%B": "%m"}
    values: dict[str, str] = {}
    for directive, value in zip(directives, match.groups(), strict=True):
        if directive == "%y":
            value = "20" + value
        values[same.get(directive, directive)] = value.lstrip("0")
    return values


def parse_local(name: str, regex: str, pattern: str, zone: str | None) -> datetime | None:
    """The instant a file name tells, in UTC without zone; None where it tells none."""
    match = re.search(regex, name)
    if not match:
        return None
    form = read_pattern(pattern).strptime.replace("%g", "%f").replace("%n", "%f")
    try:
        moment = datetime.strptime(match.group(1), form)  # noqa: DTZ007 - zone follows
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone or "UTC"))
    return moment.astimezone(UTC).replace(tzinfo=None)
