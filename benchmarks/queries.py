"""Prints how long each KPI takes by month × team: compiling it, and asking the snapshot.

It asks the snapshot of `make demo`, or that of `KPI_HOME`: `python benchmarks/queries.py`.
Compiling is the first answer's time less a later one's: compiled SQL is kept.
"""

import os
import sys
import time
from pathlib import Path
from statistics import median

from pipelines.metrics import MetricStore, open_store
from pipelines.settings import PROJECT_DIR, Settings

REPEATS = 5
SHOWN = 3


def answered(store: MetricStore, metric: str) -> float:
    """Milliseconds until a metric by month × team, or × its first dimension, has come."""
    dimensions = store.metrics[metric].dimensions
    started = time.perf_counter()
    store.query([metric], by=["team" if "team" in dimensions else dimensions[0]], grain="month")
    return (time.perf_counter() - started) * 1000


def main(home: Path) -> None:
    """Measure and print."""
    store = open_store(Settings(home=home))
    store.query([next(iter(store.metrics))])  # what only the first question of a process pays
    compiling, asking = {}, {}
    for metric in store.metrics:
        first = answered(store, metric)
        asking[metric] = median(answered(store, metric) for _ in range(REPEATS))
        compiling[metric] = first - asking[metric]
    lines = [f"{len(store.metrics)} KPIs by month and team, snapshot {store.snapshot.id}"]
    for title, times in (("compile", compiling), ("query", asking)):
        lines.append(f"{title:<8} median {median(times.values()):.0f} ms, slowest:")
        slowest = sorted(times, key=lambda metric: times[metric], reverse=True)[:SHOWN]
        lines += [f"  {metric:<40}{times[metric]:>7.0f} ms" for metric in slowest]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(Path(os.environ.get("KPI_HOME", PROJECT_DIR / "data" / "demo")))
