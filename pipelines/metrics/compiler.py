"""Metric request → SQL, by MetricFlow, from the semantic manifest of one snapshot.

MetricFlow numbers its plan nodes globally, so that compiling is serialised by a lock.
"""

import re
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlClient, SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantic_interfaces.type_enums.dimension_type import DimensionType
from metricflow_semantic_interfaces.type_enums.metric_type import MetricType
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

from pipelines.errors import QueryError
from pipelines.metrics.compiled import CompiledQueries, CompiledQuery, Request, open_compiled
from pipelines.metrics.model import Metric

_LOCK = threading.Lock()
# Time columns of marts are days already; cut to days again, DuckDB cannot skip what lies outside
# the days asked for (half the time of a question on 10 M calls).
_DAY_OF_A_DAY = re.compile(r"DATE_TRUNC\('day', ((?:\w+\.)?\w+)\)")
_TEXTS = (
    *("label_zh", "question", "question_zh", "family", "unit", "direction", "hours_basis"),
    *("time_basis", "time_basis_zh", "population", "population_zh", "numerator", "numerator_zh"),
    *("denominator", "denominator_zh", "exclusions", "exclusions_zh", "null_rule"),
    *("null_rule_zh", "owner", "owner_zh", "source"),
)


class _DuckDbDialect:
    """The part of MetricFlow's SQL client that compiling needs; it never connects."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()


@lru_cache(maxsize=2)
def compiler_of(manifest_json: str, folder: Path) -> "Compiler":
    """The compiler of a manifest; snapshots that define the same share it and what it compiled.

    What was compiled is kept in the folder, for the next process.
    """
    return Compiler(manifest_json, open_compiled(folder, manifest_json, Path(__file__)))


class Compiler:
    """Compiles requests against one semantic manifest."""

    def __init__(self, manifest_json: str, compiled: CompiledQueries | None = None) -> None:
        with _LOCK:
            manifest = parse_manifest_from_dbt_generated_manifest(manifest_json)
            self._engine = MetricFlowEngine(
                semantic_manifest_lookup=SemanticManifestLookup(manifest),
                sql_client=cast(SqlClient, _DuckDbDialect()),
            )
            listed = self._engine.list_metrics()
        self._compiled = compiled or CompiledQueries()
        self._models = {
            m.name: tuple(sorted(r.semantic_model_name for r in m.semantic_models)) for m in listed
        }
        self._paths: dict[str, dict[str, str]] = {
            m.name: {
                d.name: d.dunder_name
                for d in m.dimensions
                if d.type is DimensionType.CATEGORICAL and len(d.entity_links) <= 1
            }
            for m in listed
        }
        self.metrics: dict[str, Metric] = {
            m.name: self._metric(m)
            for m in listed
            if m.config is not None and m.config.meta.get("kpi")
        }

    def _metric(self, definition: Any) -> Metric:
        meta = definition.config.meta
        missing = [key for key in (*_TEXTS, "requirement") if not meta.get(key)]
        if missing:
            raise QueryError(
                f"metric {definition.name}: its meta lacks {', '.join(missing)}. If they stand in "
                "dbt_project/models/semantic, this snapshot is older than they are: run "
                "`kpi nightly`. If not, add them there."
            )
        numerator: str | None = definition.name
        denominator: str | None = meta.get("n_metric")
        if definition.type is MetricType.RATIO:
            numerator = definition.type_params.numerator.name
            denominator = definition.type_params.denominator.name
        elif denominator is not None:
            numerator = None  # a percentile has rows behind it, but no numerator
        return Metric(
            name=definition.name,
            label=definition.label or definition.name,
            requirement=tuple(meta["requirement"]),
            dimensions=tuple(sorted(self._paths[definition.name])),
            numerator_metric=numerator,
            denominator_metric=denominator,
            **{key: meta.get(key) for key in ("n_metric", "low_metric", "high_metric", "interval")},
            **{key: str(meta[key]) for key in _TEXTS},
        )

    def parts(self, name: str) -> list[str]:
        """A KPI and the metrics it is made of."""
        metric = self.metrics[name]
        counted = (name, metric.numerator_metric, metric.denominator_metric, metric.n_metric)
        found = (*counted, metric.low_metric, metric.high_metric)
        return [part for part in found if part is not None]

    def groups(self, metrics: Sequence[str]) -> list[list[str]]:
        """Split metrics into groups that one query can answer: same semantic models."""
        by_models: dict[tuple[str, ...], list[str]] = {}
        for name in metrics:
            if name not in self.metrics:
                raise QueryError(
                    f"metric '{name}' does not exist; `kpi query --list` prints those that do."
                )
            by_models.setdefault(self._models[name], []).append(name)
        return list(by_models.values())

    def compile(self, request: Request) -> CompiledQuery:
        """Compile metrics of one group; raises QueryError for an unknown dimension."""
        known = self._compiled.get(request)
        if known is not None:
            return known
        with _LOCK:
            # another reader may have waited for the lock with the same request
            known = self._compiled.get(request) or self._compile(request)
            self._compiled.keep(request, known)
            return known

    def _compile(self, request: Request) -> CompiledQuery:
        paths = {
            name: self._path(request.metrics, name) for name in (*request.by, *request.filtered)
        }
        parts = [part for name in request.metrics for part in self.parts(name)]
        group_by = [paths[name] for name in request.by]
        if request.grain is not None:
            group_by.insert(0, f"metric_time__{request.grain}")
        filters = [
            f"$members_{place} IS NULL OR "
            f"list_contains($members_{place}, {{{{ Dimension('{paths[name]}') }}}})"
            for place, name in enumerate(request.filtered)
        ]
        if request.has_days:
            day = "{{ TimeDimension('metric_time', 'day') }}"
            filters += [f"$start IS NULL OR {day} >= $start", f"$end IS NULL OR {day} <= $end"]
        query = MetricFlowQueryRequest.create(
            metric_names=list(dict.fromkeys(parts)),
            group_by_names=group_by,
            where_constraints=filters,
        )
        return CompiledQuery(
            sql=_DAY_OF_A_DAY.sub(r"\1", self._engine.explain(query).sql_statement.sql),
            group_columns={paths[name]: name for name in request.by}
            | ({f"metric_time__{request.grain}": "period"} if request.grain else {}),
        )

    def _path(self, metrics: Sequence[str], dimension: str) -> str:
        for name in metrics:
            if dimension not in self._paths[name]:
                raise QueryError(
                    f"metric '{name}' has no dimension '{dimension}'; it has "
                    f"{', '.join(self.metrics[name].dimensions)}."
                )
        return self._paths[metrics[0]][dimension]
