"""What a workbook says of itself beside its cells: visible sheets, the first day, formulas.

An XLSX file is a zip of XML parts. Here: the few facts the reader of cells does not give. Not
here: the cells (`read_sheets`).
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree  # expat refuses entities that grow

_BOOK, _LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_CHUNK_BYTES, _LONGEST_CELL = 1 << 22, 1 << 16
# A cell whose formula has no value, or an empty one although its type is not text.
_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_MERGED = re.compile(rb'mergeCell [^>]*ref="[A-Z]+(\d+):[A-Z]+(\d+)"')
_LONG_NUMBER = re.compile(rb"v>(-?(?:\d{16,99}|\d(?:\.\d+)?[eE]\+?\d\d))</")
_CELL_START, _TEXT_TYPE = (b"<c ", b":c "), re.compile(rb' t="(?!n")')
# From here on a float does not tell a whole number from the next one.
FIRST_UNSURE = 1 << 53


@dataclass(frozen=True)
class Look:
    """What the XML of a sheet tells.

    Whether a formula has no value, because no spreadsheet computed it; the last row of cells that
    are merged over several rows, 0 without any; whole numbers too long for a sheet, as text.
    """

    has_uncomputed_formulas: bool
    merged_until: int
    unsure_numbers: frozenset[str]


@dataclass(frozen=True)
class Workbook:
    """`days_1904` says that days are counted from 1904, as old ones of Macintosh do."""

    path: Path
    visible_sheets: tuple[str, ...]
    parts: dict[str, str]
    days_1904: bool

    def look(self, sheet: str) -> Look:
        """One look over the XML of a sheet."""
        is_uncomputed, merged_until = False, 0
        unsure: set[str] = set()
        for text in _texts(self.path, self.parts[sheet]) if sheet in self.parts else ():
            if not is_uncomputed and (b"<f" in text or b":f" in text):
                is_uncomputed = any(b't="str"' not in m.group(1) for m in _CELL.finditer(text))
            for first, last in _MERGED.findall(text):
                if int(last) > int(first):
                    merged_until = max(merged_until, int(last))
            for match in _LONG_NUMBER.finditer(text):
                number = int(float(match.group(1)))
                if abs(number) >= FIRST_UNSURE and not _is_text(text, match.start()):
                    unsure.add(str(number))
        return Look(is_uncomputed, merged_until, frozenset(unsure))


def read_workbook(path: Path) -> Workbook:
    """Raises KeyError, BadZipFile or ParseError where the file is no workbook."""
    with zipfile.ZipFile(path) as archive:
        book = ElementTree.fromstring(archive.read(_BOOK))  # noqa: S314 - see the import
        links = ElementTree.fromstring(archive.read(_LINKS))  # noqa: S314
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    sheets = [node for node in book.iter() if _local(node) == "sheet"]
    settings = [node for node in book.iter() if _local(node) == "workbookPr"]
    return Workbook(
        path,
        tuple(str(s.get("name")) for s in sheets if s.get("state", "visible") == "visible"),
        {str(s.get("name")): _part(targets.get(_link(s), "")) for s in sheets},
        any(node.get("date1904") in ("1", "true") for node in settings),
    )


def _local(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]


def _link(sheet: ElementTree.Element) -> str | None:
    """The number of its part: `id` in a namespace that strict workbooks call otherwise."""
    return next((value for key, value in sheet.items() if key.endswith("}id")), None)


def _part(target: str) -> str:
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _is_text(part: bytes, place: int) -> bool:
    """Whether the value at a place belongs to a cell of text."""
    start = max(part.rfind(sign, 0, place) for sign in _CELL_START)
    return _TEXT_TYPE.search(part, start, part.index(b">", start)) is not None


def _texts(path: Path, part: str) -> Iterator[bytes]:
    """Pieces of a part; the end of each stands again before the next."""
    with zipfile.ZipFile(path) as archive, archive.open(part) as stream:
        before = b""
        while chunk := stream.read(_CHUNK_BYTES):
            text = before + chunk
            yield text
            before = text[-_LONGEST_CELL:]
