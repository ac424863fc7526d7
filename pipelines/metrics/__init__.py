"""The semantic layer's client: metric + filters → frame with value, numerator, denominator.

Dashboards, reports and the command line ask here and nowhere else. No KPI is defined in
this package: definitions come from the snapshot's own semantic manifest.
"""

from pipelines.errors import AccessError, NoSnapshotError, QueryError
from pipelines.metrics.model import Member, Metric, MetricResult, Snapshot
from pipelines.metrics.scoped import ScopedStore, open_scoped
from pipelines.metrics.store import MetricStore, open_store

__all__ = [
    "AccessError",
    "Member",
    "Metric",
    "MetricResult",
    "MetricStore",
    "NoSnapshotError",
    "QueryError",
    "ScopedStore",
    "Snapshot",
    "open_scoped",
    "open_store",
]
