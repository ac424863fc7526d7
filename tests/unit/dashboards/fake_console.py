"""A console in memory with the protocol of the real one: queries end as the test says."""

from datetime import UTC, datetime

import polars as pl

from pipelines.console import CopiedTable, CopyState, Outcome, PastQuery, SavedQuery
from pipelines.console.copying import TableColumn

AT = datetime(2026, 10, 1, tzinfo=UTC)


class FakeRun:
    """A query that ends when it is told to."""

    def __init__(self, sql: str, outcome: Outcome | None) -> None:
        self.sql = sql
        self.outcome = outcome
        self.seconds = 3.0

    def cancel(self) -> None:
        self.outcome = self.outcome or Outcome(reason="cancelled")

    def wait(self, seconds: float | None = None) -> Outcome | None:
        return self.outcome


class FakeConsole:
    """Two tables; `outcome` is what the next query gives, None while it is under way."""

    seconds = 10.0
    shown_rows = 5_000

    def __init__(self) -> None:
        self.state = CopyState("ready")
        self.outcome: Outcome | None = Outcome(
            pl.DataFrame({"ticket_key": ["t:1", "t:2"], "n": [3, 4]}), total=2, seconds=0.2
        )
        self.ran: list[str] = []
        self.fetched: list[tuple[str, int]] = []
        self.kept: dict[str, SavedQuery] = {}
        self.library = self

    def prepare(self) -> CopyState:
        return self.state

    def tables(self) -> list[CopiedTable]:
        column = TableColumn("ticket_key", "VARCHAR", "Ticket.", "工单。")
        return [
            CopiedTable("marts", name, "One row per ticket.", "每张工单一行。", 1_234, (column,))
            for name in ("dim_teams", "fct_tickets")
        ]

    def run(self, sql: str) -> FakeRun:
        self.ran.append(sql)
        return FakeRun(sql, self.outcome)

    def fetch(self, sql: str, rows: int) -> Outcome:
        self.fetched.append((sql, rows))
        return self.outcome or Outcome(reason="time")

    def save(self, name: str, sql: str) -> str:
        self.kept["abc"] = SavedQuery("abc", name, sql, "local", AT)
        return "abc"

    def find(self, query_id: str) -> SavedQuery | None:
        return self.kept.get(query_id)

    def saved(self) -> list[SavedQuery]:
        return list(self.kept.values())

    def forget(self, query_id: str) -> None:
        del self.kept[query_id]

    def history(self) -> list[PastQuery]:
        return [PastQuery(sql, AT, None, 2) for sql in self.ran]
