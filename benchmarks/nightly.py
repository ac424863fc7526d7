"""Prints what a night costs: simulated tickets through to the published snapshot, twice.

The first night reads everything, the second finds nothing new. `python benchmarks/nightly.py
--tickets 200000`. Peak memory is that of the nightly process and of its largest child (dbt).
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def timed(arguments: list[str], home: str) -> tuple[float, float]:
    """Wall seconds of a `kpi` command, and peak memory so far of any child in megabytes."""
    kpi = str(Path(sys.executable).with_name("kpi"))
    started = time.perf_counter()
    subprocess.run([kpi, *arguments], env=os.environ | {"KPI_HOME": home}, check=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return time.perf_counter() - started, peak


def main(tickets: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as home:
        steps = {
            "simulate": ["simulate", "--tickets", str(tickets)],
            "first night": ["nightly"],
            "second night, nothing new": ["nightly"],
        }
        lines = [f"{tickets:,} simulated tickets"]
        for name, arguments in steps.items():
            seconds, peak = timed(arguments, home)
            lines.append(f"{name:<28}{seconds:>8.1f} s   peak so far {peak:>7.0f} MB")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tickets", type=int, default=200_000)
    main(parser.parse_args().tickets)
