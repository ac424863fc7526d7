"""Texts of the dashboards in both languages, read from the gettext catalogues beside this file.

Every text a page shows is here under a key. Names of KPIs and of members are not: they come
with the data.
"""

from functools import cache
from pathlib import Path
from typing import Literal

from babel.messages.pofile import read_po

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
DEFAULT_LANGUAGE: Language = "zh"


@cache
def catalogue(language: Language) -> dict[str, str]:
    """All texts of a language by key."""
    path = Path(__file__).parent / f"{language}.po"
    with path.open("rb") as file:
        messages = read_po(file, locale=language)
    return {str(m.id): str(m.string) for m in messages if m.id}


class Texts:
    """Looks texts up in one language; a key that does not exist is a KeyError."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts = catalogue(language)

    def __call__(self, key: str, /, **values: object) -> str:
        return self._texts[key].format(**values)

    def pick(self, english: str, chinese: str) -> str:
        """The one of two texts that is in this language; the other where it is empty."""
        first, second = (chinese, english) if self.language == "zh" else (english, chinese)
        return first or second


def literal(text: str) -> str:
    """Text that shows as it is where Streamlit would read Markdown."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()<>#+-.!|~$:" else c for c in text)


def unbroken(text: str) -> str:
    """Literal text that never breaks into lines, for the cell of a table."""
    return "\u2060".join(literal(c) for c in text.replace(" ", "\u00a0"))
