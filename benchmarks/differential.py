"""How often the marts say what an independent implementation says, on many random tickets.

    python benchmarks/differential.py [--tickets 36000] [--schedules 12] [--seed 1]

Builds a random company (tests/reference) with the project's models and compares every cell of the
ticket marts with plain Python written from the definitions. Prints one line per mart and KPI:
cells compared, cells different, rows lost, rows doubled. Exits with 1 where anything differs.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.reference.company import FIRST_DAY, LAST_DAY, build_marts, prepare_home
from tests.reference.compare import KEYS, Comparison, compare, reference_of
from tests.reference.histories import AS_OF, histories, write_histories


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=36_000)
    parser.add_argument("--schedules", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        prepare_home(home, given.seed, given.schedules)
        write_histories(home, histories(given.seed, given.tickets))
        started = time.perf_counter()
        build_marts(home, AS_OF, "--exclude-resource-type", "unit_test", "test")
        print(f"build: {time.perf_counter() - started:.1f} s")
        started = time.perf_counter()
        seeds = home / "dbt_project" / "seeds"
        reference = reference_of(home, seeds, AS_OF, (FIRST_DAY, LAST_DAY))
        warehouse = home / "build" / "warehouse.duckdb"
        results = [result for mart in KEYS for result in compare(warehouse, reference, [mart])]
        print(f"reference and comparison: {time.perf_counter() - started:.1f} s")
    for result in results:
        report(result)
    cells = sum(sum(result.compared.values()) for result in results)
    different = sum(sum(result.different.values()) for result in results)
    print(f"\n{cells:,} cells compared, {different:,} different")
    sys.exit(0 if all(result.is_equal for result in results) else 1)


def report(result: Comparison) -> None:
    rows = max(result.compared.values(), default=0)
    print(
        f"\n{result.mart}: {rows:,} rows compared, {result.lost:,} lost, "
        f"{result.doubled:,} doubled, {result.invented:,} without a reason"
    )
    for column, compared in result.compared.items():
        print(f"  {column:40} {compared:>12,} compared {result.different[column]:>8,} different")
    for sample in result.samples[:10]:
        print(f"    {sample[:300]}")


if __name__ == "__main__":
    main()
