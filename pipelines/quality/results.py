"""Verdicts as rows: those of the marts suite, and the history of those on extracts.

Published in `audit.expectations` (the newest of every suite) and `audit.verdicts` (every rule on
every extract, since the first).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path

import polars as pl

from pipelines.settings import Settings

SCHEMA: dict[str, type[pl.DataType]] = {
    "suite": pl.String,
    "expectation": pl.String,
    "column_name": pl.String,
    "severity": pl.String,
    "is_met": pl.Boolean,
    "observed": pl.String,
    "element_count": pl.Int64,
    "unexpected_count": pl.Int64,
    "run_id": pl.String,
}


@dataclass(frozen=True)
class Verdict:
    """What one expectation of one suite found; severity is `error` or `warn`."""

    suite: str
    expectation: str
    column_name: str | None
    severity: str
    is_met: bool
    observed: str | None
    element_count: int | None
    unexpected_count: int | None
    run_id: str

    @property
    def blocks(self) -> bool:
        return not self.is_met and self.severity == "error"

    def sentence(self) -> str:
        """The verdict as a person reads it."""
        subject = f"{self.suite}.{self.column_name}" if self.column_name else self.suite
        found = self.observed or f"{self.unexpected_count} of {self.element_count} unexpected"
        return f"{subject}: {self.expectation} ({self.severity}): {found}"


@dataclass(frozen=True)
class ExtractVerdict:
    """What one rule found in one extract: `found` against the band from `low` to `high`."""

    source: str
    entity: str
    extract_id: str
    rule: str
    column_name: str | None
    severity: str
    is_met: bool
    found: float
    low: float | None
    high: float | None
    run_id: str
    judged_at: datetime

    @property
    def blocks(self) -> bool:
        return not self.is_met and self.severity == "error"

    def sentence(self) -> str:
        """The verdict as a person reads it."""
        subject = f"{self.rule} of {self.column_name}" if self.column_name else self.rule
        sides = [f"{word} {limit:.6g}" for word, limit in self._limits()]
        return f"{subject} ({self.severity}): {self.found:.6g}, expected {' and '.join(sides)}"

    def _limits(self) -> list[tuple[str, float]]:
        limits = (("at least", self.low), ("at most", self.high))
        return [(word, limit) for word, limit in limits if limit is not None]


_TYPES: dict[str, type[pl.DataType]] = {
    "is_met": pl.Boolean,
    "found": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}
EXTRACT_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    field.name: _TYPES.get(field.name, pl.String) for field in fields(ExtractVerdict)
} | {"judged_at": pl.Datetime("us")}


def _directory(settings: Settings) -> Path:
    return settings.home / "quality"


def write_verdicts(settings: Settings, suite: str, verdicts: list[Verdict]) -> None:
    """Keep a suite's newest verdicts, in place of its older ones."""
    frame = pl.DataFrame([asdict(v) for v in verdicts], schema=SCHEMA)
    _write(frame, _directory(settings) / f"{suite}.parquet")


def add_extract_verdicts(settings: Settings, verdicts: Sequence[ExtractVerdict]) -> None:
    """Append to the history of one source × entity; the file is replaced as a whole."""
    path = _directory(settings) / "extracts" / f"{verdicts[0].source}.{verdicts[0].entity}.parquet"
    added = pl.DataFrame([asdict(v) for v in verdicts], schema=EXTRACT_SCHEMA)
    _write(pl.concat([pl.read_parquet(path), added]) if path.exists() else added, path)


def _write(frame: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.stem}.draft")
    frame.write_parquet(draft)
    draft.replace(path)


def read_extract_verdicts(settings: Settings) -> pl.DataFrame:
    """Every verdict on every extract, in the order in which they were judged."""
    files = sorted((_directory(settings) / "extracts").glob("*.parquet"))
    frames = [pl.read_parquet(file) for file in files]
    return pl.concat([pl.DataFrame(schema=EXTRACT_SCHEMA), *frames]).sort(
        "judged_at", maintain_order=True
    )


def read_verdicts(settings: Settings) -> pl.DataFrame:
    """The newest verdicts of all suites; those on extracts are counted per rule."""
    files = sorted(_directory(settings).glob("*.parquet"))
    frames = [pl.read_parquet(file) for file in files]
    newest = _newest(read_extract_verdicts(settings))
    return pl.concat([pl.DataFrame(schema=SCHEMA), newest, *frames])


def _newest(verdicts: pl.DataFrame) -> pl.DataFrame:
    """One row per rule of the last judging of each source × entity."""
    last = pl.col("judged_at") == pl.col("judged_at").max().over("source", "entity")
    unmet = ~pl.col("is_met")
    return (
        verdicts.filter(last)
        .group_by("source", "entity", "rule", "column_name", "severity", maintain_order=True)
        .agg(
            pl.col("is_met").all(),
            pl.lit(None, pl.String).alias("observed"),
            pl.len().cast(pl.Int64).alias("element_count"),
            unmet.sum().cast(pl.Int64).alias("unexpected_count"),
            pl.col("run_id").first(),
        )
        .select(
            pl.format("{}.{}", "source", "entity").alias("suite"),
            pl.col("rule").alias("expectation"),
            *(name for name in SCHEMA if name not in ("suite", "expectation")),
        )
    )
