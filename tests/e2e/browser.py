"""A browser page that remembers what went wrong, for all browser tests.

Set KPI_SCREENSHOTS to a folder to keep a picture of every page in every look.
"""

import os
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
Theme = Literal["light", "dark"]
# Streamlit's own look for its base path; it answers a deep link's two guesses with 404.
_PROBES = ("/_stcore/health", "/_stcore/host-config")
MARKS = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists(),
        reason="no Chromium: apt-get install -y chromium fonts-noto-cjk",
    ),
    # Playwright's own event loop leaves sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Watched:
    """A browser page that remembers what went wrong; `locale` is the browser's language."""

    def __init__(
        self, browser: Browser, server: str, width: int = 1440, locale: str = "zh-CN"
    ) -> None:
        self.server = server
        self.faults: list[str] = []
        self.allowed_origins: tuple[str, ...] = (server,)
        context = browser.new_context(viewport={"width": width, "height": 900}, locale=locale)
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        self.page.on("request", lambda request: self._foreign(request.url))
        self.page.on("response", lambda answer: self._failed(answer.status, answer.url))
        self.page.on("console", lambda line: self._console(line.type, line.text))

    def close(self) -> None:
        self.page.context.close()

    def open(self, path: str) -> None:
        self.page.goto(f"{self.server}/{path}")
        self.settle()

    def settle(self) -> None:
        """Wait until the script has run, the network is quiet and charts have been drawn."""
        # A script that has not begun is not running either; every page has a title.
        self.page.wait_for_selector('[data-testid="stHeading"]', timeout=60_000)
        self._wait_until_still()
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(800)
        # The browser may have told its size or zone meanwhile, and the script began anew.
        self._wait_until_still()

    def _wait_until_still(self) -> None:
        self.page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=60_000)

    def look(self, theme: Theme, width: int) -> None:
        """Change the theme of the system and the width of the window."""
        self.page.emulate_media(color_scheme=theme)
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.wait_for_timeout(700)

    def keep_picture(self, name: str) -> None:
        """A picture of the whole page, where KPI_SCREENSHOTS says where."""
        if folder := os.environ.get("KPI_SCREENSHOTS"):
            height = self.page.evaluate(
                "() => document.querySelector('[data-testid=stMain]').scrollHeight"
            )
            size = self.page.viewport_size or {"width": 1440, "height": 900}
            self.page.set_viewport_size({"width": size["width"], "height": height})
            self.page.wait_for_timeout(500)
            self.page.screenshot(path=Path(folder) / f"{name}.png")
            self.page.set_viewport_size(size)

    def _foreign(self, url: str) -> None:
        if not url.startswith((*self.allowed_origins, "data:", "blob:")):
            self.faults.append(f"request to {url}")

    def _failed(self, status: int, url: str) -> None:
        is_probe = url.endswith(_PROBES) and not url.startswith(f"{self.server}/_stcore")
        if status >= 400 and not is_probe:
            self.faults.append(f"{status} {url}")

    def _console(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:
            self.faults.append(f"console: {text}")
