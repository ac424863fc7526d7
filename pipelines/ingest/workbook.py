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
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CHUNK_BYTES, _LONGEST_CELL = 1 << 22, 1 << 16
# A cell whose formula has no value, or an empty one although its type is not text.
_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


@dataclass(frozen=True)
class Workbook:
    """`days_1904` says that days are counted from 1904, as old ones of Macintosh do."""

    path: Path
    visible_sheets: tuple[str, ...]
    parts: dict[str, str]
    days_1904: bool

    def has_uncomputed_formulas(self, sheet: str) -> bool:
        """Whether a formula of the sheet has no value, because no spreadsheet computed it."""
        part = self.parts.get(sheet)
        return part is not None and any(
            b't="str"' not in match.group(1)
            for text in _texts(self.path, part)
            for match in _CELL.finditer(text)
        )


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
        {str(s.get("name")): _part(targets.get(s.get(_LINK), "")) for s in sheets},
        any(node.get("date1904") in ("1", "true") for node in settings),
    )


def _local(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]


def _part(target: str) -> str:
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _texts(path: Path, part: str) -> Iterator[bytes]:
    """Pieces of a part that hold formulas; the end of each stands again before the next."""
    with zipfile.ZipFile(path) as archive, archive.open(part) as stream:
        before = b""
        while chunk := stream.read(_CHUNK_BYTES):
            text = before + chunk
            if b"<f" in text or b":f" in text:
                yield text
            before = text[-_LONGEST_CELL:]
