"""Makes the README's pictures from a running dashboard: docs/screenshots/<name>-<language>.png.

Run it while `kpi dashboard` shows the demonstration: `python docs/take_screenshots.py
http://127.0.0.1:8501`.
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parent / "screenshots"
CHROMIUM = "/usr/bin/chromium"
WIDE, PHONE = {"width": 1440, "height": 1100}, {"width": 390, "height": 844}
# Name, address, size of the window, theme.
PICTURES = (
    ("overview", "overview?p=last_month", WIDE, "light"),
    ("tickets", "tickets?p=last_month&tab=sla", WIDE, "light"),
    ("calls", "calls?tab=hours", WIDE, "light"),
    ("satisfaction", "satisfaction?tab=servqual&p=last_13w", WIDE, "light"),
    ("teams", "teams?p=last_4w", WIDE, "dark"),
    ("kpi", "kpi?m=sla_met_ratio&p=last_month&by=service", WIDE, "light"),
    ("phone", "overview?p=last_month", PHONE, "dark"),
)


def main(address: str) -> None:
    """Photograph the top of the pages in both languages."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        for name, path, size, theme in PICTURES:
            page = browser.new_page(viewport=size, color_scheme=theme)  # type: ignore[arg-type]
            for language in ("zh", "en"):
                page.goto(f"{address}/{path}&lang={language}")
                page.wait_for_selector('[data-testid="stSidebar"], h1', state="attached")
                page.wait_for_selector('[data-test-script-state="notRunning"]')
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(1_500)  # until charts have been drawn
                page.screenshot(path=IMAGES / f"{name}-{language}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8501")
