"""Pages in a real browser on a published snapshot of the simulated company.

Each page × language × width: no console error, no foreign request, no exception, no raw key,
no English left over in the Chinese page, nothing wider than the screen.
"""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from dashboards.i18n import LANGUAGES, catalogue
from dashboards.navigation import PAGES
from pipelines.settings import PROJECT_DIR
from tests.unit.dashboards.fake_store import read_metrics

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
# Streamlit's own look for its base path; it answers a deep link's two guesses with 404.
PROBES = re.compile(r"/[a-z]+/_stcore/(health|host-config)$")
# Names that are not translated: standards, identifiers, queues, the other language's button.
ENGLISH_NAMES = re.compile(
    r"English|consult|complaint|SERVQUAL|NPS|SLA|UCI|Boston|Technion|SFO|APP|App|IT|ID|GX"
    r"|P\d+|n(?= ?=)"
    r"|[a-z]+_[a-z_0-9]+|[0-9a-f]{8}|\w+:\w+|\w+\.\w+"
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists(),
        reason="no Chromium: apt-get install -y chromium fonts-noto-cjk",
    ),
    # Playwright's own event loop leaves sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def server(published_home: Path) -> Iterator[str]:
    """Address of a dashboard on the published snapshot."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "dashboards/app.py"]
    process = subprocess.Popen(
        [*command, "--server.port", str(port)],
        cwd=PROJECT_DIR,
        env=os.environ | {"KPI_HOME": str(published_home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urlopen(f"{address}/_stcore/health", timeout=1).close()  # noqa: S310
                break
            except URLError:
                time.sleep(0.25)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield chromium
        chromium.close()


class Watched:
    """A browser page that remembers what went wrong."""

    def __init__(self, browser: Browser, server: str, width: int) -> None:
        self.server = server
        self.faults: list[str] = []
        self.page: Page = browser.new_page(viewport={"width": width, "height": 900})
        self.page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        self.page.on("request", lambda request: self._foreign(request.url))
        self.page.on("response", lambda answer: self._failed(answer.status, answer.url))
        self.page.on("console", lambda line: self._console(line.type, line.text))

    def open(self, path: str) -> None:
        self.page.goto(f"{self.server}/{path}")
        self.settle()

    def settle(self) -> None:
        """Wait until the script has run, the network is quiet and charts have been drawn."""
        self.page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=60_000)
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_selector('[data-testid="stSidebar"]', state="attached")
        self.page.wait_for_timeout(800)

    def _foreign(self, url: str) -> None:
        if not url.startswith((self.server, "data:", "blob:")):
            self.faults.append(f"request to {url}")

    def _failed(self, status: int, url: str) -> None:
        if status >= 400 and not PROBES.search(url):
            self.faults.append(f"{status} {url}")

    def _console(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:
            self.faults.append(f"console: {text}")


@pytest.fixture(params=[1440, 390])
def watched(request: pytest.FixtureRequest, browser: Browser, server: str) -> Iterator[Watched]:
    page = Watched(browser, server, request.param)
    yield page
    page.page.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", [page.path for page in PAGES])
def test_page(watched: Watched, path: str, language: str) -> None:
    watched.open(f"{path}?lang={language}")
    page = watched.page
    text = page.inner_text('[data-testid="stMain"]')
    assert watched.faults == []
    assert (
        page.locator('[data-testid="stException"], [data-testid="stAlertContentError"]').count()
        == 0
    )
    assert set(re.findall(r"[a-z]+\.[a-z_0-9]+", text)) & catalogue("en").keys() == set()
    width, visible = page.evaluate(
        "() => {const m = document.querySelector('[data-testid=stMain]');"
        " return [m.scrollWidth, m.clientWidth]}"
    )
    assert width <= visible, "the page is wider than the screen"
    if language == "zh":
        if path == "dictionary":  # it has both names of every KPI
            for label in sorted((m.label for m in read_metrics().values()), key=len)[::-1]:
                text = text.replace(label, "")
        without_names = ENGLISH_NAMES.sub("", text)
        assert re.findall(r"[A-Za-z]{2,}", without_names) == []


def test_filters_stay_when_the_page_and_the_language_change(browser: Browser, server: str) -> None:
    watched = Watched(browser, server, 1440)
    watched.open("tickets?lang=zh&site=demo:mall&p=last_month")
    watched.page.get_by_role("link", name=catalogue("zh")["page.calls"], exact=True).click()
    watched.page.wait_for_url("**/calls?**")
    watched.settle()
    assert "site=demo%3Amall" in watched.page.url
    assert "p=last_month" in watched.page.url
    watched.page.get_by_role("button", name=catalogue("zh")["language.other"], exact=True).click()
    watched.page.wait_for_url("**lang=en**")
    watched.settle()
    assert "site=demo%3Amall" in watched.page.url
    assert watched.page.get_by_role("heading", name=catalogue("en")["page.calls"]).count() >= 1
    assert watched.faults == []
    watched.page.close()


def test_the_bare_address_leads_to_the_overview_in_chinese(browser: Browser, server: str) -> None:
    watched = Watched(browser, server, 1440)
    watched.open("")
    watched.page.wait_for_url("**/overview**")
    watched.settle()
    assert watched.page.get_by_role("heading", name=catalogue("zh")["page.overview"]).count() >= 1
    assert watched.faults == []
    watched.page.close()
