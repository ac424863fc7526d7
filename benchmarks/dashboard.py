"""Prints how long a reader waits: first load of each page, then a change of filter.

Run it while `kpi dashboard` is running: `python benchmarks/dashboard.py http://127.0.0.1:8501`.
A wait ends when the script has run and the browser has drawn: no animation is waited for.
"""

import sys
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
PAGES = ("overview", "tickets", "calls", "satisfaction", "data", "dictionary")
RUNNING = '[data-test-script-state="running"]'
DONE = '[data-test-script-state="notRunning"]'


def first_load(page: Page, address: str) -> float:
    """Seconds from entering the address to a drawn page."""
    started = time.perf_counter()
    page.goto(address)
    page.wait_for_selector(DONE, timeout=60_000)
    page.wait_for_load_state("networkidle")
    return time.perf_counter() - started - 0.5  # network idle means half a second of quiet


def filter_change(page: Page, option: int) -> float:
    """Seconds from choosing a period to the end of the script that answers it."""
    page.locator('[data-testid="stSidebar"] [data-testid="stSelectbox"]').first.click()
    choice = page.locator('[role="option"]').nth(option)
    choice.wait_for()
    started = time.perf_counter()
    choice.click()
    page.wait_for_selector(RUNNING, timeout=5_000)
    page.wait_for_selector(DONE, timeout=60_000)
    return time.perf_counter() - started


def main(address: str) -> None:
    """Measure and print."""
    lines = ["page          first load   again   filter change: median, worst (s)"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        for path in PAGES:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            cold = first_load(page, f"{address}/{path}")
            warm = first_load(page, f"{address}/{path}")
            line = f"{path:<14}{cold:>9.2f}{warm:>9.2f}"
            if path not in ("data", "dictionary"):
                changes = [filter_change(page, option) for option in (1, 3, 5, 0, 4, 2)]
                line += f"{median(changes):>12.2f}{max(changes):>8.2f}"
            lines.append(line)
            page.close()
        browser.close()
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8501")
