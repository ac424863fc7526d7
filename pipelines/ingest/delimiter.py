"""Delimiters of several characters (`||`, `~|~`): made one character before parsers read them.

The sign that stands for one is a control character which no text of the file may hold, so that
what stood in a quoted text is put back exactly. Not here: parsing (`read_csv`).
"""

from pathlib import Path

from pipelines.ingest.reading import Task, literal

_SIGN = "\x1f"
_CHUNK_CHARACTERS = 1 << 22


def parsed_delimiter(delimiter: str) -> str:
    """The one character parsers are given."""
    return delimiter if len(delimiter) == 1 else _SIGN


def with_sign(text: str, delimiter: str) -> str:
    """The text as parsers read it."""
    return text if len(delimiter) == 1 else text.replace(delimiter, _SIGN)


def without_sign(text: str, delimiter: str) -> str:
    """The text as it was delivered."""
    return text if len(delimiter) == 1 else text.replace(_SIGN, delimiter)


def sql_without_sign(sql: str, delimiter: str) -> str:
    """SQL of a text as it was delivered."""
    if len(delimiter) == 1:
        return sql
    return f"replace({sql}, {literal(_SIGN)}, {literal(delimiter)})"


def signed_file(task: Task, text: Path, target: Path) -> Path:
    """The file as parsers read it: `text` itself, or `target` where the delimiter is long.

    Raises ExtractError delimiter_sign where the sign stands in a text.
    """
    delimiter = task.contract.delimiter
    if len(delimiter) == 1:
        return text
    held = ""
    with (
        text.open("r", encoding="utf-8", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as signed,
    ):
        while chunk := source.read(_CHUNK_CHARACTERS):
            if _SIGN in chunk:
                raise task.refuse(
                    "delimiter_sign",
                    f"it is parted by {delimiter!r}, and then no text may hold the control "
                    "character 0x1F; export the file without it.",
                )
            whole = with_sign(held + chunk, delimiter)
            held = _begun(whole, delimiter)
            signed.write(whole[: len(whole) - len(held)])
        signed.write(held)
    return target


def _begun(text: str, delimiter: str) -> str:
    """The beginning of a delimiter at the end of a text, whose rest may still come."""
    parts = (delimiter[:length] for length in range(len(delimiter) - 1, 0, -1))
    return next((part for part in parts if text.endswith(part)), "")
