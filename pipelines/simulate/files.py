"""The extract files: names, encodings, bytes; and the bad records planted in them.

What the rows say is decided in `extracts`.
"""

import csv
import gzip
import io
import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from pipelines.simulate.faults import Fault, Row
from pipelines.simulate.workbook import workbook_bytes

EXPORT_TIMES = {"tickets": "021000", "events": "022000", "calls": "013000", "surveys": "030500"} | {
    "agents": "014000"
}
FOLDERS = {
    "tickets": "demo_itsm",
    "events": "demo_itsm",
    "calls": "demo_callcenter",
    "agents": "demo_callcenter",
    "surveys": "demo_survey",
}
ENDINGS = {"tickets": "csv", "events": "jsonl", "calls": "csv.gz", "surveys": "xlsx"} | {
    "agents": "csv.gz"
}


def file_name(kind: str, day: date, exported: str | None = None) -> str:
    """Path below the landing folder; `exported` replaces the usual export time."""
    usual = f"{day + timedelta(days=1):%Y%m%d}T{EXPORT_TIMES[kind]}"
    return f"{FOLDERS[kind]}/{kind}_{day:%Y%m%d}_{exported or usual}.{ENDINGS[kind]}"


@dataclass(frozen=True)
class Format:
    """How a kind of delimited extract is written."""

    encoding: str
    times: str
    is_gzipped: bool = False


TICKET_FORMAT = Format("gb18030", "%Y-%m-%d %H:%M:%S")
CALL_FORMAT = Format("utf-8", "%Y/%-m/%-d %-H:%M:%S", is_gzipped=True)


def _sample(frame: pl.DataFrame, position: int) -> pl.DataFrame:
    """One of the good rows, a different one for each position."""
    return frame.slice(position * 7919 % len(frame), 1)


def csv_bytes(frame: pl.DataFrame, layout: Format, faults: list[Fault]) -> bytes:
    """A delimited extract with the bad rows in its middle."""
    middle = len(frame) // 2
    text = frame.head(middle).write_csv(datetime_format=layout.times)
    for position, fault in enumerate(faults):
        sample = _sample(frame, position).write_csv(datetime_format=layout.times)
        row: Row = dict(next(csv.DictReader(io.StringIO(sample))))
        cells = [*fault.spoil(row).values(), *(["多余"] if fault.is_ragged else [])]
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(cells)
        text += line.getvalue()
    text += frame.tail(len(frame) - middle).write_csv(
        datetime_format=layout.times, include_header=False
    )
    data = text.encode(layout.encoding)
    return gzip.compress(data, compresslevel=6, mtime=0) if layout.is_gzipped else data


def jsonl_bytes(frame: pl.DataFrame, faults: list[Fault]) -> bytes:
    """An extract of JSON lines with the bad lines at its end."""
    text = frame.write_ndjson()
    lines = []
    for position, fault in enumerate(faults):
        line = _sample(frame, position).write_ndjson().strip()
        if fault.is_cut:
            lines.append(line[: len(line) // 2])
            continue
        record = json.loads(line)
        for path, value in fault.spoils.items():
            *parents, last = path.split(".")
            target = record
            for parent in parents:
                target = target[parent]
            target[last] = value
        lines.append(json.dumps(record, ensure_ascii=False))
    return (text + "".join(f"{line}\n" for line in lines)).encode()


def survey_bytes(sheets: dict[str, tuple[pl.DataFrame, list[Fault]]]) -> bytes:
    """A workbook with the bad rows at the ends of its sheets."""
    return workbook_bytes({name: _with_bad(*rows) for name, rows in sheets.items()})


def _with_bad(frame: pl.DataFrame, faults: list[Fault]) -> pl.DataFrame:
    bad = [
        fault.spoil(_sample(frame, position).row(0, named=True))
        for position, fault in enumerate(faults)
    ]
    return pl.concat([frame, pl.DataFrame(bad, schema=frame.schema)]) if bad else frame


def put(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.replace(path)
