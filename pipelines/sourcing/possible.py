"""Which KPIs an extract makes possible: found by building the warehouse of it alone.

Evidence instead of a list of needs, which would be a second home of what the models know. Not
here: what a KPI means (its `meta`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pipelines.contracts import Contracts
from pipelines.ingest import ensure_empty_raw, read_ledger
from pipelines.metrics import Metric, MetricStore
from pipelines.settings import Settings
from pipelines.warehouse.audit import cut_off, event_span
from pipelines.warehouse.calendars import write_business_days
from pipelines.warehouse.dbt import build_models, dbt_variables, target_dir
from pipelines.warehouse.snapshots import current_snapshot, publish_snapshot

FAMILIES = {
    "ticket": "tickets",
    "ticket_event": "tickets",
    "call": "calls",
    "agent_state": "calls",
    "survey_answer": "satisfaction",
    "survey_response": "satisfaction",
    "survey_invitation": "satisfaction",
}
# Targets that still run at the cut-off are due later: the calendars reach past it.
_RESERVE = timedelta(days=90)


@dataclass(frozen=True)
class Kpi:
    """A metric, its first value over all rows, and how many things it rests on.

    `value` is None where the rows cannot say it, or a privacy rule hides it.
    """

    metric: Metric
    value: float | None
    sample: float | None

    @property
    def is_possible(self) -> bool:
        """A count of nothing is no evidence that anything can be counted."""
        if self.metric.unit == "count":
            return bool(self.value)
        return self.value is not None or bool(self.sample)


def possible_kpis(
    home: Settings,
    contracts: Contracts,
    entities: Sequence[str],
    on_progress: Callable[[str], None],
) -> list[Kpi]:
    """Every KPI of the entities' families, asked of a warehouse built of what lies in `home`."""
    on_progress("building a warehouse of these rows alone (half a minute) …")
    store = build_alone(home, contracts)
    families = {FAMILIES[name] for name in entities if name in FAMILIES}
    kpis: list[Kpi] = []
    for family in sorted(families):
        metrics = [m for m in store.metrics.values() if m.family == family]
        on_progress(f"asking {len(metrics)} KPIs of {family} …")
        frame = store.query([m.name for m in metrics]).frame
        row = frame.row(0, named=True) if frame.height else {}
        kpis += [Kpi(m, row.get(m.name), row.get(f"{m.name}__n")) for m in metrics]
    return kpis


def build_alone(home: Settings, contracts: Contracts) -> MetricStore:
    """The published snapshot of what lies in a home, from its own rows only."""
    ensure_empty_raw(home, contracts)
    ledger = read_ledger(home)
    as_of = cut_off(ledger)
    start, end = event_span(ledger, as_of)
    pieces = write_business_days(home, start, end + _RESERVE)
    build_models(home, dbt_variables(as_of, pieces))
    manifest = (target_dir(home) / "semantic_manifest.json").read_text(encoding="utf-8")
    publish_snapshot(home, "dry-run", as_of, {}, manifest)
    return MetricStore(current_snapshot(home), home)
