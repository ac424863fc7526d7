"""Puts the extracts of each day into the landing folder, with their planted troubles.

Two ticket extracts are out of the ordinary: one is exported three days late, and one is
exported wrong and, two days later, again with the errors corrected.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import polars as pl

from pipelines.errors import SimulationError
from pipelines.simulate.company import PRIORITY_WORDS, STATUS_WORDS
from pipelines.simulate.extracts import (
    agent_state_rows,
    answer_rows,
    call_rows,
    event_rows,
    invitation_rows,
    response_rows,
    ticket_rows,
)
from pipelines.simulate.faults import Planter
from pipelines.simulate.files import (
    CALL_FORMAT,
    TICKET_FORMAT,
    csv_bytes,
    file_name,
    jsonl_bytes,
    put,
    survey_bytes,
)
from pipelines.simulate.stories import Span
from pipelines.simulate.working_hours import day_of

LATE_DAYS, LATE_TIME = 3, "094000"
CORRECTION_DAYS, CORRECTION_TIME = 2, "143000"
MOST_WRONG_ROWS = 40
LAST_WRONG_HOUR = 23
WRONG_PRIORITY = PRIORITY_WORDS[3]
CLOSED = STATUS_WORDS[5]
SHEETS = {"survey_response": "答卷", "survey_answer": "答案", "survey_invitation": "邀请"}
KINDS = ("tickets", "events", "calls", "agents", "surveys")


@dataclass(frozen=True)
class ExtractNames:
    """The paths of all extracts of a span, below the landing folder."""

    span: Span

    @property
    def late(self) -> str:
        """The ticket extract that comes late."""
        exported = self.span.late_day + timedelta(days=LATE_DAYS)
        return file_name("tickets", self.span.late_day, f"{exported:%Y%m%d}T{LATE_TIME}")

    @property
    def superseded(self) -> str:
        """The ticket extract with wrong rows."""
        return file_name("tickets", self.span.corrected_day)

    @property
    def corrected(self) -> str:
        """The extract that corrects it."""
        exported = self.span.corrected_day + timedelta(days=CORRECTION_DAYS)
        return file_name("tickets", self.span.corrected_day, f"{exported:%Y%m%d}T{CORRECTION_TIME}")

    def tickets(self, day_index: int) -> str:
        """The ticket extract of a day as it was first exported."""
        day = self.span.start + timedelta(days=day_index)
        return self.late if day == self.span.late_day else file_name("tickets", day)

    def all(self) -> set[str]:
        """Every path."""
        days = [self.span.start + timedelta(days=index) for index in range(self.span.days)]
        usual = {file_name(kind, day) for kind in KINDS[1:] for day in days}
        return usual | {self.tickets(index) for index in range(self.span.days)} | {self.corrected}

    def refuse_strangers(self, landing_dir: Path) -> None:
        """Raise if the landing folders hold files this span would not overwrite."""
        folders = {Path(name).parent.name for name in self.all()}
        found = {
            f"{folder}/{path.name}"
            for folder in folders
            for path in (landing_dir / folder).glob("*")
            if path.suffix != ".part"
        }
        strangers = sorted(found - self.all())
        if strangers:
            raise SimulationError(
                f"A simulation needs landing folders of its own, but {landing_dir} already holds "
                f"{len(strangers)} other files, such as {strangers[0]}; remove them or choose "
                "another folder with --out."
            )


@dataclass
class Delivery:
    """Writes the extracts; counts the good rows by entity and the rows wrong until corrected."""

    landing_dir: Path
    names: ExtractNames
    planter: Planter
    good_rows: Counter[str] = field(default_factory=Counter)
    files: int = 0
    wrong_rows: int = 0

    def write_tickets(self, states: pl.DataFrame, first: int, last: int) -> None:
        """The ticket extracts of days `first`..`last` (exclusive)."""
        for index, frame in self._days(
            ticket_rows(states.sort("day", maintain_order=True)), first, last
        ):
            faults = self.planter.due("ticket", index, len(frame))
            name = self.names.tickets(index)
            if name == self.names.superseded:
                wrong, right = self._spoil(frame)
                self._put(name, csv_bytes(wrong, TICKET_FORMAT, faults))
                self._put(self.names.corrected, csv_bytes(right, TICKET_FORMAT, []))
                self.good_rows["ticket"] += len(wrong)
            else:
                self._put(name, csv_bytes(frame, TICKET_FORMAT, faults))
            self.good_rows["ticket"] += len(frame)

    def write_events(self, events: pl.DataFrame, first: int, last: int) -> None:
        """The event extracts."""
        ordered = events.sort("day", "at", "number", "rank")
        for index, frame in self._days(event_rows(ordered), first, last):
            faults = self.planter.due("ticket_event", index, len(frame))
            self._put(self._name("events", index), jsonl_bytes(frame, faults))
            self.good_rows["ticket_event"] += len(frame)

    def write_calls(self, calls: pl.DataFrame, first: int, last: int) -> None:
        """The call extracts."""
        ordered = calls.sort("day", maintain_order=True)
        for index, frame in self._days(call_rows(ordered), first, last):
            faults = self.planter.due("call", index, len(frame))
            self._put(self._name("calls", index), csv_bytes(frame, CALL_FORMAT, faults))
            self.good_rows["call"] += len(frame)

    def write_agents(self, states: pl.DataFrame, first: int, last: int) -> None:
        """The extracts of agents' states."""
        ordered = states.sort("day", "number")
        for index, frame in self._days(agent_state_rows(ordered), first, last):
            faults = self.planter.due("agent_state", index, len(frame))
            self._put(self._name("agents", index), csv_bytes(frame, CALL_FORMAT, faults))
            self.good_rows["agent_state"] += len(frame)

    def write_surveys(
        self,
        responses: pl.DataFrame,
        answers: pl.DataFrame,
        invited: pl.DataFrame,
        first: int,
        last: int,
    ) -> None:
        """The survey workbooks."""
        rows = {
            "survey_response": response_rows(responses.sort("day", "at", "number")),
            "survey_answer": answer_rows(answers.sort("day", maintain_order=True)),
            "survey_invitation": invitation_rows(invited.sort("day", "number")),
        }
        days = zip(*(self._days(frame, first, last) for frame in rows.values()), strict=True)
        for sheets in days:
            index = sheets[0][0]
            workbook = {
                SHEETS[entity]: (frame, self.planter.due(entity, index, len(frame)))
                for entity, (_, frame) in zip(rows, sheets, strict=True)
            }
            self._put(self._name("surveys", index), survey_bytes(workbook))
            self.good_rows.update(
                {entity: len(frame) for entity, (_, frame) in zip(rows, sheets, strict=True)}
            )

    def _days(
        self, frame: pl.DataFrame, first: int, last: int
    ) -> Iterator[tuple[int, pl.DataFrame]]:
        """Cut rows sorted by `day` into days, empty days included."""
        days = frame["day"]
        rows = frame.drop("day")
        for index in range(first, last):
            number = self.names.span.first_day + index
            begin, end = days.search_sorted(number), days.search_sorted(number + 1)
            yield index, rows.slice(begin, end - begin)

    def _name(self, kind: str, index: int) -> str:
        return file_name(kind, day_of(self.names.span.first_day + index))

    def _put(self, name: str, data: bytes) -> None:
        put(self.landing_dir / name, data)
        self.files += 1

    def _spoil(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The extract with wrong priorities, and with right ones written a second later.

        Only tickets closed before 23:00 are wrong: nothing newer may exist before the correction.
        """
        is_eligible = (
            (pl.col("状态") == CLOSED)
            & (pl.col("优先级") != WRONG_PRIORITY)
            & (pl.col("更新时间").dt.hour() < LAST_WRONG_HOUR)
        )
        marked = frame.with_columns(
            is_wrong=is_eligible & (is_eligible.cum_sum() <= MOST_WRONG_ROWS)
        )
        wrong = marked.with_columns(
            pl.when("is_wrong").then(pl.lit(WRONG_PRIORITY)).otherwise("优先级").alias("优先级")
        )
        right = marked.with_columns(
            pl.when("is_wrong")
            .then(pl.col("更新时间").dt.offset_by("1s"))
            .otherwise("更新时间")
            .alias("更新时间")
        )
        self.wrong_rows = int(marked["is_wrong"].sum())
        return wrong.drop("is_wrong"), right.drop("is_wrong")
