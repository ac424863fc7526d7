"""What a delimited text says about itself: encoding, delimiter, header row.

Encodings are proved by decoding strictly, in the order below; that one fits does not prove that
another does not, so all that fit are told. Not here: what the columns mean (`profile`).
"""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.errors import SampleError
from pipelines.ingest.delimiter import parsed_delimiter, with_sign

CANDIDATES = ("utf-8", "gb18030", "big5", "cp949", "cp1252")
# The set of common characters of an encoding, and the last lead byte of its first level.
_COMMON = {"gb18030": ("gb2312", 0xD7), "big5": ("big5", 0xC6), "cp949": ("euc_kr", 0xC8)}
DELIMITERS = (",", "\t", ";", "|", "^", "\x01")
LONG_DELIMITERS = ("~|~", "|~|", "^|^", "||", "##", "@@")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT_RECORDS = 200
# Share of the characters outside ASCII that people write in a language of this encoding.
_PLAUSIBLE_SHARE = 0.9


@dataclass(frozen=True)
class Decoded:
    """A text without byte order mark and the encodings that read it without an error."""

    text: str
    encodings: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """How the records of a text are told apart; rows are counted from 1 as lines."""

    delimiter: str
    header_row: int


def decode_sample(data: bytes, is_whole: bool) -> Decoded:
    """The text by the first encoding that fits, plausible ones first."""
    marked = [encoding for mark, encoding in _MARKS if data.startswith(mark)]
    readings = {e: _decoded(data, e, is_whole) for e in marked or CANDIDATES}
    fitting = {e: text for e, text in readings.items() if text is not None}
    if not fitting:
        raise SampleError(
            f"the sample is none of {', '.join(marked or CANDIDATES)}; convert it to UTF-8 first."
        )
    ordered = sorted(fitting, key=lambda e: not _is_plausible(fitting[e], e))
    if ordered[0] == "utf-8":  # no other text is UTF-8 by chance
        ordered = ordered[:1]
    text = fitting[ordered[0]].removeprefix("\ufeff")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Decoded(text if is_whole else text[: text.rfind("\n") + 1], tuple(ordered))


def _decoded(data: bytes, encoding: str, is_whole: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(data, final=is_whole)
    except UnicodeDecodeError:
        return None


def _is_plausible(text: str, encoding: str) -> bool:
    """GB18030 reads nearly everything, but only Chinese as common characters."""
    strange = [c for c in text[:200_000] if not c.isascii()]
    if encoding.startswith("utf") or not strange:
        return True
    if encoding == "cp1252":
        usual = sum(c.isalpha() or c in "–—‘’“”…€°£" for c in strange)
    else:
        usual = sum(_is_common(c, *_COMMON[encoding]) for c in strange)
    return usual >= _PLAUSIBLE_SHARE * len(strange)


def _is_common(character: str, encoding: str, last_lead: int) -> bool:
    try:
        lead = character.encode(encoding)[0]
    except UnicodeEncodeError:
        return False
    return lead <= last_lead


def layout(text: str) -> Layout:
    """The delimiter that gives most records the same number of fields, and the first full one.

    One of several characters is taken only where all records agree: a field may be empty.
    """
    for long in (d for d in LONG_DELIMITERS if d in text):
        is_told, share, _, _, header = _fit(with_sign(text, long), parsed_delimiter(long))
        if is_told and share == 1:
            return Layout(long, header)
    best = max((_fit(text, delimiter) for delimiter in DELIMITERS), key=lambda fit: fit[:3])
    return Layout(best[3], best[4])


def _fit(text: str, delimiter: str) -> tuple[bool, float, int, str, int]:
    records = list(_records(text, delimiter))
    if not records:
        raise SampleError("the sample is empty; give a file that has at least a header.")
    widths = Counter(len(cells) for _, cells in records)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    header = next((line for line, cells in records if _is_header(cells, width)), 1)
    return width > 1, count / len(records), width, delimiter, header


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The first records with the line each begins in; blank lines are none."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line, seen = 1, 0
    for cells in reader:
        if cells:
            yield line, cells
            seen += 1
        if seen == _LOOKED_AT_RECORDS:
            return
        line = reader.line_num + 1


def _is_header(cells: Sequence[str], width: int) -> bool:
    """As wide as the records are, and hardly a cell of it empty or a number: no title, no note."""
    names = [c for c in cells if c.strip() and not c.strip().replace(".", "", 1).isdigit()]
    return len(names) >= 0.8 * width
