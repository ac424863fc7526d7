"""Landing: which delivered files are whole, whose they are, and clearing what was ingested.

A file is whole when nobody holds it open for writing, its size and time stay the same for some
seconds, and what its contract asks for lies beside it. Only differences of times are looked at
and none is waited for longer than those seconds, so that a clock that was set cannot hang it.
"""

import errno
import fcntl
import logging
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.contracts import Contracts, SourceContract
from pipelines.ingest.archive import archived_copy, file_sha256
from pipelines.ingest.ledger import extract_dir, extract_id, read_entry
from pipelines.ingest.manifest import MANIFEST_REASONS, MANIFEST_SUFFIX, manifest_path
from pipelines.ingest.storage import storage_faults
from pipelines.settings import Settings

progress = logging.getLogger("kpi.progress")

DONE_SUFFIX = ".done"
_PARTIAL_SUFFIXES = (".part", ".tmp", ".filepart", ".crdownload")
_PARTIAL_PREFIXES = (".", "~$")
_State = tuple[int, int]


@dataclass(frozen=True)
class Waiting:
    """A delivered file that is not read yet, and why."""

    path: Path
    reason: str


def is_whole(path: Path) -> bool:
    """Whether the name is that of an extract: no upload going on, no lock file, no marker."""
    name = path.name.lower()
    return not name.endswith(
        (*_PARTIAL_SUFFIXES, DONE_SUFFIX, MANIFEST_SUFFIX)
    ) and not name.startswith(_PARTIAL_PREFIXES)


def landing_files(settings: Settings, contract: SourceContract) -> list[Path]:
    """The files of a contract that may be whole, in the order of their names."""
    found = settings.landing_dir.glob(contract.path)
    return sorted(path for path in found if path.is_file() and is_whole(path))


def ready_files(
    settings: Settings, contract: SourceContract, on_waiting: Callable[[Path], None]
) -> list[Path]:
    """The whole files of a contract; says in the run's output which ones wait, and why."""
    files = landing_files(settings, contract)
    waiting = waiting_files(settings, contract, files)
    for one in waiting:
        shown = one.path.relative_to(settings.landing_dir)
        progress.warning("  waiting: %s: %s", shown, one.reason)
        on_waiting(one.path)
    still = {one.path for one in waiting}
    return [path for path in files if path not in still]


def waiting_files(
    settings: Settings, contract: SourceContract, files: Sequence[Path]
) -> list[Waiting]:
    """Which of the files are not whole. Looks once more at young ones after some seconds."""
    seconds = contract.settled_seconds
    seconds = settings.settled_seconds if seconds is None else seconds
    before = {path: _state(path) for path in files}
    pauses = [_pause(state, seconds) for state in before.values() if state is not None]
    if pauses and max(pauses) > 0:
        time.sleep(max(pauses))
    reasons = ((path, _why_waiting(contract, path, before[path])) for path in files)
    return [Waiting(path, reason) for path, reason in reasons if reason]


def _state(path: Path) -> _State | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def _pause(state: _State, seconds: float) -> float:
    """How long to look at a file: not at all when it is old, never longer than `seconds`."""
    age = time.time() - state[1] / 1e9
    return seconds if age < 0 else max(0.0, seconds - age)


def _why_waiting(contract: SourceContract, path: Path, before: _State | None) -> str | None:
    after = _state(path)
    if after is None or after != before:
        return "it is still growing"
    if is_being_written(path):
        return "a program still has it open for writing"
    if contract.completion == "done" and not any(m.is_file() for m in _done_markers(path)):
        return f"its {DONE_SUFFIX} marker has not come"
    if contract.completion == "manifest" and not manifest_path(path).is_file():
        return "its manifest has not come"
    return None


def _done_markers(path: Path) -> tuple[Path, Path]:
    return path.with_name(path.name + DONE_SUFFIX), path.with_suffix(DONE_SUFFIX)


def is_being_written(path: Path) -> bool:
    """Whether a program of this machine has the file open for writing, as far as can be told.

    Linux refuses a read lease on such a file. Where leases are not to be had nothing is told.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        with path.open("rb") as stream:
            # a writer that comes in this moment must not kill us by the default signal
            fcntl.fcntl(stream, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(stream, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(stream, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    return False


def clear_landing(settings: Settings, contracts: Contracts) -> list[Path]:
    """Remove landing files that every contract claiming them has in its ledger.

    They stay in the archive; a file that is not what its manifest says stays in landing too.
    Gives the whole files no contract claims, left where they are.
    """
    claims: dict[Path, list[SourceContract]] = {}
    for contract in contracts.sources.values():
        for path in landing_files(settings, contract):
            claims.setdefault(path, []).append(contract)
    for path, claimants in claims.items():
        sha256 = file_sha256(path)
        ids = ((c, extract_id(settings, c, sha256, path.name)) for c in claimants)
        known = [read_entry(extract_dir(settings, *c.key, own_id)) for c, own_id in ids]
        is_done = all(entry and entry.reason not in MANIFEST_REASONS for entry in known)
        if is_done and archived_copy(settings, sha256):
            with storage_faults(settings):
                for file in (path, manifest_path(path), *_done_markers(path)):
                    file.unlink(missing_ok=True)
    everything = sorted(p for p in settings.landing_dir.rglob("*") if p.is_file() and is_whole(p))
    return [path for path in everything if path not in claims]
