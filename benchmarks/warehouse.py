"""What the night costs after ingestion: business days, dbt build, marts gate, publishing.

`python -m benchmarks.warehouse [--tickets 1000000] [--calls 2000000] [--home /tmp/...]` makes a raw
store (kept in the home, so that a second run only builds), runs the steps as child processes and
prints seconds, CPU seconds and peak memory of each, the slowest models and tests, and the spill.
"""

import argparse
import csv
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.raw_rows import AS_OF, SPAN_DAYS, START, TEAMS, TENANT, write_raw_store
from pipelines.contracts import load_contracts
from pipelines.ingest import ensure_empty_raw
from pipelines.settings import PROJECT_DIR, Settings
from pipelines.warehouse.dbt import dbt_executable, dbt_variables, export_environment, target_dir
from pipelines.warehouse.snapshots import current_snapshot

# Zone, set of holidays, hours per weekday (Monday first; 24-hour days where there is one entry).
_OFFICE = ["09:00-12:00 13:30-18:00"] * 5
_SHOP = ["10:00-22:00"] * 7
_SCHEDULES: list[tuple[str, str, list[str]]] = [
    ("Asia/Shanghai", "CN", _OFFICE),
    ("Asia/Shanghai", "", ["00:00-24:00"] * 7),
    ("Asia/Shanghai", "", ["18:00-30:00"] * 7),
    ("Asia/Shanghai", "", _SHOP),
    ("Asia/Kathmandu", "", ["10:00-17:00"] * 5),
    ("Asia/Kolkata", "", ["09:30-13:00 14:00-18:30"] * 6),
    ("America/New_York", "US_FEDERAL", _OFFICE),
    ("America/Los_Angeles", "US_FEDERAL", ["08:00-17:00"] * 5),
    ("Europe/Berlin", "", ["08:00-12:00 13:00-17:00"] * 5 + ["09:00-13:00"]),
    ("Australia/Adelaide", "", ["08:30-17:00"] * 5),
    ("Asia/Jerusalem", "", ["07:00-24:00"] * 5 + ["07:00-14:00", "20:00-24:00"]),
    ("America/St_Johns", "", ["22:00-30:00"] * 5),
]
# Metric, priority, tier, seconds, hours, pausing statuses.
_POLICIES = [
    *(("first_reply", p, "", s, "business", "") for p, s in (("p1", 1800), ("p2", 3600))),
    *(("first_reply", p, "", s, "business", "") for p, s in (("p3", 14400), ("p4", 28800))),
    ("first_reply", "p3", "A", 7200, "business", ""),
    ("next_reply", "", "", 14400, "business", ""),
    *(("resolution", p, "", s, "business", "pending") for p, s in (("p1", 14400), ("p2", 28800))),
    *(("resolution", p, "", s, "business", "pending") for p, s in (("p3", 57600), ("p4", 144000))),
    ("resolution", "p3", "A", 28800, "calendar", "pending on_hold"),
    ("agent_work", "", "", 43200, "business", ""),
    ("requester_wait", "", "A", 86400, "calendar", ""),
]


class BenchmarkSettings(Settings):
    """A home with its own copy of the dbt project, so that its seeds can be the benchmark's."""

    @property
    def dbt_dir(self) -> Path:
        return self.home / "dbt_project"


@dataclass(frozen=True)
class Cost:
    """What one step took; memory of its largest process and spill in megabytes.

    `clock` says how many CPU seconds had been used at instants of the wall clock.
    """

    step: str
    wall: float
    cpu: float
    peak: float
    spill: float
    clock: tuple[tuple[float, float], ...] = ()

    def line(self) -> str:
        return (
            f"{self.step:<16}{self.wall:>8.1f} s{self.cpu:>8.1f} CPU s"
            f"{self.peak:>8.0f} MB peak{self.spill:>8.0f} MB spilled"
        )

    def cpu_between(self, start: float, end: float) -> float:
        """CPU seconds used between two instants; what a busy machine does not stretch."""
        instants, used = zip(*self.clock, strict=True)
        at_start, at_end = np.interp([start, end], instants, used)
        return float(at_end - at_start)


def measured(settings: Settings, step: str, function: Callable[[], object]) -> Cost:
    """The cost of a function in a process of its own."""
    started = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        _run_and_exit(function)
    spill = 0.0
    clock = [(time.time(), 0.0)]
    while True:
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            break
        spill = max(spill, _megabytes(settings.build_path.parent / "spill"))
        clock.append((time.time(), _cpu_of(pid)))
        time.sleep(0.05)
    wall = time.perf_counter() - started
    if status:
        raise SystemExit(f"{step} failed; see {settings.home}/dbt/console.log")
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(step, wall, cpu, usage.ru_maxrss / 1024, spill, (*clock, (time.time(), cpu)))


def _run_and_exit(function: Callable[[], object]) -> None:
    try:
        function()
    except BaseException as error:  # noqa: BLE001 - the child must never return to the caller
        sys.stderr.write(f"{error!r}\n")
        os._exit(1)
    os._exit(0)


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(folder: Path) -> float:
    total = 0
    for file in folder.glob("*") if folder.exists() else ():
        try:
            total += file.stat().st_blocks * 512
        except FileNotFoundError:
            continue
    return total / 1e6


def prepare(settings: Settings, tickets: int, calls: int, schedules: int) -> None:
    """The raw store, where it is missing, and the present dbt project with our seeds."""
    contracts = load_contracts(PROJECT_DIR / "data_contracts")
    done = settings.home / "raw_is_complete"
    if not done.exists():
        shutil.rmtree(settings.home / "raw", ignore_errors=True)
        settings.home.mkdir(parents=True, exist_ok=True)
        write_raw_store(settings.home, contracts, tickets, calls)
        done.touch()
    # the extracts without rows bring the columns of the present contracts to an older store
    for empty in settings.raw_dir.glob("*/source=_none"):
        shutil.rmtree(empty)
    ensure_empty_raw(settings, contracts)
    shutil.rmtree(settings.dbt_dir, ignore_errors=True)
    shutil.copytree(PROJECT_DIR / "dbt_project", settings.dbt_dir)
    _write_seeds(settings.dbt_dir / "seeds", schedules)


def _write_seeds(seeds: Path, schedules: int) -> None:
    for number, (zone, holidays, week) in enumerate(_SCHEDULES[:schedules]):
        name = f"bench_{number}"
        label = {"label": name, "label_zh": name, "timezone": zone, "holiday_set": holidays}
        _append(seeds / "calendars.csv", {"calendar_id": name} | label)
        for iso_dow, hours in enumerate(week, start=1):
            for piece in hours.split():
                opens, closes = piece.split("-")
                row = {"iso_dow": str(iso_dow), "opens": opens, "closes": closes}
                _append(seeds / "calendar_weekly_hours.csv", {"calendar_id": name} | row)
    for team in range(TEAMS):
        row = {"tenant": TENANT, "team_id": f"t{team}", "calendar_id": f"bench_{team % schedules}"}
        _append(seeds / "calendar_assignments.csv", row)
    for number, (metric, priority, tier, seconds, basis, pausing) in enumerate(_POLICIES):
        row = {"policy_id": f"bench_{number}", "tenant": TENANT, "metric": metric}
        row |= {"priority": priority, "customer_tier": tier, "target_seconds": str(seconds)}
        row |= {"hours_basis": basis, "pausing_statuses": pausing}
        _append(seeds / "sla_policies.csv", row)


def _append(seed: Path, row: dict[str, str]) -> None:
    with seed.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    with seed.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, header, restval="", lineterminator="\n").writerow(row)


def build(settings: Settings) -> list[Cost]:
    """The steps of a night after ingestion, each measured."""
    export_environment(settings)
    settings.build_path.parent.mkdir(parents=True, exist_ok=True)
    variables = settings.home / "dbt_variables.json"

    def calendars() -> None:
        from pipelines.orchestration.warehouse_assets import CALENDAR_RESERVE
        from pipelines.warehouse.calendars import write_business_days

        first = date.fromisoformat(START[:10])
        start, end = first - timedelta(days=1), first + timedelta(days=SPAN_DAYS) + CALENDAR_RESERVE
        pieces = write_business_days(settings, start, end)
        variables.write_text(dbt_variables(datetime.fromisoformat(AS_OF), pieces))

    def gate() -> None:
        from pipelines.quality.marts_gate import gate_marts

        if any(verdict.blocks for verdict in gate_marts(settings, "benchmark")):
            raise SystemExit("the marts gate blocks this build")

    def publish() -> None:
        from pipelines.warehouse.audit import audit_tables
        from pipelines.warehouse.snapshots import publish_snapshot

        as_of = datetime.fromisoformat(AS_OF).replace(tzinfo=UTC)
        manifest = (target_dir(settings) / "semantic_manifest.json").read_text(encoding="utf-8")
        publish_snapshot(
            settings,
            "benchmark",
            as_of,
            audit_tables(settings, load_contracts(settings.contracts_dir), as_of),
            manifest,
        )

    costs = [measured(settings, "business days", calendars)]
    for file in settings.build_path.parent.glob("*.duckdb*"):
        file.unlink()
    arguments = ["build", "--exclude-resource-type", "unit_test", "--vars", variables.read_text()]
    costs.append(measured(settings, "dbt build", lambda: _dbt(settings, arguments)))
    return [*costs, measured(settings, "marts gate", gate), measured(settings, "publish", publish)]


def _dbt(settings: Settings, arguments: Sequence[str]) -> None:
    console = settings.home / "dbt" / "console.log"
    console.parent.mkdir(exist_ok=True)
    os.dup2(os.open(console, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), 1)
    os.chdir(settings.dbt_dir)
    os.execv(dbt_executable(), [dbt_executable(), *arguments, "--profiles-dir", "."])  # noqa: S606


@dataclass(frozen=True)
class Node:
    """One seed, model or test of the build."""

    id: str
    wall: float
    cpu: float


def _nodes(settings: Settings, dbt: Cost) -> list[Node]:
    run: dict[str, Any] = json.loads((target_dir(settings) / "run_results.json").read_text())
    nodes = []
    for result in run["results"]:
        spans = [
            dbt.cpu_between(*(_epoch(timing[key]) for key in ("started_at", "completed_at")))
            for timing in result["timing"]
        ]
        nodes.append(Node(result["unique_id"], float(result["execution_time"]), sum(spans)))
    return sorted(nodes, key=lambda node: -node.cpu)


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def ticket_models(settings: Settings) -> set[str]:
    """The marts of tickets, SLA and backlog, and every model they are made from."""
    manifest = json.loads((target_dir(settings) / "manifest.json").read_text())
    marts = ("fct_ticket", "fct_sla", "fct_backlog")
    wanted = [key for key in manifest["nodes"] if key.split(".")[-1].startswith(marts)]
    found: set[str] = set()
    while wanted:
        node = wanted.pop()
        if node.startswith("model.") and node not in found:
            found.add(node)
            wanted += manifest["parent_map"][node]
    return found


def report(settings: Settings, costs: Sequence[Cost], tickets: int, slowest: int) -> list[str]:
    """The lines a benchmark prints."""
    nodes = _nodes(settings, next(cost for cost in costs if cost.step == "dbt build"))
    of_tickets = ticket_models(settings)
    wall, cpu = sum(cost.wall for cost in costs), sum(cost.cpu for cost in costs)
    groups = {
        f"{kind}s": [node for node in nodes if node.id.startswith(f"{kind}.")]
        for kind in ("seed", "model", "test")
    } | {"models of tickets": [node for node in nodes if node.id in of_tickets]}
    return [
        *(cost.line() for cost in costs),
        f"{'together':<16}{wall:>8.1f} s{cpu:>8.1f} CPU s"
        f"{max(c.peak for c in costs):>8.0f} MB peak, {1e6 * wall / tickets:.0f} µs a ticket",
        f"working file {settings.working_path.stat().st_size / 1e6:.0f} MB, snapshot "
        f"{current_snapshot(settings).path.stat().st_size / 1e6:.0f} MB",
        *(
            f"{len(group):>4} {name:<20}{sum(n.wall for n in group):>8.1f} s"
            f"{sum(n.cpu for n in group):>8.1f} CPU s"
            for name, group in groups.items()
        ),
        *(_slowest("models", groups["models"][:slowest])),
        *(_slowest("tests", groups["tests"][:slowest])),
    ]


def _slowest(name: str, nodes: Sequence[Node]) -> list[str]:
    return [f"slowest {name}"] + [
        f"{node.wall:>8.2f} s{node.cpu:>8.2f} CPU s  {node.id.split('.')[2]}" for node in nodes
    ]


def main() -> None:
    """Make the store where it is missing, build, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--schedules", type=int, default=len(_SCHEDULES))
    parser.add_argument("--calls", type=int, help="twice the tickets; 0: no surveys either")
    parser.add_argument("--slowest", type=int, default=10)
    parser.add_argument("--home", type=Path)
    given = parser.parse_args()
    calls = 2 * given.tickets if given.calls is None else given.calls
    home = given.home or Path(f"/tmp/kpi-benchmark-{given.tickets}-{calls}")  # noqa: S108
    settings = BenchmarkSettings(home=home)
    prepared = measured(
        settings,
        "raw rows",
        lambda: prepare(settings, given.tickets, calls, given.schedules),
    )
    costs = build(settings)
    lines = [
        f"{given.tickets:,} tickets, {calls:,} calls, {given.schedules} schedules, {home}",
        prepared.line(),
    ]
    lines += report(settings, costs, given.tickets, given.slowest)
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
