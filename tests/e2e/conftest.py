"""Fixtures of the browser tests: a dashboard on the published snapshot, and a browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browser import CHROMIUM, FLAGS, Watched
from tests.e2e.serving import serving

Watch = Callable[..., Watched]


@pytest.fixture(scope="session")
def server(published_home: Path) -> Iterator[str]:
    """Address of a dashboard on the published snapshot."""
    with serving("dashboards/server.py", published_home) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of a file: while it is open, nothing else may run an event loop."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def watch(browser: Browser, server: str) -> Iterator[Watch]:
    """Opens watched pages of the dashboard (or of another server) and closes them."""
    opened: list[Watched] = []

    def open_watched(
        width: int = 1440, locale: str = "zh-CN", address: str | None = None
    ) -> Watched:
        opened.append(Watched(browser, address or server, width, locale))
        return opened[-1]

    yield open_watched
    for page in opened:
        page.close()
