"""A metric store in memory with the protocol of the real one.

Its KPIs are those of the semantic layer, so that pages are tested on the names they ask for;
its values are made up from a checksum and mean nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from zlib import crc32

import polars as pl
import yaml
from streamlit.testing.v1 import AppTest

from pipelines.errors import QueryError
from pipelines.metrics import Member, Metric, MetricResult, Snapshot
from pipelines.metrics.access import Reader, local_reader
from pipelines.metrics.explanation import ExplainedSum, TicketExplanation
from pipelines.metrics.histories import History, Kind
from pipelines.metrics.model import Coverage, Grain, Status, Target
from pipelines.metrics.records import Records, Selection
from pipelines.metrics.samples import finished

SEMANTIC_DIR = Path(__file__).parents[3] / "dbt_project" / "models" / "semantic"
AS_OF = datetime(2026, 9, 30, 16, 0, tzinfo=UTC)  # midnight after 30 September in Shanghai
FIRST_DAY = date(2026, 4, 1)
OpenPage = Callable[..., AppTest]
_COMMON = ("source", "site", "team", "service", "channel")
_DIMENSIONS = {
    "tickets": (
        *(*_COMMON, "priority", "customer_tier", "ticket_type", "age_bucket", "status", "cause"),
        *("created_hour", "created_weekday", "sla_metric", "used_band"),
    ),
    "calls": (*_COMMON, "line", "queue", "wait_band", "iso_weekday", "half_hour"),
    "satisfaction": (
        *(*_COMMON, "survey", "dimension", "touchpoint", "question", "measure", "answer"),
        "theme",
    ),
}
# Dimensions whose members pages know by their codes.
_CODES = {"iso_weekday": ("1", "2"), "channel": ("phone", "web"), "measure": ("nps", "tag")}
_TEXTS = set(Metric.__dataclass_fields__) - {"dimensions", "name", "requirement"}


def read_metrics(directory: Path = SEMANTIC_DIR) -> dict[str, Metric]:
    """KPIs of the semantic layer's files."""
    found: dict[str, Metric] = {}
    for path in sorted(directory.glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")).get("metrics", []):
            meta = entry.get("config", {}).get("meta", {})
            if meta.get("kpi"):
                texts = {key: str(value) for key, value in meta.items() if key in _TEXTS}
                found[entry["name"]] = Metric(
                    name=entry["name"],
                    label=entry["label"],
                    requirement=tuple(meta["requirement"]),
                    dimensions=_DIMENSIONS[meta["family"]],
                    numerator_metric="part",
                    denominator_metric="whole",
                    **texts,
                )
    return found


class FakeStore:
    """Six months of made-up figures; metrics in `broken` raise when asked."""

    def __init__(self, snapshot_id: str = "fake-1") -> None:
        self.snapshot = Snapshot(
            id=snapshot_id,
            number=1,
            run_id="run-1",
            as_of=AS_OF,
            published_at=AS_OF,
            path=Path("none"),
        )
        self.metrics = read_metrics()
        self.timezone = "Asia/Shanghai"
        self.failed_run: datetime | None = None
        self.broken: set[str] = set()
        self.answers = 120.0
        self.accesses_count = 1
        self.requests: list[dict[str, object]] = []
        self.reader: Reader = local_reader()
        self.unreadable: set[str] = set()
        self.has_news = False
        self.targets = {"sla_met_ratio": 0.5}
        self.noted: list[tuple[str, str]] = []
        self.noted_rows: list[object] = []
        self.status = Status(
            is_simulated=True,
            checks_count=2,
            unmet={"warn": 1},
            refused_count=1,
            coverage={f: Coverage(FIRST_DAY, AS_OF.date()) for f in _DIMENSIONS},
        )

    def is_newest(self) -> bool:
        return not self.has_news

    def may_read(self, name: str) -> bool:
        return name not in self.unreadable

    def may_group_by(self, dimension: str) -> bool:
        return True

    def target(
        self, name: str, day: date, where: Mapping[str, Sequence[str]] | None = None
    ) -> Target | None:
        return Target(self.targets[name], FIRST_DAY) if name in self.targets else None

    def note(self, action: str, subject: str, **facts: object) -> None:
        self.noted.append((action, subject))
        self.noted_rows.append(facts.get("row_count"))

    def accesses(self, most: int) -> tuple[pl.DataFrame, int]:
        found = pl.DataFrame(
            {
                "at": ["2026-10-01T00:00:00.000+00:00"],
                **{name: ["x"] for name in ("reader", "role")},
                "action": ["view"],
                "subject": ["overview"],
                "filters": ["{}"],
                "snapshot_id": ["fake-1"],
                "row_count": [None],
            },
            schema_overrides={"row_count": pl.Int64},
        )
        return found.head(most), self.accesses_count

    def sql(self, name: str) -> str:
        return f"select {name}"

    def formula(self, name: str) -> str:
        return f"{name} = part ÷ whole"

    def records(self, name: str, selection: Selection) -> Records:
        self.requests.append({"records": name, "where": selection.where})
        frame = pl.DataFrame(
            {
                "ticket_key": ["demo:T1", "demo:T2"],
                "ticket_id": ["T1", "T2"],
                "team_key": ["demo:team_1", None],
                "remaining_seconds": [7200, 600],
                "row_day": [AS_OF.date(), AS_OF.date()],
                "row_numerator": [1, 0],
                "row_denominator": [1, 1],
            }
        )
        ordered = frame if selection.smallest is None else frame.sort(selection.smallest)
        return Records("fct_tickets", ordered.head(selection.limit), 2, 1.0, 2.0)

    def distribution(self, name: str, selection: Selection) -> pl.DataFrame:
        return pl.DataFrame({"low": [0, 60], "high": [60, None], "row_count": [3, 4]})

    def history(self, kind: Kind, key: str) -> History:
        if key != "demo:T1":
            raise QueryError(f"{kind} '{key}' is not in the snapshot.")
        facts = {"ticket_id": "T1", "team_key": "demo:team_1", "created_at": AS_OF}
        stretches = pl.DataFrame({"counted_seconds": [60.0, 0.0, 5340.0]})
        sums = [
            ExplainedSum("", "", stretches, 5400.0, stated, subject, "business", state)
            for subject, state, stated in (("first_reply", None, 5400), ("resolution", "met", None))
        ]
        explanation = TicketExplanation(key, pl.DataFrame(), tuple(sums))
        return History(kind, key, facts, {}, explanation)

    def failed_run_started_at(self) -> datetime | None:
        return self.failed_run

    def members(self, dimension: str) -> list[Member]:
        return [
            Member(code, f"{dimension.capitalize()} {i}", f"成员{i}")
            for i, code in enumerate(
                _CODES.get(dimension, (f"demo:{dimension}_1", f"demo:{dimension}_2")), start=1
            )
        ]

    def query(
        self,
        metrics: Sequence[str],
        by: Sequence[str] = (),
        grain: Grain | None = None,
        start: date | None = None,
        end: date | None = None,
        where: Mapping[str, Sequence[str]] | None = None,
    ) -> MetricResult:
        self.requests.append({"metrics": tuple(metrics), "by": tuple(by), "where": where})
        if self.broken & set(metrics):
            raise QueryError("this metric is broken on purpose.")
        places = _periods(grain, max(start or FIRST_DAY, FIRST_DAY), end or AS_OF.date())
        members = list(product(*([m.id for m in self.members(d)] for d in by)))
        rows: list[dict[str, object]] = []
        for period in places:
            for member in members:
                row: dict[str, object] = {"period": period} if grain else {}
                row |= dict(zip(by, member, strict=True))
                for name in metrics:
                    row |= self._values(name, (period, member, str(start), str(where)))
                rows.append(row)
        frame = finished(pl.DataFrame(rows), [self.metrics[name] for name in metrics])
        return MetricResult(frame, self.snapshot.id, self.snapshot.as_of)

    def _values(self, name: str, salt: tuple[object, ...]) -> dict[str, float | None]:
        share = crc32(repr((name, salt)).encode()) / 2**32
        unit = self.metrics[name].unit
        value = {"ratio": share, "count": round(900 * share), "seconds": 9000 * share}.get(
            unit, 5 * share
        )
        return {
            name: value,
            f"{name}__numerator": value * self.answers,
            f"{name}__denominator": self.answers,
            f"{name}__n": self.answers,
            f"{name}__low": None,
            f"{name}__high": None,
        }

    def table(self, name: str) -> pl.DataFrame:
        return _TABLES[name]()


def _periods(grain: Grain | None, start: date, end: date) -> Sequence[date | None]:
    if grain is None:
        return [None]
    days = [start + timedelta(days=i) for i in range((end - start).days + 1)]
    if grain == "day":
        return days
    if grain == "week":
        return sorted({d - timedelta(days=d.weekday()) for d in days})
    return sorted({d.replace(day=1) for d in days})


def _extracts() -> pl.DataFrame:
    def entry(source: str, entity: str, outcome: str, reason: str | None) -> dict[str, object]:
        return {
            "source": source,
            "entity": entity,
            "file": f"{source}/{entity}.csv",
            "outcome": outcome,
            "reason": reason,
            "message": None if reason is None else "[x](https://example.org) is not promised.",
            "rows_read": 100,
            "rows_accepted": 98,
            "rows_quarantined": 2,
            "first_event_at": datetime(2026, 4, 1),  # noqa: DTZ001 (the ledger's instants are naive UTC)
            "last_event_at": datetime(2026, 9, 30),  # noqa: DTZ001
            "ingested_at": datetime(2026, 9, 30, 17),  # noqa: DTZ001
        }

    return pl.DataFrame(
        [
            entry("demo_itsm", "ticket", "loaded", None),
            entry("demo_callcenter", "call", "loaded", None),
            entry("demo_survey", "survey_response", "loaded", None),
            entry("demo_itsm", "ticket", "refused", "missing_column"),
        ],
        schema_overrides={"reason": pl.String, "message": pl.String},
    )


def _quarantine() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "source": ["demo_itsm"],
            "entity": ["ticket"],
            "extract_id": ["0123456789abcdef"],
            "reason": ["status:unknown_value"],
            "row_count": [2],
        }
    )


def _expectations() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "suite": ["fct_tickets", "fct_tickets"],
            "expectation": ["expect_column_values_to_not_be_null", "expect_table_row_count"],
            "column_name": ["ticket_id", None],
            "severity": ["error", "warn"],
            "is_met": [True, False],
            "observed": [None, "98"],
            "element_count": [98, None],
            "unexpected_count": [0, None],
            "run_id": ["run-1", "run-1"],
        }
    )


def _runs() -> pl.DataFrame:
    """The run of the snapshot is still running as the snapshot itself has it."""
    started = ("2026-09-30T15:48:00+00:00", "2026-09-29T16:00:00+00:00")
    return pl.DataFrame(
        {
            "run_id": ["run-1", "run-0"],
            "status": ["running", "not published"],
            "started_at": started,
            "ended_at": [None, "2026-09-29T16:05:00+00:00"],
        }
    )


def _lateness() -> pl.DataFrame:
    def entry(source: str, entity: str, late: int | None) -> dict[str, object]:
        return {
            "source": source,
            "entity": entity,
            "last_extract_at": datetime(2026, 9, 28, 17),  # noqa: DTZ001
            "last_event_at": datetime(2026, 9, 28, 15),  # noqa: DTZ001
            "files_loaded": 3,
            "files_refused": 1,
            "frequency_seconds": None if late is None else 86_400,
            "expected_at": None if late is None else datetime(2026, 9, 29, 17),  # noqa: DTZ001
            "late_seconds": late,
            "is_late": late is not None and late > 0,
            "missing_days_count": 1,
            "rows_read": 300,
            "rows_quarantined": 2,
            "warnings_count": 1,
        }

    return pl.DataFrame(
        [
            entry("demo_itsm", "ticket", 61_200),
            entry("demo_callcenter", "call", 0),
            entry("demo_survey", "survey_response", None),
        ],
        infer_schema_length=None,
    )


def _deliveries() -> pl.DataFrame:
    states = (
        "loaded", "missing", "refused", "warned", "quarantined", "quiet", "waiting", "unreached",
    )  # fmt: skip
    return pl.DataFrame(
        [
            {
                "source": source,
                "entity": entity,
                "day": date(2026, 9, 1) + timedelta(days=number),
                "state": state,
                "files_loaded": 1,
                "files_refused": 0,
                "rows_read": 100,
                "rows_accepted": 98,
                "rows_quarantined": 2,
                "warnings_count": 0,
            }
            for source, entity in (("demo_itsm", "ticket"), ("demo_callcenter", "call"))
            for number, state in enumerate(states)
        ]
    )


def _verdicts() -> pl.DataFrame:
    def entry(rule: str, is_met: bool, found: float, high: float) -> dict[str, object]:
        return {
            "source": "demo_itsm",
            "entity": "ticket",
            "extract_id": "0123456789abcdef",
            "rule": rule,
            "column_name": "priority" if rule == "drift" else None,
            "severity": "warn",
            "is_met": is_met,
            "found": found,
            "low": 55.0 if rule == "volume" else None,
            "high": high,
            "file": "demo_itsm/ticket.csv",
            "extracted_at": datetime(2026, 9, 28, 17),  # noqa: DTZ001
        }

    return pl.DataFrame(
        [
            entry("volume", False, 44, 220),
            entry("drift", False, 0.41, 0.3),
            entry("event_age", False, 200_000, 108_000),
            entry("row_count", True, 44, 1),
        ],
        infer_schema_length=None,
    )


_TABLES = {
    "lateness": _lateness,
    "deliveries": _deliveries,
    "verdicts": _verdicts,
    "extracts": _extracts,
    "quarantine": _quarantine,
    "expectations": _expectations,
    "runs": _runs,
}
