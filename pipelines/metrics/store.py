"""One snapshot, opened for reading: metric queries, members and audit tables.

The connection is read-only with the file system shut off. The file is immutable: a new
snapshot is a new file, opened by the next `open_store()`.
"""

import threading
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property, reduce

import duckdb
import polars as pl
from cachetools import LRUCache, cached

from pipelines.errors import QueryError
from pipelines.metrics.compiled import Request
from pipelines.metrics.compiler import compiler_of
from pipelines.metrics.coverage import read_coverage, with_zeros
from pipelines.metrics.explanation import TicketExplanation, explain_ticket
from pipelines.metrics.formula import formula
from pipelines.metrics.histories import History, Kind, read_history
from pipelines.metrics.manifest import SemanticManifest
from pipelines.metrics.model import (
    GRAINS,
    Grain,
    Member,
    Metric,
    MetricResult,
    Snapshot,
    Status,
    Target,
)
from pipelines.metrics.records import Records, RowReader, Selection, distribution_sql
from pipelines.metrics.samples import figure_columns, finished
from pipelines.settings import Settings
from pipelines.warehouse.runs import read_runs
from pipelines.warehouse.snapshots import current_snapshot, open_read_only

AUDIT_TABLES = (
    "extracts", "quarantine", "expectations", "verdicts", "deliveries", "lateness", "runs",
)  # fmt: skip

_SIMULATED = "demo"
_ANSWERS = 1024  # kept per snapshot; an answer is some kilobytes
_TABLES = 64  # whole audit tables and lists of members
_STORES = 2  # the current snapshot, and the one before it for those who still look at it
_OPEN_LOCK = threading.Lock()
_OPEN: dict[str, "MetricStore"] = {}

_Where = tuple[tuple[str, tuple[str, ...]], ...]


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
            for old in list(_OPEN)[:-_STORES]:
                del _OPEN[old]
        return _OPEN[key]


class MetricStore:
    """Reads one snapshot; safe for many threads (a cursor per query)."""

    def __init__(self, snapshot: Snapshot, settings: Settings) -> None:
        self.snapshot = snapshot
        self.timezone = settings.timezone
        self._settings = settings
        self._connection = open_read_only(snapshot.path)
        manifest = self._rows("select manifest from warehouse.reference.semantic_manifest")
        self._compiler = compiler_of(manifest.item(), settings.compiled_dir)
        self._manifest = SemanticManifest(manifest.item())
        self._rows_behind = RowReader(self._manifest)
        # what several readers ask at once is computed once: the others wait for it
        self._answer = cached(LRUCache(_ANSWERS), condition=threading.Condition())(self._ask)
        self._kept = cached(LRUCache(_TABLES), condition=threading.Condition())(self._rows)

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
        members = tuple((name, tuple(chosen)) for name, chosen in (where or {}).items())
        return MetricResult(
            frame=self._answer(tuple(metrics), tuple(by), grain, start, end, members),
            snapshot_id=self.snapshot.id,
            as_of=self.snapshot.as_of,
        )

    def _ask(
        self,
        metrics: tuple[str, ...],
        by: tuple[str, ...],
        grain: Grain | None,
        start: date | None,
        end: date | None,
        where: _Where,
    ) -> pl.DataFrame:
        keys = (["period"] if grain else []) + list(by)
        frames = [
            self._query_group(group, by, grain, start, end, dict(where))
            for group in self._compiler.groups(metrics)
        ]
        joined = reduce(lambda left, right: _join(left, right, keys), frames)
        asked = [self.metrics[name] for name in metrics]
        if grain is not None:
            joined = with_zeros(joined, asked, by, grain, (start, end), self.status.coverage)
        ordered = finished(joined, asked).select(
            keys + [column for name in metrics for column in figure_columns(name)]
        )
        return ordered.sort(keys, nulls_last=True) if keys else ordered

    def _query_group(
        self,
        metrics: Sequence[str],
        by: Sequence[str],
        grain: Grain | None,
        start: date | None,
        end: date | None,
        where: Mapping[str, Sequence[str]],
    ) -> pl.DataFrame:
        # Every dimension they share is a parameter: what is chosen needs no SQL of its own.
        shared = set.intersection(*(set(self.metrics[name].dimensions) for name in metrics))
        filtered = tuple(sorted(shared | set(where)))
        compiled = self._compiler.compile(
            Request(tuple(metrics), tuple(by), grain, filtered, has_days=True)
        )
        parameters: dict[str, object] = {
            f"members_{place}": list(where[name]) if name in where else None
            for place, name in enumerate(filtered)
        }
        parameters |= {"start": start, "end": end}
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

    def records(self, name: str, selection: Selection) -> Records:
        """The rows behind a figure, a page of them, and what all of them add up to."""
        query = self._rows_behind.query(self.metrics[name], selection)
        count, numerator, denominator = self._rows(query.totals, query.parameters).row(0)
        limit = f"{query.rows} limit {selection.limit} offset {selection.offset}"
        return Records(
            query.table, self._rows(limit, query.parameters), count, numerator, denominator
        )

    def distribution(self, name: str, selection: Selection) -> pl.DataFrame:
        """Rows behind a duration by how long they took: `low`, `high` (seconds), `row_count`.

        From the first span that has any to the last.
        """
        query = self._rows_behind.query(self.metrics[name], selection)
        spans = self._rows(distribution_sql(query, self.metrics[name]), query.parameters)
        filled = spans["row_count"].gt(0).arg_true()
        if filled.is_empty():
            return spans.clear()
        return spans[filled[0] : filled[-1] + 1]

    def history(self, kind: Kind, key: str) -> History:
        """One ticket, call or survey response, and what belongs to it."""
        return read_history(self._rows, kind, key)

    def explain_ticket(self, ticket: str, metric: str | None = None) -> TicketExplanation:
        """The ledger of a ticket and the sums over it that are its figures."""
        return explain_ticket(self._rows, ticket, metric)

    def sql(self, name: str) -> str:
        """The SQL that a metric compiles to, of all days and members."""
        return self._compiler.compile(Request((name,))).sql

    def formula(self, name: str) -> str:
        """What a metric is made of, down to the columns of a mart; a line per part."""
        return formula(self._manifest, name)

    @cached_property
    def status(self) -> Status:
        """The state of the snapshot in numbers."""
        extracts, expectations = self.table("extracts"), self.table("expectations")
        unmet = expectations.filter(~pl.col("is_met")).group_by("severity").len()
        return Status(
            is_simulated=extracts["source"].str.starts_with(_SIMULATED).any(),
            checks_count=expectations.height,
            unmet=dict(unmet.iter_rows()),
            refused_count=extracts.filter(pl.col("outcome") == "refused").height,
            coverage=read_coverage(extracts, self.timezone),
        )

    def is_newest(self) -> bool:
        """Whether the pointer still names this snapshot."""
        return current_snapshot(self._settings).id == self.snapshot.id

    def members(self, dimension: str) -> list[Member]:
        """Members of a dimension, by label; unknown codes are shown as they are."""
        frame = self._kept(
            "select dimension, member_key, label, label_zh from warehouse.marts.dim_members "
            "order by label, member_key"
        )
        named = frame.filter(pl.col("dimension") == dimension).drop("dimension")
        return [Member(*row) for row in named.iter_rows()]

    def target(
        self, name: str, day: date, where: Mapping[str, Sequence[str]] | None = None
    ) -> Target | None:
        """What the metric should be on a day; of one member where the filters name just that.

        With other filters there is no target: that of the whole says nothing about a part.
        """
        chosen = {d: list(ids) for d, ids in (where or {}).items()}
        if len(chosen) > 1 or any(len(ids) != 1 for ids in chosen.values()):
            return None
        dimension, member = next(((d, ids[0]) for d, ids in chosen.items()), (None, None))
        found = self._kept("select * from warehouse.reference.kpi_targets").filter(
            pl.col("metric") == name,
            pl.col("dimension").eq_missing(pl.lit(dimension, pl.String)),
            pl.col("member_key").eq_missing(pl.lit(member, pl.String)),
            pl.col("valid_from") <= day,
            pl.col("valid_until").is_null() | (pl.col("valid_until") > day),
        )
        if found.is_empty():
            return None
        newest = found.sort("valid_from").row(-1, named=True)
        return Target(newest["target_value"], newest["valid_from"])

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
        return self._kept(f"select * from warehouse.audit.{name}")

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
