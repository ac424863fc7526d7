"""One snapshot, opened for reading: metric queries, members and audit tables.

The connection is read-only with the file system shut off. The file is immutable: a new
snapshot is a new file, opened by the next `open_store()`.
"""

import threading
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import reduce

import duckdb
import polars as pl

from pipelines.errors import QueryError
from pipelines.metrics.compiler import Compiler, Request
from pipelines.metrics.explanation import TicketExplanation, explain_ticket
from pipelines.metrics.model import GRAINS, Grain, Member, Metric, MetricResult, Snapshot
from pipelines.metrics.samples import figure_columns, finished
from pipelines.settings import Settings
from pipelines.warehouse.runs import read_runs
from pipelines.warehouse.snapshots import current_snapshot, open_read_only

AUDIT_TABLES = (
    "extracts", "quarantine", "expectations", "verdicts", "deliveries", "lateness", "runs",
)  # fmt: skip

_OPEN_LOCK = threading.Lock()
_OPEN: dict[str, "MetricStore"] = {}


def open_store(settings: Settings | None = None) -> "MetricStore":
    """The store of the current snapshot; raises NoSnapshotError before the first publishing.

    The pointer is read under the lock, so that no thread goes back to an older snapshot.
    """
    with _OPEN_LOCK:
        settings = settings or Settings()
        snapshot = current_snapshot(settings)
        key = str(snapshot.path)
        if key not in _OPEN:
            _OPEN[key] = MetricStore(snapshot, settings)
        return _OPEN[key]


class MetricStore:
    """Reads one snapshot; safe for many threads (a cursor per query)."""

    def __init__(self, snapshot: Snapshot, settings: Settings) -> None:
        self.snapshot = snapshot
        self.timezone = settings.timezone
        self._settings = settings
        self._connection = open_read_only(snapshot.path)
        manifest = self._rows("select manifest from warehouse.reference.semantic_manifest")
        self._compiler = Compiler(manifest.item())

    @property
    def metrics(self) -> dict[str, Metric]:
        """KPIs by name."""
        return self._compiler.metrics

    def query(
        self,
        metrics: Sequence[str],
        by: Sequence[str] = (),
        grain: Grain | None = None,
        start: date | None = None,
        end: date | None = None,
        where: Mapping[str, Sequence[str]] | None = None,
    ) -> MetricResult:
        """Value, numerator, denominator, n and interval of metrics, by period and dimensions.

        `start` and `end` are days, both included. Metrics of several subjects are asked
        apart and joined on the period and the dimensions.
        """
        if grain is not None and grain not in GRAINS:
            raise QueryError(f"grain '{grain}' does not exist; use one of {', '.join(GRAINS)}.")
        keys = (["period"] if grain else []) + list(by)
        frames = [
            self._query_group(group, by, grain, start, end, where or {})
            for group in self._compiler.groups(metrics)
        ]
        joined = reduce(lambda left, right: _join(left, right, keys), frames)
        ordered = finished(joined, [self.metrics[m] for m in metrics]).select(
            keys + [column for m in metrics for column in figure_columns(m)]
        )
        return MetricResult(
            frame=ordered.sort(keys, nulls_last=True) if keys else ordered,
            snapshot_id=self.snapshot.id,
            as_of=self.snapshot.as_of,
        )

    def _query_group(
        self,
        metrics: Sequence[str],
        by: Sequence[str],
        grain: Grain | None,
        start: date | None,
        end: date | None,
        where: Mapping[str, Sequence[str]],
    ) -> pl.DataFrame:
        compiled = self._compiler.compile(
            Request(
                tuple(metrics), tuple(by), grain, tuple(where), start is not None, end is not None
            )
        )
        parameters: dict[str, object] = {
            f"members_{place}": list(members) for place, members in enumerate(where.values())
        }
        days = {"start": start, "end": end}
        parameters |= {name: day for name, day in days.items() if day is not None}
        frame = self._rows(compiled.sql, parameters)
        columns = [pl.col(path).alias(name) for path, name in compiled.group_columns.items()]
        if grain is not None:
            columns = [c.cast(pl.Date) if c.meta.output_name() == "period" else c for c in columns]
        for name in metrics:
            metric = self.metrics[name]
            for suffix, part in (
                ("", name),
                ("__numerator", metric.numerator_metric),
                ("__denominator", metric.denominator_metric),
                ("__n", metric.sample_metric),
                ("__low", metric.low_metric),
                ("__high", metric.high_metric),
            ):
                value = pl.lit(None) if part is None else pl.col(part)
                columns.append(value.cast(pl.Float64).alias(f"{name}{suffix}"))
        return frame.select(columns)

    def explain_ticket(self, ticket: str, metric: str | None = None) -> TicketExplanation:
        """The ledger of a ticket and the sums over it that are its figures."""
        return explain_ticket(self._rows, ticket, metric)

    def members(self, dimension: str) -> list[Member]:
        """Members of a dimension, by label; unknown codes are shown as they are."""
        frame = self._rows(
            "select member_key, label, label_zh from warehouse.marts.dim_members "
            "where dimension = $dimension order by label, member_key",
            {"dimension": dimension},
        )
        return [Member(*row) for row in frame.iter_rows()]

    def failed_run_started_at(self) -> datetime | None:
        """When the newest run began, if it has ended without publishing; else None.

        Read from the run log, not from the snapshot: a run that fails publishes nothing.
        """
        runs = read_runs(self._settings)
        if runs.is_empty() or runs["status"][0] in ("published", "running"):
            return None
        return datetime.fromisoformat(runs["started_at"][0])

    def table(self, name: str) -> pl.DataFrame:
        """An audit table, whole: one of AUDIT_TABLES."""
        if name not in AUDIT_TABLES:
            raise QueryError(f"audit table '{name}' does not exist; use {', '.join(AUDIT_TABLES)}.")
        return self._rows(f"select * from warehouse.audit.{name}")

    def _rows(self, sql: str, parameters: Mapping[str, object] | None = None) -> pl.DataFrame:
        cursor = self._connection.cursor()
        try:
            frame: pl.DataFrame = cursor.sql(sql, params=parameters or None).pl()
            return frame
        except duckdb.Error as error:
            raise QueryError(f"the snapshot {self.snapshot.id} cannot answer: {error}") from error
        finally:
            cursor.close()


def _join(left: pl.DataFrame, right: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    if not keys:
        return pl.concat([left, right], how="horizontal")
    return left.join(right, on=keys, how="full", coalesce=True, nulls_equal=True)
