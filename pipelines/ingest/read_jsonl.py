"""One JSON object per line; headers are dotted paths (`customer.id`).

Lines are read as text, because DuckDB's JSON reader turns a broken line into a row of nulls.
A line that is no object, or has a key twice where a mapped path leads, is a reject; the other
lines keep their number.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pipelines.contracts import SourceContract
from pipelines.ingest.decode import decode_file
from pipelines.ingest.headers import missing_column, refuse_extra
from pipelines.ingest.read_csv import STRICT, drop_parser_rejects, parser_rejects
from pipelines.ingest.reading import Headers, Reading, Reject, Task, literal
from pipelines.ingest.records import count_records
from pipelines.ingest.sieve import stream

# A text that is JSON and begins so is an object; asking for its type would read it again.
_IS_OBJECT = """case when not json_valid(line) then false when line[1] = '{' then true
    else json_type(line) = 'OBJECT' end"""

# The keys of an object and of the objects inside it that mapped paths lead through.
_Keys = list[list[str] | None]


class _Broken(NamedTuple):
    """A line that gives no row: its place among the lines read, and whether it is an object."""

    place: int
    text: str
    is_object: bool


@dataclass(kw_only=True)
class JsonReading(Reading):
    """Objects of a JSONL file, and how many lines a second count found."""

    lines: int

    def settle(self, task: Task, loaded: int) -> None:
        if loaded + len(self.rejects) != self.lines:
            raise task.refuse(
                "unreadable_lines",
                f"one count finds {self.lines} lines, another {loaded + len(self.rejects)}; "
                "export the file again.",
            )


def read_jsonl(task: Task) -> Reading:
    """A reading of the file's objects. Raises ExtractError missing_column, extra_column."""
    return read_lines(task, decode_file(task.contract, task.path, task.scratch / "text.jsonl"))


def read_lines(task: Task, text: Path) -> Reading:
    """A reading of the objects of a UTF-8 file with `\\n` line ends."""
    census = count_records(text, 0, delimiter=None)
    # No JSON text may hold the control character that parts columns here.
    lines = f"""(from read_csv({literal(str(text))}, columns = {{'line': 'varchar'}},
        delim = '\x1f', quote = '', escape = '', {STRICT}) where line is not null)"""
    is_good, objects = _IS_OBJECT, _objects(task.contract)
    kinds, broken = _survey(task, lines, is_good, objects)
    if any(len(set(keys)) < len(keys) for kind in kinds for keys in kind if keys):
        is_good = f"case when {_IS_OBJECT} then {_has_keys_once(objects)} else false end"
        kinds, broken = _survey(task, lines, is_good, objects)
    keys = sorted({key for top, *_ in kinds for key in top or ()})
    unread = parser_rejects(task, 0, census)
    paths = _paths(task.contract, keys)
    extracted = ", ".join(literal(_json_path(path)) for path in paths) or "'$'"
    sql = {path: f"p[{n}]" for n, path in enumerate(paths, start=1)}
    kept = _without("line", task.contract.dropped_headers)
    of = kept if task.contract.shape_sql else "line"
    return JsonReading(
        relation=f"(select {kept} as line, json_extract_string({of}, [{extracted}]) as p "
        f"from {lines}{f' where {is_good}' if broken else ''})",
        columns=sql,
        raw="line",
        rejects=unread + _broken_lines(broken, [reject.record for reject in unread]),
        headers=None if task.contract.shape_sql else _match(task, keys, sql),
        lines=census.records,
    )


def _objects(contract: SourceContract) -> str:
    """SQL of the paths of the objects that values are taken out of, the whole first."""
    paths = {h.rpartition(".")[0] for column in contract.columns for h in column.headers}
    inside = sorted(path for path in paths if path and not contract.shape_sql)
    return f"[{', '.join(literal(_json_path(path)) for path in ('', *inside))}]"


def _has_keys_once(objects: str) -> str:
    """Which of two values of one key is meant nobody knows. Asked only where one stands twice."""
    is_once = "lambda keys: len(keys) > len(list_distinct(keys))"
    return f"len(list_filter(json_keys(line, {objects}), {is_once})) = 0"


def _survey(
    task: Task, lines: str, is_good: str, objects: str
) -> tuple[list[_Keys], list[_Broken]]:
    """The keys the good objects have, each combination once, and the other lines.

    The file is read twice, here and by the gate, which costs less than keeping it.
    """
    drop_parser_rejects(task)
    kinds: set[str] = set()
    broken: list[_Broken] = []
    seen = 0
    query = f"""select
        case when is_good then cast(to_json(json_keys(line, {objects})) as varchar) end as keys,
        case when not is_good then line end as broken,
        case when not is_good and json_valid(line) then {_IS_OBJECT} else false end as is_object
        from (select line, {is_good} as is_good from {lines})"""
    with stream(task, query) as batches:
        for batch in batches:
            keys, texts, are_objects = batch.columns
            kinds.update(keys.drop_null().unique().to_pylist())
            if texts.null_count < len(texts):
                places = np.flatnonzero(texts.is_valid())
                found = texts.take(places), are_objects.take(places)
                broken += map(
                    _Broken, (places + seen + 1).tolist(), *(f.to_pylist() for f in found)
                )
            seen += len(batch)
    return [json.loads(kind) for kind in kinds], broken


def _paths(contract: SourceContract, keys: list[str]) -> list[str]:
    """What to take out of each object: all top keys for a shape query, else what is mapped."""
    if contract.shape_sql:
        return keys
    return [h for column in contract.columns for h in column.headers if _top(h) in keys]


def _top(path: str) -> str:
    return path.split(".")[0]


def _json_path(path: str) -> str:
    parts = path.split(".") if path else ()
    return "$" + "".join("." + json.dumps(part, ensure_ascii=False) for part in parts)


def _match(task: Task, keys: list[str], sql: dict[str, str]) -> Headers:
    """Objects leave out what is empty, so only a required column must occur somewhere."""
    mapped: dict[str, str] = {}
    for column in task.contract.columns:
        present = [sql[header] for header in column.headers if header in sql]
        if present:
            mapped[column.name] = f"coalesce({', '.join(present)})"
        elif column.headers and column.required and keys:
            raise missing_column(task, column.headers, keys)
    known = {_top(h) for column in task.contract.columns for h in column.headers}
    refuse_extra(task, set(keys) - known - set(task.contract.dropped_headers))
    if task.contract.extra_columns == "refuse":
        return Headers(mapped, None)
    return Headers(mapped, f"nullif({_without('line', known)}, '{{}}')")


def _without(sql: str, paths: Iterable[str]) -> str:
    """SQL of the object without the values at paths."""
    patch: dict[str, Any] = {}
    for path in sorted(paths):  # an object goes before what is in it
        *outer, last = path.split(".")
        inner: dict[str, Any] | None = patch
        for key in outer:
            inner = inner.setdefault(key, {}) if inner is not None else None
        if inner is not None:
            inner[last] = None
    if not patch:
        return sql
    text = literal(json.dumps(patch, ensure_ascii=False))
    return f"cast(json_merge_patch({sql}, {text}) as varchar)"


def _broken_lines(broken: list[_Broken], unread: list[int]) -> list[Reject]:
    """Lines that are no good object, numbered with the unread lines before them."""
    places = [record - n for n, record in enumerate(unread)]
    rejects = []
    for one in broken:
        code = "json:duplicate_key" if one.is_object else "json:invalid"
        rejects.append(Reject(one.place + bisect_right(places, one.place), (code,), one.text))
    return rejects
