"""The bad rows planted among the good ones, each of one known kind.

A bad row is an extra, spoilt copy of a good row, so the good figures stay exact. The gate is
expected to quarantine each under the reason named here and nothing else.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

Value = str | float | None
Row = dict[str, Value]


@dataclass(frozen=True)
class Fault:
    """A kind of bad row: the columns it spoils, or the way it breaks the text of the record."""

    entity: str
    kind: str
    reason: str
    rows: int
    spoils: Mapping[str, Value] = field(default_factory=dict)
    is_ragged: bool = False
    is_cut: bool = False

    def spoil(self, row: Row) -> Row:
        """The spoilt copy of a row."""
        return row | dict(self.spoils)


FAULTS = (
    Fault("ticket", "unknown status word", "status:unknown_value", 12, {"状态": "待定"}),
    Fault("ticket", "missing id", "ticket_id:required", 7, {"工单编号": ""}),
    Fault("ticket", "impossible date", "created_at:type", 5, {"创建时间": "2026-02-30 10:00:00"}),
    Fault(
        "ticket",
        "resolved before created",
        "rule:resolution_not_before_creation",
        6,
        {"解决时间": "2019-12-31 08:00:00"},
    ),
    Fault("ticket", "ragged row", "csv:too_many_columns", 4, is_ragged=True),
    Fault("ticket_event", "broken line", "json:invalid", 5, is_cut=True),
    Fault("ticket_event", "unknown type", "event_type:unknown_value", 6, {"type": "ticket.merged"}),
    Fault("ticket_event", "missing ticket", "ticket_id:required", 3, {"ticket.id": None}),
    Fault("call", "negative seconds", "wait_seconds:below_minimum", 8, {"wait_sec": "-30"}),
    Fault("call", "impossible date", "started_at:type", 4, {"call_start": "2026/13/45 25:61:00"}),
    Fault("call", "missing id", "call_id:required", 3, {"call_id": ""}),
    Fault("survey_response", "missing id", "response_id:required", 3, {"答卷编号": None}),
    Fault("survey_response", "impossible date", "responded_at:type", 2, {"提交时间": "昨天"}),
    Fault("survey_answer", "score off the scale", "rule:score_on_scale", 9, {"得分": 99}),
    Fault("survey_invitation", "missing id", "invitation_id:required", 3, {"邀请编号": None}),
    Fault("survey_invitation", "impossible date", "sent_at:type", 2, {"发出时间": "昨天"}),
    Fault("agent_state", "unknown state word", "state:unknown_value", 4, {"state": "LUNCH?"}),
    Fault(
        "agent_state",
        "ended before it started",
        "rule:state_ends_after_it_starts",
        3,
        {"state_end": "2019/12/31 8:00:00"},
    ),
)


@dataclass
class Planter:
    """Decides which day's extract of an entity gets which bad rows, and counts the planted."""

    waiting: dict[str, list[tuple[int, Fault]]]
    planted: Counter[tuple[str, str]]

    @classmethod
    def for_days(cls, generator: np.random.Generator, days: int) -> "Planter":
        """Spread all faults over the days."""
        waiting: dict[str, list[tuple[int, Fault]]] = {}
        for fault in FAULTS:
            for day in generator.integers(0, days, fault.rows).tolist():
                waiting.setdefault(fault.entity, []).append((day, fault))
        return cls(
            {entity: sorted(plan, key=lambda item: item[0]) for entity, plan in waiting.items()},
            Counter(),
        )

    def due(self, entity: str, day: int, good_rows: int) -> list[Fault]:
        """The faults to plant into the extract of a day; an empty extract leaves them waiting."""
        plan = self.waiting.get(entity, [])
        if good_rows == 0:
            return []
        due = [fault for planned, fault in plan if planned <= day]
        self.waiting[entity] = plan[len(due) :]
        self.planted.update((entity, fault.reason) for fault in due)
        return due
