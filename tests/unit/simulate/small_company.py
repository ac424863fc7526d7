"""The small simulation of the tests: June and July 2026, so both the policy change and the
outage lie in it, with few tickets, so that it takes about a second; and how a reader finds it."""

import csv
import gzip
import io
import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

END = date(2026, 7, 31)
ARGUMENTS: dict[str, Any] = {"seed": 11, "months": 2, "tickets": 1_500, "end": END}


@dataclass(frozen=True)
class Simulated:
    """A landing folder as a reader finds it, and its truth."""

    landing_dir: Path
    truth: dict[str, Any]

    def files(self, pattern: str) -> list[Path]:
        return sorted(self.landing_dir.glob(pattern))

    def csv_records(self, path: Path, encoding: str = "gb18030") -> list[list[str]]:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode(encoding)
        return list(csv.reader(io.StringIO(text)))

    @cached_property
    def ticket_rows(self) -> list[dict[str, str]]:
        """All records of all ticket files that have as many cells as the header."""
        rows = []
        for path in self.files("demo_itsm/tickets_*.csv"):
            header, *records = self.csv_records(path)
            rows += [dict(zip(header, r, strict=True)) for r in records if len(r) == len(header)]
        return rows

    @cached_property
    def good_tickets(self) -> list[dict[str, str]]:
        """The rows a person would not call bad."""
        return [
            row
            for row in self.ticket_rows
            if row["工单编号"]
            and row["状态"] != "待定"
            and row["创建时间"] != "2026-02-30 10:00:00"
            and not row["解决时间"].startswith("2019")
        ]

    @cached_property
    def good_events(self) -> list[dict[str, Any]]:
        records = []
        for path in self.files("demo_itsm/events_*.jsonl"):
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    records.append(json.loads(line))
                except json.JSONDecodeError:
                    continue
        return [r for r in records if r["ticket"]["id"] and r["type"] != "ticket.merged"]

    @cached_property
    def good_calls(self) -> list[dict[str, str]]:
        rows = []
        for path in self.files("demo_callcenter/calls_*.csv.gz"):
            header, *records = self.csv_records(path, "utf-8")
            rows += [dict(zip(header, record, strict=True)) for record in records]
        return [
            row
            for row in rows
            if row["call_id"] and row["wait_sec"] != "-30" and "/13/" not in row["call_start"]
        ]

    @cached_property
    def good_states(self) -> list[dict[str, str]]:
        rows = []
        for path in self.files("demo_callcenter/agents_*.csv.gz"):
            header, *records = self.csv_records(path, "utf-8")
            rows += [dict(zip(header, record, strict=True)) for record in records]
        return [r for r in rows if r["state"] != "LUNCH?" and not r["state_end"].startswith("2019")]

    def sheet(self, name: str) -> pl.DataFrame:
        frames = [
            pl.read_excel(path, sheet_name=name, infer_schema_length=None, raise_if_empty=False)
            for path in self.files("demo_survey/surveys_*.xlsx")
        ]
        return pl.concat([f.cast(pl.String) for f in frames if len(f)], how="vertical")
