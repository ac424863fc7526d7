"""How long a simulation takes and how much memory it needs at its peak.

    python benchmarks/simulate.py [--tickets 200000] [--months 6]

Prints one JSON line. The extracts go to a temporary folder and are deleted.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from pipelines.simulate import simulate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=200_000)
    parser.add_argument("--months", type=int, default=6)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        wall, cpu = time.perf_counter(), time.process_time()
        truth = simulate(
            home / "landing", home / "truth.json", months=given.months, tickets=given.tickets
        )
        result = {
            "tickets": given.tickets,
            "events": truth["totals"]["events"],
            "calls": truth["totals"]["calls"],
            "files": truth["totals"]["files"],
            "megabytes": round(sum(p.stat().st_size for p in home.rglob("*") if p.is_file()) / 1e6),
            "wall_seconds": round(time.perf_counter() - wall, 1),
            "cpu_seconds": round(time.process_time() - cpu, 1),
            "peak_rss_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
