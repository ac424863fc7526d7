"""Compiled queries kept on disk: compiling takes tens of milliseconds, and a page asks ten times.

One file per set of definitions and version of the compiler; one line of JSON per query. What is
read here is SQL that this home's own processes wrote, run on a read-only connection.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from importlib.metadata import version
from pathlib import Path

from pipelines.durability import append_line
from pipelines.metrics.model import Grain

_LOGGER = logging.getLogger(__name__)
_KEPT = 2  # the definitions of the current snapshot, and those before them


@dataclass(frozen=True)
class Request:
    """What is asked of metrics that share a semantic model, without the days and members.

    Those are parameters of the SQL ($start, $end, $members_0 …, in the order of `filtered`), null
    where nothing is left out, so that a changed filter needs no new compilation.
    """

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    grain: Grain | None = None
    filtered: tuple[str, ...] = ()
    has_days: bool = False


@dataclass(frozen=True)
class CompiledQuery:
    """SQL for metrics that share one semantic model."""

    sql: str
    group_columns: dict[str, str]


class CompiledQueries:
    """The queries of one set of definitions; without a file they are kept in memory only."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._found = dict(_read(path)) if path is not None and path.exists() else {}

    def get(self, request: Request) -> CompiledQuery | None:
        """The query that was compiled for a request, if it was."""
        return self._found.get(request)

    def keep(self, request: Request, query: CompiledQuery) -> None:
        """Remember a query, also for processes to come."""
        self._found[request] = query
        if self._path is None:
            return
        try:
            append_line(self._path, json.dumps([astuple(request), query.sql, query.group_columns]))
        except OSError:  # the answer is there all the same
            _LOGGER.warning("%s cannot be written to", self._path, exc_info=True)


def open_compiled(folder: Path, definitions: str, compiler: Path) -> CompiledQueries:
    """What the compiler of this file made of the definitions; what is much older is removed.

    Nothing is written before something has been compiled: a reader may have no right to.
    """
    made_by = f"{version('metricflow')} {compiler.read_text(encoding='utf-8')}"
    name = hashlib.sha256(f"{made_by} {definitions}".encode()).hexdigest()
    path = folder / f"{name}.jsonl"
    others = [file for file in folder.glob("*.jsonl") if file != path]
    for file in sorted(others, key=lambda file: file.stat().st_mtime)[: 1 - _KEPT]:
        file.unlink(missing_ok=True)
    return CompiledQueries(path)


def _read(path: Path) -> Iterator[tuple[Request, CompiledQuery]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            (metrics, by, grain, filtered, has_days), sql, columns = json.loads(line)
        except ValueError:
            _LOGGER.warning("a line of %s was cut; what it held is compiled again", path)
            continue
        request = Request(tuple(metrics), tuple(by), grain, tuple(filtered), has_days)
        yield request, CompiledQuery(sql, columns)
