"""Records of a JSON page as the text they came in, and single values by dotted path.

A record is cut out, never parsed and written again: numbers keep their digits.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")


def value_at(page: Any, path: str) -> Any:
    """The value at a dotted path; None where the path leads nowhere. The empty path is the page."""
    for key in path.split(".") if path else ():
        page = page.get(key) if isinstance(page, dict) else None
    return page


def record_texts(text: str, path: str) -> Iterator[str]:
    """The elements of the list at a dotted path, one line each.

    Raises ValueError where there is no list.
    """
    place = _skip(text, 0)
    for key in path.split(".") if path else ():
        place = _member(text, place, key)
    if text[place : place + 1] != "[":
        raise ValueError(f"'{path or 'the page'}' is no list")
    place = _skip(text, place + 1)
    while text[place] != "]":
        _, end = _DECODER.raw_decode(text, place)
        # JSON strings hold no bare line ends: those in between are layout
        yield text[place:end].replace("\r", " ").replace("\n", " ")
        place = _skip(text, end)
        if text[place] == ",":
            place = _skip(text, place + 1)


def _member(text: str, place: int, wanted: str) -> int:
    """Where the value of a key of the object at `place` begins; the last one, if doubled."""
    found = None
    if text[place : place + 1] == "{":
        place = _skip(text, place + 1)
        while text[place] != "}":
            key, end = _DECODER.raw_decode(text, place)
            place = _skip(text, _skip(text, end) + 1)
            found = place if key == wanted else found
            _, end = _DECODER.raw_decode(text, place)
            place = _skip(text, end)
            if text[place] == ",":
                place = _skip(text, place + 1)
    if found is None:
        raise ValueError(f"there is no '{wanted}'")
    return found


def _skip(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place
