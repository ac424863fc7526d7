"""Makes the README's pictures from a running dashboard: docs/images/<page>-<language>.png.

Run it while `kpi dashboard` is running: `python docs/screenshots.py http://127.0.0.1:8501`.
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parent / "images"
CHROMIUM = "/usr/bin/chromium"
PAGES = ("overview", "tickets", "calls", "satisfaction", "teams", "data", "dictionary")
SIZE = {"width": 1440, "height": 1000}


def main(address: str) -> None:
    """Photograph the top of every page in both languages."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
        for path in PAGES:
            for language in ("zh", "en"):
                page.goto(f"{address}/{path}?lang={language}")
                page.wait_for_selector('[data-test-script-state="notRunning"]')
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(1_500)  # until charts have been drawn
                page.screenshot(path=IMAGES / f"{path}-{language}.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8501")
