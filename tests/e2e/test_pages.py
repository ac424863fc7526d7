"""Pages in a real browser on a published snapshot of the simulated company.

Each page × language, and in it each theme and width: no console error, no foreign request, no
exception, no raw key, no English left over in the Chinese page, nothing wider than the screen,
figures of cards side by side, no defect of accessibility.
"""

import re

import pytest
from playwright.sync_api import expect

from dashboards.i18n import LANGUAGES, Language, catalogue
from dashboards.navigation import PAGES
from dashboards.web.language import TAGS
from tests.e2e.accessibility import defects
from tests.e2e.browser import MARKS, Theme, Watched
from tests.e2e.conftest import Watch
from tests.e2e.leftovers import english_words
from tests.e2e.test_explore import COPY_MS
from tests.unit.dashboards.fake_store import read_metrics

pytestmark = MARKS
KPI = "first_reply_business_p50"
TICKET = "demo:T00000006"  # the simulator makes the same tickets every time
# Parts of pages that open by choice; the first of each page opens with it.
SECTIONS = (
    *(f"tickets?tab={tab}" for tab in ("speed", "sla", "quality")),
    *(f"calls?tab={tab}" for tab in ("hours", "handling", "staffing")),
    *(f"satisfaction?tab={tab}" for tab in ("servqual", "voices", "places")),
    f"kpi?m={KPI}&by=team",
    f"record?id=ticket:{TICKET}",
)
LOOKS: tuple[tuple[Theme, int], ...] = (
    ("light", 1440),
    ("dark", 1440),
    ("dark", 390),
    ("light", 390),
)


_FIGURES_OF_CARDS = """() => {
  const grids = [...document.querySelectorAll('[data-testid=stGrid]')];
  const top = (element) => Math.round(element.getBoundingClientRect().top);
  return [...document.querySelectorAll('[class*=st-key-card_]')].map((card) => [
    grids.indexOf(card.closest('[data-testid=stGrid]')),
    top(card),
    top(card.querySelector('[data-testid=stMetricValue]')),
  ]);
}"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", [*(page.path for page in PAGES), *SECTIONS])
def test_page(watch: Watch, path: str, language: Language) -> None:
    watched = watch()
    watched.open(f"{path}{'&' if '?' in path else '?'}lang={language}")
    if path == "sql":
        expect(watched.page.get_by_role("textbox")).to_be_visible(timeout=COPY_MS)
        watched.settle()
    if TICKET in path:
        assert watched.page.get_by_text(TICKET).count() > 0
    _has_no_fault_in_its_texts(watched, path, language)
    for theme, width in LOOKS:
        watched.look(theme, width)
        look = re.sub(r"\W+", "-", f"{path}-{language}-{theme}-{width}")
        watched.keep_picture(look)
        _fits(watched, look)
        _has_cards_in_step(watched, look)
        assert defects(watched.page) == [], look
    assert watched.faults == []


def _has_no_fault_in_its_texts(watched: Watched, path: str, language: Language) -> None:
    page = watched.page
    failed = page.locator('[data-testid="stException"], [data-testid="stAlertContentError"]')
    assert failed.count() == 0
    assert page.evaluate("document.documentElement.lang") == TAGS[language]
    text = page.inner_text('[data-testid="stMain"]')
    assert set(re.findall(r"[a-z]+\.[a-z_0-9]+", text)) & catalogue("en").keys() == set()
    if language == "zh":
        assert english_words(page, _english_names(path)) == []


def _english_names(path: str) -> list[str]:
    """The dictionary has both names of every KPI; where a definition comes from has one."""
    metrics = read_metrics()
    if path == "dictionary":
        return [metric.label for metric in metrics.values()]
    return [metrics[KPI].source] if KPI in path else []


def _fits(watched: Watched, look: str) -> None:
    """Charts take a while to follow the window; what is still too wide then stays so."""
    for _ in range(20):
        width, visible = watched.page.evaluate(
            "() => {const m = document.querySelector('[data-testid=stMain]');"
            " return [m.scrollWidth, m.clientWidth]}"
        )
        if width <= visible:
            return
        watched.page.wait_for_timeout(250)
    raise AssertionError(f"{look} is {width} px wide, the screen {visible}")


def _has_cards_in_step(watched: Watched, look: str) -> None:
    """In a row of cards all figures begin at one height, however long the names are."""
    rows: dict[tuple[int, int], set[int]] = {}
    for grid, top, figure in watched.page.evaluate(_FIGURES_OF_CARDS):
        rows.setdefault((grid, top), set()).add(figure)
    assert [row for row in rows.values() if max(row) - min(row) > 1] == [], look


def test_filters_stay_when_the_page_and_the_language_change(watch: Watch) -> None:
    watched = watch()
    page = watched.page
    watched.open("tickets?lang=zh&site=demo:mall&p=last_month")
    page.get_by_role("link", name=catalogue("zh")["page.calls"], exact=True).click()
    page.wait_for_url("**/calls?**")
    watched.settle()
    assert "site=demo%3Amall" in page.url
    assert "p=last_month" in page.url
    page.get_by_role("button", name=catalogue("zh")["language.other"], exact=True).click()
    page.wait_for_url("**lang=en**")
    watched.settle()
    assert "site=demo%3Amall" in page.url
    assert page.get_by_role("heading", name=catalogue("en")["page.calls"]).count() >= 1
    assert watched.faults == []
