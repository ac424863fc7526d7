"""Records of a JSON document as the text they came in, and single values by path.

A record is cut out, never parsed and written again: numbers keep their digits.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

_DECODER = json.JSONDecoder()
_BLANK = " \t\r\n"
_SPACE = re.compile(f"[{_BLANK}]*")


def path_keys(path: str) -> list[str]:
    """The keys of a dotted path, or of a JSON pointer (RFC 6901), for keys that hold dots."""
    if path.startswith("/"):
        return [key.replace("~1", "/").replace("~0", "~") for key in path[1:].split("/")]
    return path.split(".") if path else []


def value_at(page: Any, path: str) -> Any:
    """The value at a path; None where the path leads nowhere. The empty path is the page."""
    for key in path_keys(path):
        page = page.get(key) if isinstance(page, dict) else None
    return page


def record_texts(text: str, path: str) -> Iterator[str]:
    """The elements of the list at a path, one line each.

    Raises ValueError where there is no list, where a key on the way to it stands twice, and
    where the text is not one whole JSON value; the records before the fault have come by then.
    """
    place, end = _skip(text, 0), None
    for key in path_keys(path):
        place, after = _member(text, place, key)
        end = end or after
    if _sign(text, place) != "[":
        raise ValueError(f"'{path or 'the page'}' is no list")
    place = _skip(text, place + 1)
    while _sign(text, place) != "]":
        _, stop = _DECODER.raw_decode(text, place)
        # JSON strings hold no bare line ends: those in between are layout
        yield text[place:stop].replace("\r", " ").replace("\n", " ")
        place = _next(text, stop, "]")
    if text[end or place + 1 :].strip(_BLANK):
        raise ValueError("more stands behind its end")


def list_path(page: Any, path: tuple[str, ...] = ()) -> str | None:
    """The dotted path of the first list of objects, outer ones first; None without any."""
    if isinstance(page, list):
        return ".".join(path) if page and isinstance(page[0], dict) else None
    if not isinstance(page, dict):
        return None
    lists = [key for key, value in page.items() if isinstance(value, list)]
    for key in lists + [key for key in page if key not in lists]:
        found = list_path(page[key], (*path, str(key)))
        if found is not None:
            return found
    return None


def _member(text: str, place: int, wanted: str) -> tuple[int, int]:
    """Where the value of a key of the object at `place` begins, and where the object ends."""
    found = None
    if _sign(text, place) == "{":
        place = _skip(text, place + 1)
        while _sign(text, place) != "}":
            key, end = _DECODER.raw_decode(text, place)
            place = _skip(text, end)
            if _sign(text, place) != ":":
                raise ValueError(f"a colon is missing at character {place}")
            place = _skip(text, place + 1)
            if key == wanted:
                if found is not None:
                    raise ValueError(f"'{wanted}' stands twice")
                found = place
            _, end = _DECODER.raw_decode(text, place)
            place = _next(text, end, "}")
    if found is None:
        raise ValueError(f"there is no '{wanted}'")
    return found, place + 1


def _next(text: str, end: int, closing: str) -> int:
    """Where the next element begins after one that ended, or where the closing sign stands."""
    place = _skip(text, end)
    if _sign(text, place) == closing:
        return place
    if text[place] != ",":
        raise ValueError(f"a comma is missing at character {place}")
    place = _skip(text, place + 1)
    if _sign(text, place) == closing:
        raise ValueError(f"nothing stands behind the comma before character {place}")
    return place


def _sign(text: str, place: int) -> str:
    """Raises ValueError at the end of the text."""
    if place >= len(text):
        raise ValueError("it ends too soon")
    return text[place]


def _skip(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place
