"""Without a mouse: every filter and switch is reached, and one sees where one is."""

from dashboards.i18n import catalogue
from tests.e2e.browser import MARKS, Watched
from tests.e2e.conftest import Watch

pytestmark = MARKS
_NAME = """() => {
  const element = document.activeElement;
  return (element.getAttribute('aria-label') || element.innerText || '').trim();
}"""


def test_filters_and_switch_are_reached_by_tab_and_focus_is_seen(watch: Watch) -> None:
    watched = watch()
    watched.open("tickets?lang=zh")
    zh = catalogue("zh")
    wanted = ["page.overview", "page.dictionary", "filters.period", "filters.comparison"]
    wanted += ["dimension.site", "dimension.ticket_type", "filters.reset", "language.other"]
    reached: list[str] = []
    unseen: list[str] = []
    for _ in range(28):
        watched.page.keyboard.press("Tab")
        name = watched.page.evaluate(_NAME)
        reached.append(name)
        is_whole_page = watched.page.evaluate("document.activeElement.matches('main, body')")
        if not is_whole_page and not _is_focus_seen(watched):
            unseen.append(name)
    places = [reached.index(zh[key]) for key in wanted]
    assert places == sorted(places), "in the order in which they are read"
    assert unseen == []


def _is_focus_seen(watched: Watched) -> bool:
    """Whether the element looks otherwise once the focus has left it."""
    watched.page.wait_for_timeout(250)
    box = watched.page.evaluate(
        "() => {const b = document.activeElement.getBoundingClientRect();"
        " return [b.x, b.y, b.width, b.height]}"
    )
    left, top, width, height = box
    clip = {
        "x": max(left - 12, 0),
        "y": max(top - 12, 0),
        "width": width + 24,
        "height": height + 24,
    }
    focused = watched.page.screenshot(clip=clip)  # type: ignore[arg-type]
    watched.page.evaluate("document.activeElement.blur()")
    watched.page.wait_for_timeout(250)
    return focused != watched.page.screenshot(clip=clip)  # type: ignore[arg-type]


def test_a_filter_is_chosen_by_keyboard(watch: Watch) -> None:
    watched = watch()
    watched.open("tickets?lang=zh")
    box = watched.page.get_by_role("combobox", name=catalogue("zh")["filters.period"])
    box.focus()
    watched.page.keyboard.press("ArrowDown")
    watched.page.keyboard.press("ArrowDown")
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_url("**p=*")
    watched.settle()
    assert watched.faults == []
