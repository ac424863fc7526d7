"""Changing the key of the pseudonyms: every extract is read again from the archive under the new
one.

A rotation that is killed goes on where it stopped: each extract carries the id of its key, and the
new key of the file waits under its own name until no extract carries another. No build mixes keys.
"""

from collections.abc import Iterator
from itertools import count

from pipelines.contracts import Contracts
from pipelines.durability import sync_dir
from pipelines.errors import SecretError
from pipelines.ingest.archive import archived_copy
from pipelines.ingest.commit import repair
from pipelines.ingest.ledger import Extract, next_sequence, read_entries
from pipelines.ingest.pseudonym import current_key, make_key, next_key_path
from pipelines.ingest.replay import Replay, read_again
from pipelines.ingest.run import opened_gate
from pipelines.settings import Settings


def begin_rotation(settings: Settings) -> None:
    """Make the next key, unless a rotation has begun, or the environment gives the key."""
    if settings.secret_key is None:
        make_key(next_key_path(settings))
    elif not _stale(settings):
        raise SecretError(
            "KPI_SECRET_KEY is the key of every extract already; set it to the new key, then run "
            "`kpi secrets rotate` again."
        )


def has_begun(settings: Settings) -> bool:
    return next_key_path(settings).exists()


def finish_rotation(settings: Settings, contracts: Contracts, run_id: str) -> Iterator[Replay]:
    """Read every extract of another key again, then retire the old key."""
    repair(settings)
    stale = _stale(settings)
    numbers: dict[tuple[str, str], Iterator[int]] = {}
    with opened_gate(settings, run_id, max((e.bytes for e in stale), default=0)) as gate:
        for entry in stale:
            contract = contracts.sources.get((entry.source, entry.entity))
            archived = archived_copy(settings, entry.sha256)
            if contract is None or archived is None:
                lost = "contract" if contract is None else "archived file"
                raise SecretError(
                    f"{entry.file} ({entry.source}.{entry.entity}) cannot get tokens of the new "
                    f"key: its {lost} is missing; bring it back, or remove the extract from raw."
                )
            if contract.key not in numbers:
                numbers[contract.key] = count(next_sequence(settings, contract))
            sequence = next(numbers[contract.key])
            yield read_again(gate, contract, entry, archived, sequence)
    _retire(settings)


def require_one_key(settings: Settings) -> None:
    """Raise SecretError where extracts carry tokens of another key than today's."""
    stale = _stale(settings)
    if stale:
        raise SecretError(
            f"{len(stale)} extracts carry pseudonyms of another key (first: {stale[0].file}), so "
            "that one customer would count as two; bring the old key back, or run "
            "`kpi secrets rotate`."
        )


def _stale(settings: Settings) -> list[Extract]:
    key = current_key(settings)
    return [e for e in read_entries(settings) if e.key_id not in (None, key.id)]


def _retire(settings: Settings) -> None:
    if settings.secret_key is not None:
        settings.key_path.unlink(missing_ok=True)
        next_key_path(settings).unlink(missing_ok=True)
    elif has_begun(settings):
        next_key_path(settings).replace(settings.key_path)
    sync_dir(settings.home)
