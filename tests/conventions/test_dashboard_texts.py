"""Every text of the dashboards is in the catalogues, in both languages, and none is left over."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards.i18n import LANGUAGES, catalogue

DASHBOARDS = Path(__file__).resolve().parents[2] / "dashboards"
MODULES = sorted(DASHBOARDS.rglob("*.py"))
IDS = [str(path.relative_to(DASHBOARDS)) for path in MODULES]
SHOWN_KEYWORDS = {"label", "body", "help", "placeholder", "value", "title", "page_title", "alt"}
FORBIDDEN = ("unsafe_allow_html", "unsafe_allow_javascript", "components.html", ":material/")


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def pattern(node: ast.expr) -> str | None:
    """The regular expression of the keys that a literal or an f-string can be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[a-z0-9_]+"
            for part in node.values
        )
    if isinstance(node, ast.IfExp):
        return f"(?:{pattern(node.body)}|{pattern(node.orelse)})"
    return None


def asked_keys() -> set[str]:
    """Patterns of the keys given to a `Texts`."""
    found = set()
    for path in MODULES:
        for call in calls(path):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else None
            name = call.func.id if isinstance(call.func, ast.Name) else name
            if name == "texts" and call.args and (key := pattern(call.args[0])):
                found.add(key)
    return found


def indirect_keys() -> set[str]:
    """Literals and f-strings with a dot: keys that reach a `Texts` through a variable."""
    found = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.expr) and (key := pattern(node)) and r"\." in key:
                found.add(key)
    return found


def test_both_catalogues_have_the_same_keys() -> None:
    assert catalogue("zh").keys() == catalogue("en").keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(language: str) -> None:
    texts = catalogue("zh" if language == "zh" else "en")
    assert [key for key, text in texts.items() if not text and key != "headline.separator"] == []


def test_translations_fill_in_the_same_values() -> None:
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    chinese, english = catalogue("zh"), catalogue("en")
    assert [k for k in chinese if fields(chinese[k]) != fields(english[k])] == []


def test_every_key_that_is_asked_for_exists() -> None:
    keys = catalogue("zh").keys()
    assert [p for p in asked_keys() if not any(re.fullmatch(p, key) for key in keys)] == []


def test_no_key_is_wholly_variable() -> None:
    """Such a key would match every text, and the test below could not fail."""
    assert [
        p for p in asked_keys() | indirect_keys() if p.startswith("[") and p.endswith("+")
    ] == []


def test_every_key_is_used() -> None:
    used = asked_keys() | indirect_keys()
    assert [k for k in catalogue("zh") if not any(re.fullmatch(p, k) for p in used)] == []


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_streamlit_is_given_no_literal_text(path: Path) -> None:
    found = []
    for call in calls(path):
        if not ast.unparse(call.func).startswith("st."):
            continue
        shown = [*call.args, *(k.value for k in call.keywords if k.arg in SHOWN_KEYWORDS)]
        found += [
            f"line {call.lineno}: {node.value!r}"
            for node in shown
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(r"[^\W\d_]", node.value)
        ]
    assert found == []


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_nothing_runs_or_fetches_what_data_say(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert [word for word in FORBIDDEN if word in source] == []
