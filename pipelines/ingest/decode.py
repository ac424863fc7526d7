"""Text extracts as clean UTF-8: decoded strictly, no byte order mark, `\\n` line ends.

Here: encodings in the contract's order, NUL bytes, pages that are no table. Not here:
columns and records. An encoding is never guessed; a guess appears only in a message, or refuses.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from pipelines.contracts import SourceContract
from pipelines.errors import ExtractError
from pipelines.ingest.unpack import chunks, packing

_PAGE = re.compile(r"\s*<(!doctype|html|head|body|\?xml)", re.IGNORECASE)
_HEAD_CHARACTERS = 4096
_BEYOND_ASCII, _NOT_UTF8 = re.compile("[^\0-\x7f]"), re.compile("[\udc80-\udcff]")
_HINTS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode_file(contract: SourceContract, path: Path, target: Path) -> Path:
    """The content as clean UTF-8, by the first encoding that fits.

    Gives `path` itself where it is clean already, else `target`, written here. Raises
    ExtractError encoding, nul_byte, empty_file, not_a_table, or what unpacking raises.
    """
    refusals: list[ExtractError] = []
    for encoding in contract.encodings:
        is_utf8 = codecs.lookup(encoding).name == "utf-8"
        clean = _head_of_clean(path) if is_utf8 else None
        if clean is not None:
            _refuse_other_content(contract, path, clean)
            return path
        try:
            head = _decode(contract, path, target, encoding)
        except ExtractError as error:
            if error.reason not in ("encoding", "nul_byte"):
                raise
            refusals.append(error)
        else:
            if not is_utf8 and _reads_like_utf8(path):
                refusals.append(_other_than_utf8(contract, path, encoding))
                continue
            _refuse_other_content(contract, path, head)
            return target
    raise refusals[0]


def _head_of_clean(path: Path) -> str | None:
    """The first characters of a file that needs no rewriting; None where it does, or is wrong."""
    if packing(path) is not None:
        return None
    decoder, head = codecs.getincrementaldecoder("utf-8")("strict"), ""
    for chunk in _chunks_and_end(path):
        if b"\r" in chunk or b"\0" in chunk:
            return None
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError:
            return None
        if not head.strip():
            head = text.lstrip()[:_HEAD_CHARACTERS]
            if head.startswith("\ufeff"):
                return None
    return head


def _reads_like_utf8(path: Path) -> bool:
    """Whether UTF-8 explains more of the first signs beyond ASCII than it does not.

    GB18030 and Latin-1 read nearly every UTF-8 text, and give other letters. In their own texts few
    bytes happen to be UTF-8, so what reads like it is UTF-8, whole or with a damaged byte.
    """
    for chunk in chunks(path):
        if not chunk.isascii():
            text = chunk.decode("utf-8", "surrogateescape")
            wrong = len(_NOT_UTF8.findall(text))
            return len(_BEYOND_ASCII.findall(text)) > 2 * wrong
    return False


def _decode(contract: SourceContract, path: Path, target: Path, encoding: str) -> str:
    """Decode the whole file; gives its first characters that are not blank."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    head, fed, is_first, held = "", 0, True, ""
    with target.open("wb") as stream:
        for chunk in _chunks_and_end(path):
            fed += len(chunk)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                raise _wrong_encoding(contract, path, encoding, fed, error) from error
            if is_first and text:
                text, is_first = text.removeprefix("\ufeff"), False
            text, held = _unix_lines(held + text, is_last=not chunk)
            if "\0" in text:
                raise _nul_byte(contract, path)
            if not head.strip():
                head = text.lstrip()[:_HEAD_CHARACTERS]
            stream.write(text.encode("utf-8"))
    return head


def _chunks_and_end(path: Path) -> Iterator[bytes]:
    """The chunks of the content and a last empty one, at which the decoder must be done."""
    yield from chunks(path)
    yield b""


def _unix_lines(text: str, is_last: bool) -> tuple[str, str]:
    """Text with `\\n` line ends, and a carriage return whose line feed may still come."""
    held = ""
    if text.endswith("\r") and not is_last:
        text, held = text[:-1], "\r"
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, held


def _wrong_encoding(
    contract: SourceContract, path: Path, encoding: str, fed: int, error: UnicodeDecodeError
) -> ExtractError:
    offset = fed - len(error.object) + error.start
    with path.open("rb") as stream:
        start = stream.read(4)
    hints = [name for mark, name in _HINTS if start.startswith(mark)]
    hint = f" (the file starts like {hints[0]})" if hints else ""
    return ExtractError(
        "encoding",
        f"{path.name} must be {' or '.join(contract.encodings)}, says {contract.file.name}, but "
        f"byte {offset} is not {encoding}{hint}; export it again, or list its encoding.",
    )


def _other_than_utf8(contract: SourceContract, path: Path, encoding: str) -> ExtractError:
    return ExtractError(
        "encoding",
        f"{path.name} must be {encoding}, says {contract.file.name}, but its bytes are UTF-8; "
        "export it again, or list utf-8.",
    )


def _nul_byte(contract: SourceContract, path: Path) -> ExtractError:
    return ExtractError(
        "nul_byte",
        f"{path.name} holds a NUL character, which no text table of {contract.file.name} may "
        "hold; ask for the file again.",
    )


def _refuse_other_content(contract: SourceContract, path: Path, head: str) -> None:
    start = head.lstrip()
    if not start:
        raise ExtractError(
            "empty_file",
            f"{path.name} must have at least a header, says {contract.file.name}, but is empty; "
            "ask for the file again.",
        )
    is_json, strange = start[0] in "{[", {"csv": "{[", "jsonl": "["}.get(contract.format, "")
    is_right = is_json if contract.format == "json" else start[0] not in strange
    if _PAGE.match(start) or not is_right:
        kind = "one JSON document" if is_json else "a web page" if start[0] == "<" else "a text"
        raise ExtractError(
            "not_a_table",
            f"{path.name} must be {contract.format}, says {contract.file.name}, but is {kind} "
            f"beginning {start[:40]!r}; the export has failed: ask for the file again.",
        )
