"""How long readers wait: twelve at once, in a real browser, on a published snapshot.

`python -m benchmarks.dashboard [--home data/demo] [--sessions 12] [--rounds 3]` serves the
snapshot, lets every session open a page, go through the navigation and change the period, and
prints p50 and p95 of each kind of wait, the server's memory per session, and how the time of a
script splits into compiling, querying and the rest. A wait ends when the script has run and the
page has been painted.
"""

import argparse
import asyncio
import logging
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from playwright.async_api import Browser, Page, async_playwright

PROJECT_DIR = Path(__file__).resolve().parents[1]
PORT = 8650
CHROMIUM = "/usr/bin/chromium"
PAGES = ("overview", "tickets", "calls", "satisfaction", "teams")
PERIODS = (1, 3, 0, 4, 2)
# To choose what is chosen already changes nothing, and then no script would run.
OTHERS = '[role="option"][aria-selected="false"]'
THINKING_SECONDS = 12.0  # nobody clicks before having looked
# A short script begins and ends between two looks, even between two calls of an observer: what
# the state was before a change tells that it ran.
WATCH = """() => {
  const app = document.querySelector('[data-test-script-state]');
  window.hasRun = new Promise((resolve) => {
    let hasBegun = false;
    new MutationObserver((changes) => {
      hasBegun ||= changes.some((change) => change.oldValue === 'running');
      if (app.dataset.testScriptState === 'running') hasBegun = true;
      else if (hasBegun && app.dataset.testScriptState === 'notRunning') resolve();
    }).observe(app, { attributeFilter: ['data-test-script-state'], attributeOldValue: true });
  });
}"""
HAS_RUN = "() => window.hasRun"
DONE = '[data-test-script-state="notRunning"]'
DRAWN = '[data-testid="stSidebar"] a, [data-testid="stException"]'
PAINTED = "() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))"
Waits = dict[str, list[float]]


async def answered(page: Page, act: Callable[[], Awaitable[None]]) -> float:
    """Seconds from what the reader does until the script has run and has been painted."""
    await page.evaluate(WATCH)
    started = time.perf_counter()
    await act()
    await page.evaluate(HAS_RUN)
    await page.evaluate(PAINTED)
    return time.perf_counter() - started


async def session(
    browser: Browser,
    address: str,
    number: int,
    rounds: int,
    waits: Waits,
    all_open: asyncio.Barrier,
) -> None:
    """One reader: opens, then goes to a page and changes its period, again and again.

    Nobody goes on before everybody has opened: starting a browser's page takes seconds of the
    processors that the server has, here.
    """
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    await asyncio.sleep(THINKING_SECONDS * number / 6)
    started = time.perf_counter()
    await page.goto(f"{address}/{PAGES[number % len(PAGES)]}?lang=en")
    # a script that has not begun is not running either
    await page.wait_for_selector(DRAWN, timeout=120_000)
    await page.wait_for_selector(DONE, timeout=120_000)
    await page.evaluate(PAINTED)
    waits["first load"].append(time.perf_counter() - started)
    await all_open.wait()
    await asyncio.sleep(THINKING_SECONDS * number / all_open.parties)
    for turn in range(rounds):
        await asyncio.sleep(THINKING_SECONDS)
        target = PAGES[(number + turn + 1) % len(PAGES)]
        link = page.locator(f'[data-testid="stSidebar"] a[href^="{target}?"]').first
        waits["navigation"].append(await answered(page, link.click))
        await asyncio.sleep(THINKING_SECONDS)
        await page.locator('[data-testid="stSidebar"] [data-testid="stSelectbox"]').first.click()
        choice = page.locator(OTHERS).nth(PERIODS[(number + turn) % len(PERIODS)])
        await choice.wait_for()
        waits["filter change"].append(await answered(page, choice.click))
    await page.close()


async def measure(address: str, sessions: int, rounds: int) -> Waits:
    """Waits in seconds by kind."""
    waits: Waits = defaultdict(list)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        all_open = asyncio.Barrier(sessions)
        readers = (
            session(browser, address, number, rounds, waits, all_open) for number in range(sessions)
        )
        await asyncio.gather(*readers)
        await browser.close()
    return waits


@contextmanager
def served(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The dashboard of a home, for the time of the measurement."""
    if not (home / "snapshots" / "current.json").exists():
        sys.exit(f"{home} has nothing to show: run `make demo DETACH=1` first.")
    kpi = str(Path(sys.executable).with_name("kpi"))
    server = subprocess.Popen(
        [kpi, "dashboard", "--port", str(PORT)],
        env=os.environ | {"KPI_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(8)
        yield server
    finally:
        server.terminate()
        server.wait()


def memory(server: subprocess.Popen[bytes]) -> float:
    """Megabytes that the server holds."""
    for line in Path(f"/proc/{server.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the server has gone")


def processor_seconds(server: subprocess.Popen[bytes]) -> float:
    """Processor time that the server has taken."""
    # the name of a process may have spaces, but ends with the last bracket
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def script_shares(home: Path) -> list[str]:
    """Seconds of a page's script by what it does, new and again, without a browser."""
    os.environ["KPI_HOME"] = str(home)
    logging.disable(logging.WARNING)  # Streamlit says that no browser is there
    from streamlit.testing.v1 import AppTest

    from pipelines.metrics.compiler import Compiler
    from pipelines.metrics.store import MetricStore

    spent: dict[str, float] = defaultdict(float)

    def timed(kind: str, work: Any) -> Any:
        def run(*arguments: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return work(*arguments, **named)
            finally:
                spent[kind] += time.perf_counter() - started

        return run

    lines = ["script of a page     new: all  compile   query | again: all  compile   query (s)"]
    with (
        patch.object(Compiler, "compile", timed("compile", Compiler.compile)),
        patch.object(MetricStore, "_rows", timed("query", MetricStore._rows)),
    ):
        for path in PAGES:
            line = f"{path:<18}"
            for _ in range(2):
                app = AppTest.from_file(
                    str(PROJECT_DIR / "dashboards" / "app.py"), default_timeout=120
                )
                app.query_params["lang"] = "en"
                spent.clear()
                started = time.perf_counter()
                app.run()  # the bare address leads to the overview
                if path != PAGES[0]:
                    spent.clear()
                    started = time.perf_counter()
                    app.switch_page(f"views/{path}.py").run()
                whole = time.perf_counter() - started
                line += f"{whole:>11.2f}{spent['compile']:>9.2f}{spent['query']:>8.2f}  "
            lines.append(line)
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=PROJECT_DIR / "data" / "demo")
    parser.add_argument("--sessions", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    home = given.home.resolve()
    with served(home) as server:
        before, taken = memory(server), processor_seconds(server)
        waits = asyncio.run(measure(f"http://127.0.0.1:{PORT}", given.sessions, given.rounds))
        after, taken = memory(server), processor_seconds(server) - taken
    lines = [f"{given.sessions} sessions on {home}"]
    for kind, seconds in waits.items():
        middle, worst = np.quantile(seconds, [0.5, 0.95])
        lines.append(f"{kind:<14} p50 {middle:5.2f} s  p95 {worst:5.2f} s  ({len(seconds)} waits)")
    lines.append(
        f"server: {after:.0f} MB, {(after - before) / given.sessions:.0f} MB a session more, "
        f"{taken / sum(map(len, waits.values())):.2f} s of a processor a wait"
    )
    sys.stdout.write("\n".join(lines + script_shares(home)) + "\n")


if __name__ == "__main__":
    main()
