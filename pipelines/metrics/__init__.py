"""The semantic layer's client: metric + filters → frame with value, numerator, denominator.

Dashboards, reports and the command line ask here and nowhere else. No KPI is defined in
this package: definitions come from the snapshot's own semantic manifest.
"""

from pipelines.errors import NoSnapshotError, QueryError
from pipelines.metrics.model import Member, Metric, MetricResult, Snapshot
from pipelines.metrics.store import MetricStore, open_store

__all__ = [
    "Member",
    "Metric",
    "MetricResult",
    "MetricStore",
    "NoSnapshotError",
    "QueryError",
    "Snapshot",
    "open_store",
]
