"""What one reader sees of one snapshot: the only place where roles and scopes are applied.

Every page, export and drill asks here. The scope joins the filters of each question; what a
metric cannot be asked for within the scope is refused, never answered for more.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl

from pipelines.errors import AccessError, QueryError
from pipelines.metrics.access import Reader
from pipelines.metrics.access_log import Action, count_access, note_access, read_access
from pipelines.metrics.histories import History, Kind
from pipelines.metrics.model import Grain, Member, Metric, MetricResult, Snapshot, Status, Target
from pipelines.metrics.records import Records, Selection
from pipelines.metrics.samples import HIDDEN_SAMPLE, without_small_groups
from pipelines.metrics.store import MetricStore, open_store
from pipelines.settings import Settings

Where = Mapping[str, Sequence[str]]
_PERSON = "agent"
_OWN_MEMBERS = ("site", "team", "agent", "service", "customer_tier", "source", "line", "queue")
_WORK = ("tickets_opened_count", "calls_offered_count", "survey_responses_count")


def open_scoped(reader: Reader) -> "ScopedStore":
    """The current snapshot as a reader may see it; raises NoSnapshotError before the first."""
    settings = Settings()
    return ScopedStore(reader, open_store(settings), settings)


@dataclass(frozen=True)
class ScopedStore:
    """A metric store as one reader may use it."""

    reader: Reader
    _store: MetricStore
    _settings: Settings

    @property
    def snapshot(self) -> Snapshot:
        return self._store.snapshot

    @property
    def metrics(self) -> dict[str, Metric]:
        """KPIs by name; their definitions are no secret."""
        return self._store.metrics

    @property
    def timezone(self) -> str:
        return self._store.timezone

    @property
    def status(self) -> Status:
        """State of the snapshot, in numbers that name nobody."""
        return self._store.status

    def failed_run_started_at(self) -> datetime | None:
        return self._store.failed_run_started_at()

    def may_read(self, name: str) -> bool:
        """Whether the metric can be kept within the reader's scope."""
        return set(self.reader.scope) <= set(self.metrics[name].dimensions)

    def may_group_by(self, dimension: str) -> bool:
        """Whether the reader may see figures by the members of a dimension."""
        return dimension != _PERSON or self.reader.role.people != "none"

    def query(
        self,
        metrics: Sequence[str],
        by: Sequence[str] = (),
        grain: Grain | None = None,
        start: date | None = None,
        end: date | None = None,
        where: Where | None = None,
    ) -> MetricResult:
        """As `MetricStore.query`, within the scope; figures of people keep to the role.

        Raises AccessError where the scope or the role does not reach.
        """
        for name in metrics:
            self._check_metric(name)
        within = self._people(self._within(where or {}), by)
        result = self._store.query(metrics, by, grain, start, end, within)
        if _PERSON not in (*by, *within):
            return result
        hidden = without_small_groups(result.frame, [self.metrics[name] for name in metrics])
        return replace(result, frame=hidden)

    def target(self, name: str, day: date, where: Where | None = None) -> Target | None:
        """What the metric should be; within a scope, what its one member should reach."""
        return self._store.target(name, day, self._cut(where or {}))

    def records(self, name: str, selection: Selection) -> Records:
        """The rows behind a figure; of role `own`, the reader's own rows only."""
        if self.reader.role.rows == "none":
            self._refuse(f"role '{self.reader.role.name}' sees figures, not the rows behind them.")
        found = self._store.records(name, self._rows_within(name, selection))
        if self.metrics[name].family == "satisfaction" and 0 < found.row_count < HIDDEN_SAMPLE:
            self._refuse(f"the rows of '{name}' are too few: one could tell who said what.")
        self.note("rows", name, filters=selection.where, row_count=found.row_count)
        return found

    def distribution(self, name: str, selection: Selection) -> pl.DataFrame:
        """How many rows took how long; for every reader who may see the figure."""
        self._check_metric(name)
        within = self._people(self._within(selection.where))
        return self._store.distribution(name, replace(selection, where=within))

    def history(self, kind: Kind, key: str) -> History:
        """One ticket, call or response, if it lies within the scope.

        Raises QueryError where there is none, AccessError where it is not the reader's.
        """
        if self.reader.role.rows == "none":
            self._refuse(f"role '{self.reader.role.name}' sees no single records.")
        found = self._store.history(kind, key)
        outside = [d for d, ids in self.reader.scope.items() if found.members.get(d) not in ids]
        is_foreign = self.reader.role.rows == "own" and (
            found.members.get(_PERSON) != self.reader.agent
        )
        if outside or is_foreign:
            self._refuse(f"{kind} '{key}' is outside your scope.")
        self.note("record", f"{kind}:{found.key}", row_count=1)
        return found

    def members(self, dimension: str) -> list[Member]:
        """Members of a dimension that the reader may name."""
        if not self.may_group_by(dimension):
            return []
        found = self._store.members(dimension)
        allowed = self.reader.scope.get(dimension) or self._seen(dimension)
        return found if allowed is None else [m for m in found if m.id in allowed]

    def _seen(self, dimension: str) -> Container[str] | None:
        """Members of the organisation's own that work within the scope was counted for.

        None: all of them, because there is no scope or because everybody knows them.
        """
        if not self.reader.scope or dimension not in _OWN_MEMBERS:
            return None
        seen: set[str] = set()
        for name in _WORK:
            if dimension in self.metrics[name].dimensions and self.may_read(name):
                seen |= set(self.query([name], by=[dimension]).frame[dimension].drop_nulls())
        return seen

    def table(self, name: str) -> pl.DataFrame:
        """An audit table, for those who may open the page of data quality."""
        if not self.reader.may_open("data"):
            self._refuse(f"role '{self.reader.role.name}' does not see the table '{name}'.")
        return self._store.table(name)

    def accesses(self, most: int) -> tuple[pl.DataFrame, int]:
        """The newest entries of the access log and how many there are, for readers of its page."""
        if not self.reader.may_open("access"):
            self._refuse(f"role '{self.reader.role.name}' does not see who looked at what.")
        return read_access(self._settings, most), count_access(self._settings)

    def sql(self, name: str) -> str:
        """The SQL that a metric compiles to."""
        return self._store.sql(name)

    def formula(self, name: str) -> str:
        """What a metric is made of."""
        return self._store.formula(name)

    def is_newest(self) -> bool:
        """Whether no newer snapshot has been published since this one was opened."""
        return self._store.is_newest()

    def note(
        self,
        action: Action,
        subject: str,
        *,
        filters: Mapping[str, object] | None = None,
        row_count: int | None = None,
    ) -> None:
        """Put into the access log what the reader did."""
        note_access(
            self._settings,
            self.reader,
            action,
            subject,
            filters=filters,
            snapshot_id=self.snapshot.id,
            row_count=row_count,
        )

    def _rows_within(self, name: str, selection: Selection) -> Selection:
        self._check_metric(name)
        within = self._within(selection.where)
        if self.reader.role.rows == "own":
            if _PERSON not in self.metrics[name].dimensions:
                self._refuse(f"the rows of '{name}' belong to nobody in particular.")
            within = within | {_PERSON: [self.reader.agent or ""]}
        return replace(selection, where=within)

    def _check_metric(self, name: str) -> None:
        if name not in self.metrics:
            raise QueryError(f"metric '{name}' does not exist.")
        if not self.may_read(name):
            missing = sorted(set(self.reader.scope) - set(self.metrics[name].dimensions))
            self._refuse(f"metric '{name}' cannot be kept to your {' and '.join(missing)}.")

    def _within(self, where: Where) -> dict[str, Sequence[str]]:
        """The filters cut to the scope; what was asked for beyond it is noted."""
        within = self._cut(where)
        beyond = {d: list(ids) for d, ids in where.items() if list(within[d]) != list(ids)}
        for dimension, chosen in beyond.items():
            self.note("refused", "filter", filters={dimension: chosen})
        return within

    def _cut(self, where: Where) -> dict[str, Sequence[str]]:
        """The filters, each cut to the scope; a member outside it counts as none."""
        scope = self.reader.scope
        chosen = {d: [m for m in ids if m in scope.get(d, ids)] for d, ids in where.items()}
        return {**scope, **chosen}

    def _people(
        self, within: dict[str, Sequence[str]], by: Sequence[str] = ()
    ) -> dict[str, Sequence[str]]:
        """The filters, where a question is about people cut to whom the role may see."""
        if _PERSON not in (*by, *within):
            return within
        if self.reader.role.people == "none":
            self._refuse(f"role '{self.reader.role.name}' sees no figures of single people.")
        if self.reader.role.people == "own":
            return within | {_PERSON: [self.reader.agent or ""]}
        return within

    def _refuse(self, reason: str) -> None:
        self.note("refused", reason)
        raise AccessError(reason)
