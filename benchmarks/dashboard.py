"""Prints how long a reader waits: first load of each page, then a change of filter.

It serves the snapshot of `make demo` itself: `python benchmarks/dashboard.py`.
A wait ends when the script has run and the browser has drawn: no animation is waited for.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

PROJECT_DIR = Path(__file__).resolve().parents[1]
PORT = 8650
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


@contextmanager
def demo_dashboard() -> Iterator[str]:
    """The dashboard of `make demo`, served for the time of the measurement."""
    home = PROJECT_DIR / "data" / "demo"
    if not (home / "snapshots" / "current.json").exists():
        sys.exit("There is no demonstration to measure: run `make demo DETACH=1` first.")
    kpi = str(Path(sys.executable).with_name("kpi"))
    server = subprocess.Popen(
        [kpi, "dashboard", "--port", str(PORT)],
        env=os.environ | {"KPI_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(5)
        yield f"http://127.0.0.1:{PORT}"
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    with demo_dashboard() as address:
        main(address)
