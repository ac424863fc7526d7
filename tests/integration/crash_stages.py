"""Runs one stage of the line with a fault at every write boundary, and again after each.

`python -m tests.integration.crash_stages <folder> <stage> <fault> <stride>` prints one JSON line
per place: the boundary, how the run ended, and what the repetition found. A process that has
imported all but started no thread forks one child per run: importing costs more than a run.
"""

import json
import os
import pickle
import re
import shutil
import stat
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts import Contracts, SourceContract
from pipelines.errors import KpiError
from pipelines.ingest import (
    begin_rotation,
    clear_landing,
    ensure_empty_raw,
    finish_rotation,
    ingest_source,
    mark_judged,
    read_ledger,
    reconcile,
    refuse_extract,
    replay_source,
    require_one_key,
    unjudged_extracts,
)
from pipelines.ingest.commit import repair
from pipelines.ingest.ledger import read_entries
from pipelines.settings import Settings
from pipelines.warehouse.snapshots import current_snapshot, list_snapshots, publish_snapshot
from tests.integration.crash_points import Tripwire, leave
from tests.unit.ingest.request_source import (
    ROW,
    Document,
    column,
    set_custom,
    table,
    with_values,
    write_contracts,
)

Found = dict[str, Any]
Footprint = tuple[tuple[str, int, int], ...]
FILES = {
    "a.csv": table(ROW, with_values(request_id="R2", status="停")),
    "c.csv": table(ROW).replace("代码", "代号"),
}


class Home:
    """A home, and the two texts of its contract: before and after a fix."""

    def __init__(self, folder: Path, contracts: tuple[Contracts, Contracts]) -> None:
        self.settings = Settings(home=folder, memory_limit="1GB")
        self.old, self.new = contracts

    def contract(self, contracts: Contracts) -> SourceContract:
        return contracts.sources["desk", "request"]

    # stages -----------------------------------------------------------------------------

    def ingest(self) -> None:
        contract = self.contract(self.old)
        ensure_empty_raw(self.settings, self.old)
        ingest_source(self.settings, contract, "run")
        for extract in unjudged_extracts(self.settings, contract):
            mark_judged(self.settings, extract)
        clear_landing(self.settings, self.old)

    def replay(self) -> None:
        list(replay_source(self.settings, self.contract(self.new), "again"))

    def refuse(self) -> None:
        contract = self.contract(self.old)
        repair(self.settings)
        for extract in list(read_entries(self.settings, contract)):
            if extract.outcome == "loaded":
                refuse_extract(self.settings, extract, "contract_suite", "not good enough")

    def rotate(self) -> None:
        begin_rotation(self.settings)
        list(finish_rotation(self.settings, self.old, "rotate"))

    def build(self) -> None:
        """What a night builds before it publishes."""
        path = self.settings.build_path
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(path)) as connection:
            for statement in (
                "create schema marts",
                "create schema reference",
                "create table marts.fct as select range as n from range(1000)",
                "create view reference.seen as select 1 as one",
            ):
                connection.execute(statement).fetchall()

    def publish(self) -> None:
        publish_snapshot(self.settings, "run", datetime(2026, 9, 30, tzinfo=UTC), {}, "{}")

    # what must hold after the repetition ------------------------------------------------

    def after_ingest(self) -> Found:
        landed = [path.name for path in self.settings.landing_dir.rglob("*.csv")]
        return self._ledger(self.old) | {"landing": landed}

    def after_replay(self) -> Found:
        return self._ledger(self.new)

    def after_refuse(self) -> Found:
        return self._ledger(self.old)

    def after_rotate(self) -> Found:
        require_one_key(self.settings)
        return self._ledger(self.old)

    def after_publish(self) -> Found:
        current = current_snapshot(self.settings)
        with duckdb.connect(str(current.path), read_only=True) as connection:
            rows = connection.execute("select count(*) from marts.fct").fetchall()[0][0]
        kept = list_snapshots(self.settings)
        files = [path.name for path in self.settings.snapshots_dir.iterdir()]
        return {
            "rows": rows,
            "current is newest": current == kept[0],
            "files": len(files) - 2 * len(kept),
            "leftovers": sum(name.startswith(".") for name in files),
        }

    def _ledger(self, contracts: Contracts) -> Found:
        ledger = read_ledger(self.settings)
        differences = [str(found) for found in reconcile(self.settings, contracts)]
        leftovers = [*self.settings.work_dir.glob("*"), *self.settings.archive_dir.glob(".*")]
        return {
            "ledger": sorted(ledger.select("file", "outcome", "rows_accepted").rows()),
            "differences": differences,
            "leftovers": [path.name for path in leftovers],
        }


def in_child(work: Callable[[], Any]) -> tuple[int, Any]:
    """What `work` gives in a forked child, and how the child ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            answer: Any = work()
        except KpiError as error:
            answer = {"error": type(error).__name__, "text": str(error)}
        except BaseException:  # noqa: BLE001 - told to the parent
            answer = {"error": "traceback", "text": traceback.format_exc()}
        with os.fdopen(writing, "wb") as stream:
            pickle.dump(answer, stream)
        leave(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        data = stream.read()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), pickle.loads(data) if data else None  # noqa: S301


def prepare(folder: Path, contracts: tuple[Contracts, Contracts], stage: str) -> None:
    """The home a stage begins with."""
    home = Home(folder, contracts)
    for name, text in FILES.items():
        path = home.settings.landing_dir / "desk" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    if stage in ("replay", "refuse", "rotate"):
        home.ingest()
    if stage == "publish":
        home.build()
        home.publish()
        home.build()


def load(folder: Path) -> tuple[Contracts, Contracts]:
    """The contract before and after a fix that lets `停` and the header `代号` in."""
    from pipelines.contracts import load_contracts

    def fix(source: Document, _: Document) -> None:
        words = {"开": "open", "关": "closed", "停": "closed"}
        set_custom(column(source, "status"), "valueMap", words)
        set_custom(column(source, "code"), "sourceHeaders", ["代码", "代号"])

    old = load_contracts(write_contracts(folder / "old"))
    return old, load_contracts(write_contracts(folder / "new", fix))


def footprint(home: Path) -> Footprint:
    """Names, sizes and modes of all that is on the disk; the numbers in drafts' names are drawn.

    Many boundaries (fsync, chmod of a draft) leave the same behind: the repetition is run once.
    """
    drawn = re.compile(r"[0-9]*-?[0-9a-f]{16,}|[0-9]{8}T[0-9]+-")
    states = [(path.relative_to(home), path.stat()) for path in home.rglob("*")]
    return tuple(
        sorted(
            (drawn.sub("#", str(p)), s.st_size if stat.S_ISREG(s.st_mode) else 0, s.st_mode)
            for p, s in states
        )
    )


def main(folder: Path, stage: str, fault: str, stride: int) -> None:
    _, contracts = in_child(lambda: load(folder))
    begun, home = folder / "begun", folder / "home"
    in_child(lambda: prepare(begun, contracts, stage))
    proved: dict[Footprint, Found] = {}
    place = 1 - stride
    while True:
        place += stride
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(begun, home)
        line = Home(home, contracts)
        wire = Tripwire(place, fault)

        def run(line: Home = line, wire: Tripwire = wire) -> list[str]:
            wire.install()
            try:
                getattr(line, stage)()
            finally:
                wire.disarm()
            return wire.passed

        def repeat(line: Home = line) -> Found:
            if stage == "publish":  # what is published is moved: the next night builds again
                line.build()
            getattr(line, stage)()
            found: Found = getattr(line, f"after_{stage}")()
            return found

        code, answer = in_child(run)
        state = footprint(home)
        if state not in proved:
            _, proved[state] = in_child(repeat)
        found = proved[state]
        line_of_place = {"place": place, "code": code, "answer": answer, "found": found}
        sys.stdout.write(json.dumps(line_of_place) + "\n")
        is_storage_error = isinstance(answer, dict) and answer["error"] == "StorageError"
        if code == 0 and not is_storage_error:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
