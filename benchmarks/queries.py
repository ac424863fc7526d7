"""How fast the semantic layer answers: every KPI by month and team, on a snapshot of any size.

`python -m benchmarks.queries [--home /tmp/kpi-benchmark-1000000-all] [--repeats 5] [--metric NAME]`
asks the snapshot that `benchmarks.warehouse` published there, or that of `KPI_HOME` or `make demo`.
Compiling (once per question and process) and answering are printed apart; the first answer of each
question is not counted, as it reads the file. CPU beside the wall clock tells a slow query from a
busy machine.
"""

import argparse
import os
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from pipelines.metrics import open_store
from pipelines.metrics.store import MetricStore
from pipelines.settings import PROJECT_DIR, Settings


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one question."""

    metric: str
    first: float
    median: float
    slowest: float
    cpu: float
    rows: int

    def line(self) -> str:
        return (
            f"{self.metric:<52}{self.median:>8.0f}{self.slowest:>8.0f}{self.cpu:>8.0f}"
            f"{self.first:>8.0f}{self.rows:>8,}"
        )


def ask(store: MetricStore, metric: str, repeats: int) -> Timing:
    """Time one question; by team where the metric knows teams."""
    by = [d for d in ("team",) if d in store.metrics[metric].dimensions]
    walls, cpus, rows = [], [], 0
    for _ in range(repeats + 1):
        store._answer.cache_clear()  # a dashboard would not ask again
        wall, cpu = time.perf_counter(), time.process_time()
        rows = store.query([metric], by, "month").frame.height
        walls.append(1000 * (time.perf_counter() - wall))
        cpus.append(1000 * (time.process_time() - cpu))
    counted = walls[1:]
    return Timing(
        metric,
        walls[0],
        statistics.median(counted),
        max(counted),
        statistics.median(cpus[1:]),
        rows,
    )


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def main() -> None:
    """Ask everything, slowest first."""
    parser = argparse.ArgumentParser(description=__doc__)
    demo = Path(os.environ.get("KPI_HOME", PROJECT_DIR / "data" / "demo"))
    parser.add_argument("--home", type=Path, default=demo)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--metric", action="append")
    given = parser.parse_args()
    started = time.perf_counter()
    store = open_store(Settings(home=given.home))
    opened = time.perf_counter() - started
    names = given.metric or sorted(store.metrics)
    timings = [ask(store, name, given.repeats) for name in names]
    timings.sort(key=lambda timing: -timing.median)
    medians = [timing.median for timing in timings]
    cpus = [timing.cpu for timing in timings]
    lines = [
        f"opened in {opened:.1f} s; {len(names)} KPIs by month and team, {given.repeats} times",
        f"{'':<52}{'median':>8}{'slowest':>8}{'CPU':>8}{'first':>8}{'rows':>8}  (milliseconds)",
        *(timing.line() for timing in timings),
    ]
    for label, values in (("answers", medians), ("CPU of answers", cpus)):
        lines.append(
            f"{label}: p50 {_quantile(values, 0.5):.0f} ms, p95 {_quantile(values, 0.95):.0f} ms, "
            f"max {max(values):.0f} ms; {sum(v > 300 for v in values)} over 300 ms"
        )
    firsts = [timing.first - timing.median for timing in timings]
    lines.append(
        f"compiling and reading the first time: p50 {_quantile(firsts, 0.5):.0f} ms, "
        f"p95 {_quantile(firsts, 0.95):.0f} ms"
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
