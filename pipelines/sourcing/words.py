"""Which word of an extract means which value of a column: by the synonyms of its entity.

A word nobody knows is left to a person (`DECIDE`, which no check accepts), except where the
column has the value `other`.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.contracts import Column
from pipelines.sourcing.profile import BOOLEAN_WORDS, Profile

DECIDE = "decide"
MOST_WORDS = 60
_NUMBERING = re.compile(r"^\s*\d+\s*[-.:、）)]\s*")
_READ_AS_BOOLEAN = ("true", "1", "yes", "false", "0", "no")


@dataclass(frozen=True)
class Meaning:
    """What a word stands for and in how many rows it stands; `is_sure` False: guessed."""

    word: str
    value: str
    rows: int
    is_sure: bool


def normal(text: str) -> str:
    """A word without width, case, numbering in front, and signs between its parts."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _NUMBERING.sub("", plain) or plain
    return re.sub(r"[\W_]+", "", plain)


def parts(text: str) -> list[str]:
    """The Latin words of a text, split at signs and where small letters meet capitals."""
    split = re.sub(r"([a-z])([A-Z])", r"\1 \2", unicodedata.normalize("NFKC", text))
    return [part for part in re.split(r"[\W_]+", split.casefold()) if part]


def has_values(column: Column) -> bool:
    return bool(column.valid_values) or column.type == "boolean"


def meanings(column: Column, profile: Profile) -> list[Meaning]:
    """The value map of a column with a list of values, most frequent words first.

    Empty where the extract's own words are the values.
    """
    known = _known(column)
    found = [_meaning(column, known, word, rows) for word, rows in profile.words.items()]
    own = _READ_AS_BOOLEAN if column.type == "boolean" else column.valid_values
    if all(m.is_sure and _is_own(column, m.word, own) for m in found):
        return []
    return found


def sure_share(column: Column, profile: Profile) -> float:
    """Share of the rows whose words are known: how well a column fits a header by content."""
    known = _known(column)
    rows = sum(n for w, n in profile.words.items() if _meaning(column, known, w, n).is_sure)
    return rows / max(profile.filled, 1)


def _is_own(column: Column, word: str, own: tuple[str, ...]) -> bool:
    return (word.casefold() if column.type == "boolean" else word) in own


def _known(column: Column) -> dict[str, str]:
    words: dict[str, tuple[str, ...]] = {value: (value,) for value in column.valid_values}
    if column.type == "boolean":
        words = dict(BOOLEAN_WORDS)
    lists: list[Mapping[str, tuple[str, ...]]] = [words, column.value_synonyms]
    return {normal(word): value for m in lists for value, known in m.items() for word in known}


def _meaning(column: Column, known: Mapping[str, str], word: str, rows: int) -> Meaning:
    value = known.get(normal(word))
    if value is not None:
        return Meaning(word, value, rows, is_sure=True)
    inside = [known[key] for key in sorted(_inside(word, known), key=len, reverse=True)]
    if inside and column.type != "boolean":
        return Meaning(word, inside[0], rows, is_sure=False)
    rest = "other" if "other" in column.valid_values else DECIDE
    return Meaning(word, rest, rows, is_sure=False)


def _inside(word: str, known: Mapping[str, str]) -> list[str]:
    """Known words that are a part of the word: whole Latin words, or two signs of Chinese."""
    latin, plain = set(parts(word)), normal(word)
    return [
        key for key in known if (key in latin if key.isascii() else len(key) > 1 and key in plain)
    ]
