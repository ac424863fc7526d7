"""The language of the page itself, and Streamlit's own texts in it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit import file_util

from dashboards.i18n import catalogue
from tests.e2e.browser import MARKS, Watched
from tests.e2e.conftest import Watch
from tests.e2e.leftovers import english_words
from tests.e2e.serving import serving

pytestmark = MARKS


@pytest.fixture(scope="module")
def widgets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a page with every kind of widget."""
    with serving("tests/e2e/widgets/server.py", tmp_path_factory.mktemp("home")) as address:
        yield address


@pytest.mark.parametrize(
    ("locale", "tag", "language"), [("zh-CN", "zh-CN", "zh"), ("en-GB", "en", "en")]
)
def test_the_bare_address_is_the_overview_in_the_browsers_language(
    watch: Watch, locale: str, tag: str, language: str
) -> None:
    watched = watch(locale=locale)
    watched.open("")
    texts = catalogue("en" if language == "en" else "zh")
    assert watched.page.get_by_role("heading", name=texts["page.overview"]).count() >= 1
    assert watched.page.evaluate("document.documentElement.lang") == tag
    watched.page.locator('[data-testid="stSidebar"] a').nth(1).click()
    watched.page.wait_for_url("**/tickets?**")
    watched.settle()
    assert watched.page.get_by_role("heading", name=texts["page.tickets"]).count() >= 1
    watched.page.locator('[data-testid="stSidebar"] a').first.click()
    watched.page.wait_for_url("**/overview?**")
    assert watched.faults == []


def test_a_switch_changes_the_page_and_is_remembered(watch: Watch) -> None:
    watched = watch(locale="en-GB")
    page = watched.page
    watched.open("tickets")
    page.get_by_role("button", name=catalogue("en")["language.other"], exact=True).click()
    page.wait_for_url("**lang=zh**")
    watched.settle()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert english_words(page) == []
    watched.open("calls")
    assert page.get_by_role("heading", name=catalogue("zh")["page.calls"]).count() >= 1
    page.get_by_role("button", name=catalogue("zh")["language.other"], exact=True).click()
    page.wait_for_url("**lang=en**")
    watched.settle()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("section[aria-label=Sidebar]").count() == 1, "English again"


@pytest.mark.parametrize(
    "opened",
    [
        '[data-testid="stSelectbox"] input',
        '[data-testid="stMultiSelect"] input',
        '[data-testid="stTextInput"] input',
        '[data-testid="stTextArea"] textarea',
        '[data-testid="stNumberInput"] input',
        '[data-testid="stDateInputCalendarButton"] >> nth=0',
        '[data-testid="stDateInputCalendarButton"] >> nth=1',
        '[data-testid="stPopover"] button',
    ],
)
def test_no_english_is_left_in_an_open_widget(watch: Watch, widgets: str, opened: str) -> None:
    """In an English browser: what Streamlit takes from the browser must follow the page."""
    watched = watch(locale="en-GB", address=widgets)
    watched.open("?lang=zh")
    assert english_words(watched.page) == []
    watched.page.locator(opened).first.click()
    watched.page.wait_for_timeout(500)
    assert english_words(watched.page) == []
    if "input" in opened or "textarea" in opened:
        watched.page.keyboard.type("9")
        watched.page.wait_for_timeout(500)
        assert english_words(watched.page) == []
    assert watched.faults == []


def test_no_english_is_left_around_a_table(watch: Watch, widgets: str) -> None:
    watched = watch(locale="en-GB", address=widgets)
    watched.open("?lang=zh")
    frame = watched.page.locator('[data-testid="stDataFrame"]')
    frame.hover()
    _open_column_menu(watched)
    assert watched.page.get_by_text(catalogue("zh")["builtin.ascending"]).count() == 1
    assert english_words(watched.page) == []


def _open_column_menu(watched: Watched) -> None:
    canvas = watched.page.locator('[data-testid="stDataFrame"] canvas').first
    box = canvas.bounding_box()
    assert box is not None
    watched.page.mouse.click(box["x"] + box["width"] - 12, box["y"] + 17)
    watched.page.wait_for_timeout(500)


def test_a_page_that_does_not_exist_is_refused_in_chinese(watch: Watch) -> None:
    watched = watch()
    watched.open("nowhere?lang=zh")
    dialog = watched.page.get_by_role("dialog")
    dialog.wait_for()
    assert catalogue("zh")["builtin.page_not_found"] in dialog.inner_text()
    assert english_words(watched.page, ["nowhere"]) == []


def test_every_built_in_text_is_streamlits(streamlit_source: str) -> None:
    """A text that a new version says otherwise would stay English unseen."""
    composed = {
        "Choose date, {month}": "`Choose date`",
        "Choose date range, {month}": "`Choose date range`",
        **{f"{field}, {{label}}": f"{field}:" for field in ("year", "month", "day")},
        "Press Enter to apply": "Press Enter to ",
        "Press Enter to submit form": "Press Enter to ",
        "Press Ctrl+Enter to apply": "+Enter to ",
        "Press ⌘+Enter to apply": "+Enter to ",
        "{count} option available.": " option`",
        "{count} options available.": " options`",
    }
    unknown = []
    for key, text in catalogue("en").items():
        if not key.startswith("builtin."):
            continue
        pieces = [composed[text]] if text in composed else _pieces(text)
        unknown += [text for piece in pieces if piece not in streamlit_source]
    assert unknown == []


def _pieces(text: str) -> list[str]:
    """What stands between the values of a text, and its sentences."""
    return [p for part in re.split(r"\{\w+\}", text) for p in part.split(". Running") if p.strip()]


@pytest.fixture(scope="module")
def streamlit_source() -> str:
    scripts = (Path(file_util.get_static_dir()) / "static" / "js").glob("*.js")
    return "\n".join(path.read_text(encoding="utf-8") for path in scripts)
