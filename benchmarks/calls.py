"""Times the models of calls: a year of 2 million calls and the states of 120 agents, from raw.

`python -m benchmarks.calls --calls 2000000`.
Prints the seconds of every model dbt says it took and the peak memory of the build.
"""

import argparse
import json
import resource
import tempfile
from datetime import date, datetime
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.contracts import load_contracts
from pipelines.ingest import ensure_empty_raw
from pipelines.settings import Settings
from pipelines.warehouse.calendars import write_business_days
from pipelines.warehouse.dbt import build_models, dbt_variables, target_dir

START, END = date(2025, 1, 1), date(2026, 1, 3)
FIRST_SECOND = int(datetime.fromisoformat("2025-01-01T00:00:00+00:00").timestamp())
SECONDS = 365 * 86_400
AGENTS = 120


def _instants(seconds: np.ndarray) -> pl.Series:
    return pl.Series(seconds * 1_000_000).cast(pl.Datetime("us"))


def _write(home: Path, entity: str, frame: pl.DataFrame) -> None:
    folder = home / "raw" / entity / "source=demo_callcenter" / "extract=0000000000000001"
    folder.mkdir(parents=True)
    technical = {
        "extra": pl.lit(None, pl.String),
        "_tenant": pl.lit("demo"),
        "_extracted_at": pl.lit(datetime(2026, 1, 1)),  # noqa: DTZ001 - raw holds UTC without zone
        "_record": pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
    }
    frame.with_columns(**technical).write_parquet(folder / "accepted.parquet")


def write_calls(home: Path, size: int) -> pl.DataFrame:
    """Random calls, busier by day than by night; a fifth of the callers call again and again."""
    generator = np.random.default_rng(7)
    day = generator.integers(0, 365, size)
    hour = generator.normal(6, 4, size) % 24
    started = FIRST_SECOND + day * 86_400 + (hour * 3_600).astype(np.int64)
    queue = generator.integers(0, 3, size)
    outcome = generator.choice(4, size, p=[0.84, 0.07, 0.085, 0.005])
    answered = outcome == 0
    queues = pl.Series(["consult", "complaint", "it_desk"]).gather(queue)
    calls = pl.DataFrame(
        {
            "call_id": pl.Series(np.arange(size)).cast(pl.String),
            "caller_id": pl.Series((generator.random(size) ** 2 * size / 3).astype(np.int64)).cast(
                pl.String
            ),
            "line_id": pl.Series(["9000", "9000", "8000"]).gather(queue),
            "queue_id": queues,
            "service_id": pl.Series(["hot_consult", "hot_complaint", "it_incident"]).gather(queue),
            "agent_id": pl.Series(generator.integers(0, AGENTS, size)).cast(pl.String),
            "started_at": _instants(started),
            "outcome": pl.Series(["answered", "abandoned", "ivr_only", "failed"]).gather(outcome),
            "wait_seconds": (generator.exponential(20, size)).astype(np.int64),
            "talk_seconds": np.where(answered, generator.exponential(200, size), 0).astype(
                np.int64
            ),
            "hold_seconds": np.where(answered, generator.exponential(9, size), 0).astype(np.int64),
            "wrap_seconds": np.where(answered, generator.exponential(40, size), 0).astype(np.int64),
            "is_transferred": answered & (generator.random(size) < 0.07),
        }
    )
    _write(home, "call", calls)
    return calls


def write_states(home: Path, size: int) -> None:
    """Alternating states, one or two a call, that fill eight hours of every agent's day."""
    generator = np.random.default_rng(8)
    per_day = size // (365 * AGENTS)
    agent, day, number = (
        axis.ravel()
        for axis in np.meshgrid(range(AGENTS), range(365), range(per_day), indexing="ij")
    )
    length = 8 * 3_600 // per_day
    started = FIRST_SECOND + day * 86_400 + 3_600 * (agent % 16) + number * length
    states = pl.DataFrame(
        {
            "state_id": pl.Series(np.arange(len(agent))).cast(pl.String),
            "agent_id": pl.Series(agent).cast(pl.String),
            "line_id": pl.Series(["9000", "8000"]).gather(agent % 2),
            "state": pl.Series(["available", "talk", "wrap"]).gather(
                generator.integers(0, 3, len(agent))
            ),
            "started_at": _instants(started),
            "ended_at": _instants(started + length),
        }
    )
    _write(home, "agent_state", states)


def main() -> None:
    """Make the raw store, build it, print the models of calls by time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2_000_000)
    size = parser.parse_args().calls
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        ensure_empty_raw(settings, load_contracts(settings.contracts_dir))
        write_calls(settings.home, size)
        write_states(settings.home, 2 * size)
        pieces = write_business_days(settings, START, END)
        variables = dbt_variables(datetime.fromisoformat("2026-01-01"), pieces)
        build_models(settings, variables)
        results = json.loads((target_dir(settings) / "run_results.json").read_text())["results"]
    times = sorted(((r["execution_time"], r["unique_id"]) for r in results), reverse=True)
    for seconds, name in times:
        if seconds >= 0.2:
            print(f"{seconds:6.2f} s  {name.split('.')[-1]}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024 / 1024
    print(f"{sum(t for t, _ in times):6.2f} s  all models, {size:,} calls; peak {peak:.1f} GB")


if __name__ == "__main__":
    main()
