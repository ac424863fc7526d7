"""Judged rows on their way to Parquet: numbered, parted into accepted and quarantined, written.

One batch at a time, so that memory does not grow with the file. Here: batches and files. Not
here: what is judged (`gate_sql`), and what is done with records no reader understood (`gate`).
"""

import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

import duckdb
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from numpy.typing import NDArray

from pipelines.contracts import SourceContract
from pipelines.ingest.pseudonym import Pseudonyms
from pipelines.ingest.reading import Reading, Reject, Task

_BATCH_ROWS = 122_880
_GROUP_ROWS, _GROUP_BYTES = _BATCH_ROWS, 64 << 20
_DICTIONARY_BYTES = 8 << 20
_SMALL_BYTES = 1 << 20
_STREAM_BUFFER = "64MB"
_QUARANTINE = pa.schema(
    [
        ("_record", pa.int64()),
        ("reasons", pa.large_list(pa.large_string())),
        ("raw", pa.large_string()),
        ("_extracted_at", pa.timestamp("us")),
    ]
)
_WARNED = pa.schema([("row_number", pa.int64()), ("codes", pa.large_list(pa.large_string()))])


class ParquetFile:
    """A Parquet file that grows batch by batch, in row groups of a size its readers like."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        counts = [
            f.name for f in schema if pa.types.is_temporal(f.type) or pa.types.is_integer(f.type)
        ]
        self._writer = pq.ParquetWriter(
            path,
            schema,
            compression="zstd",
            # Words are few and numbers are near their neighbours: a third of the size.
            use_dictionary=[name for name in schema.names if name not in counts],
            column_encoding=dict.fromkeys(counts, "DELTA_BINARY_PACKED"),
            dictionary_pagesize_limit=_DICTIONARY_BYTES,
            # Without Arrow's own schema in it, the file says no more than its columns.
            store_schema=False,
        )
        self._schema = schema
        self._waiting: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def write(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        if self._rows >= _GROUP_ROWS or self._bytes >= _GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            table = pa.Table.from_batches(self._waiting, self._schema)
            self._writer.write_table(table, row_group_size=self._rows)
        self._waiting, self._rows, self._bytes = [], 0, 0


@dataclass
class EventRange:
    """First and last instant at which something happened; promised times are none."""

    columns: Sequence[str]
    first: datetime | None = None
    last: datetime | None = None

    def widen(self, batch: pa.RecordBatch) -> None:
        for name in self.columns:
            found = pc.min_max(batch.column(name)).as_py()
            if found["min"] is not None:
                self.first = min(self.first or found["min"], found["min"])
                self.last = max(self.last or found["max"], found["max"])


@dataclass(frozen=True)
class Files:
    """Where the rows of an extract go; `warned` holds what accepted rows were warned of."""

    folder: Path
    scratch: Path

    @property
    def accepted(self) -> Path:
        return self.folder / "accepted.parquet"

    @property
    def quarantined(self) -> Path:
        return self.folder / "quarantined.parquet"

    @property
    def warned(self) -> Path:
        return self.scratch / "warned.parquet"


@dataclass
class Count:
    """What was poured: rows in all, codes of quarantined and of accepted rows, event times."""

    events: EventRange
    rows: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)


def pour(task: Task, reading: Reading, query: str, files: Files) -> Count:
    """Run the judging query over the reading and write every row to one of the files."""
    count = Count(event_range(task.contract))
    places, pseudonyms = _places(reading.rejects), Pseudonyms(task.key)
    with _opened(task, reading, query) as rows, ExitStack() as stack:
        sinks = _Sinks(task.contract, pseudonyms, rows.schema, files, stack)
        for batch in _batches(task, reading, rows):
            numbered = batch
            if reading.record is None:
                numbers = _records(np.arange(count.rows, count.rows + len(batch)), places)
                numbered = batch.append_column("_record", numbers)
            count.rows += len(batch)
            sinks.write(numbered, count)
    return count


def event_range(contract: SourceContract) -> EventRange:
    return EventRange([column.name for column in contract.event_columns])


def renumber(file: Path, rejects: Sequence[Reject]) -> None:
    """Count in the rejects that a reader knew of only after its last row."""
    places, draft = _places(rejects), file.with_suffix(".draft")
    with pq.ParquetFile(file) as source, ParquetFile(draft, source.schema_arrow) as target:
        place = source.schema_arrow.get_field_index("_record")
        for batch in source.iter_batches(_BATCH_ROWS):
            numbers = _records(batch.column(place).to_numpy() - 1, places)
            target.write(batch.set_column(place, "_record", numbers))
    draft.replace(file)


def write_rejects(rejects: Sequence[Reject], extracted_at: datetime | None, file: Path) -> None:
    """Records no reader understood, as quarantined rows."""
    with ParquetFile(file, _QUARANTINE) as target:
        for start in range(0, len(rejects), _BATCH_ROWS):
            rows = [
                dict(
                    zip(_QUARANTINE.names, (r.record, r.reasons, r.raw, extracted_at), strict=True)
                )
                for r in rejects[start : start + _BATCH_ROWS]
            ]
            target.write(pa.RecordBatch.from_pylist(rows, schema=_QUARANTINE))


def write_accepted(task: Task, query: str, file: Path, events: EventRange) -> None:
    """Write the accepted file again from a query that reads it."""
    draft = file.with_suffix(".draft")
    with stream(task, query) as rows, ParquetFile(draft, rows.schema) as target:
        for batch in rows:
            events.widen(batch)
            target.write(batch)
    draft.replace(file)


def stream(task: Task, query: str) -> pa.RecordBatchReader:
    """The rows of a query in order, computed while they are taken.

    A batch may hold more than 2 GB of text, hence the large buffers. A relation plans its query
    twice, which is most of the work of a small file: there the whole result is taken at once.
    """
    task.rows("set arrow_large_buffer_size = true")
    task.rows(f"set streaming_buffer_size = '{_STREAM_BUFFER}'")
    if task.path.stat().st_size > _SMALL_BYTES:
        return task.connection.sql(query).to_arrow_reader(_BATCH_ROWS)
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        return task.connection.execute(query).to_arrow_reader(_BATCH_ROWS)


def _opened(task: Task, reading: Reading, query: str) -> pa.RecordBatchReader:
    """The stream; its first rows are computed before it is there."""
    try:
        return stream(task, query)
    except duckdb.Error as error:
        raise reading.failure(task, error) from error


def _batches(task: Task, reading: Reading, rows: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The rows in order as they are judged; DuckDB's errors reach us as Arrow's."""
    try:
        yield from rows
    except (duckdb.Error, OSError) as error:
        raise reading.failure(task, error) from error


def _records(rows: NDArray[np.int64], places: NDArray[np.int64]) -> pa.Array:
    return _integers(rows + 1 + np.searchsorted(places, rows, side="right"))


def _integers(values: NDArray[np.int64]) -> pa.Array:
    """Without `pa.array`, which imports pandas, which takes half a second."""
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(values)])


def _places(rejects: Sequence[Reject]) -> NDArray[np.int64]:
    """For each rejected record the row, counted from 0, before which it stands."""
    records = np.array(sorted(reject.record for reject in rejects), np.int64)
    return records - 1 - np.arange(len(records))


class _Sinks:
    """The open files, and the parting of a batch between them."""

    def __init__(
        self,
        contract: SourceContract,
        pseudonyms: Pseudonyms,
        schema: pa.Schema,
        files: Files,
        stack: ExitStack,
    ) -> None:
        published, self._pseudonyms = contract.published_columns, pseudonyms
        self._hidden = [c.name for c in published if c.pii == "pseudonymise"]
        own = [
            schema.field(name)
            for name in [c.name for c in published] + ["extra", "_tenant", "_extracted_at"]
        ]
        self._schema = pa.schema([*own, ("_record", pa.int64())])
        self._accepted = stack.enter_context(ParquetFile(files.accepted, self._schema))
        self._quarantined = stack.enter_context(ParquetFile(files.quarantined, _QUARANTINE))
        self._warned = stack.enter_context(ParquetFile(files.warned, _WARNED))
        self._accepted_rows = 0

    def write(self, batch: pa.RecordBatch, count: Count) -> None:
        reasons = batch.column("_reasons")
        if reasons.null_count < len(batch):
            self._set_aside(batch.filter(reasons.is_valid()), count)
            batch = batch.filter(reasons.is_null())
        warnings = batch.column("_warnings")
        if warnings.null_count < len(batch):
            self._warn(warnings, count)
        self._accepted_rows += len(batch)
        for name in self._hidden:
            place = batch.schema.get_field_index(name)
            tokens = self._pseudonyms.of(batch.column(place))
            batch = batch.set_column(place, name, tokens)
        batch = batch.select(self._schema.names)
        count.events.widen(batch)
        self._accepted.write(batch)

    def _set_aside(self, bad: pa.RecordBatch, count: Count) -> None:
        count.reasons.update(bad.column("_reasons").flatten().to_pylist())
        columns = [bad.column(name) for name in ("_record", "_reasons", "_raw", "_extracted_at")]
        self._quarantined.write(pa.record_batch(columns, schema=_QUARANTINE))

    def _warn(self, warnings: pa.Array, count: Count) -> None:
        is_warned = warnings.is_valid()
        rows = np.flatnonzero(is_warned) + self._accepted_rows
        codes = warnings.filter(is_warned)
        count.warnings.update(codes.flatten().to_pylist())
        self._warned.write(pa.record_batch([_integers(rows), codes], schema=_WARNED))
