"""Verdicts of suites as rows: kept per suite in the home, published in `audit.expectations`."""

from dataclasses import asdict, dataclass
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


def _directory(settings: Settings) -> Path:
    return settings.home / "quality"


def write_verdicts(settings: Settings, suite: str, verdicts: list[Verdict]) -> None:
    """Keep a suite's newest verdicts, in place of its older ones."""
    directory = _directory(settings)
    directory.mkdir(parents=True, exist_ok=True)
    draft = directory / f".{suite}.draft"
    pl.DataFrame([asdict(v) for v in verdicts], schema=SCHEMA).write_parquet(draft)
    draft.replace(directory / f"{suite}.parquet")


def read_verdicts(settings: Settings) -> pl.DataFrame:
    """The newest verdicts of all suites."""
    files = sorted(_directory(settings).glob("*.parquet"))
    if not files:
        return pl.DataFrame(schema=SCHEMA)
    return pl.concat([pl.read_parquet(file) for file in files])
