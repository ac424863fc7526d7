"""Landing: which delivered files are whole, whose they are, and clearing what was ingested."""

from pathlib import Path

from pipelines.contracts import Contracts, SourceContract
from pipelines.ingest.archive import archived_copy, file_sha256
from pipelines.ingest.ledger import extract_dir, read_entry
from pipelines.settings import Settings

_PARTIAL_SUFFIXES = (".part", ".tmp", ".filepart", ".crdownload")
_PARTIAL_PREFIXES = (".", "~$")


def is_whole(path: Path) -> bool:
    """Whether the name does not say that the upload is still going on, or is a lock file."""
    name = path.name.lower()
    return not name.endswith(_PARTIAL_SUFFIXES) and not name.startswith(_PARTIAL_PREFIXES)


def landing_files(settings: Settings, contract: SourceContract) -> list[Path]:
    """The whole files of a contract, in the order of their names."""
    found = settings.landing_dir.glob(contract.path)
    return sorted(path for path in found if path.is_file() and is_whole(path))


def clear_landing(settings: Settings, contracts: Contracts) -> list[Path]:
    """Remove landing files that every contract claiming them has in its ledger.

    They stay in the archive. Gives the whole files no contract claims, left where they are.
    """
    claims: dict[Path, list[SourceContract]] = {}
    for contract in contracts.sources.values():
        for path in landing_files(settings, contract):
            claims.setdefault(path, []).append(contract)
    for path, claimants in claims.items():
        sha256 = file_sha256(path)
        known = (read_entry(extract_dir(settings, *c.key, sha256[:16])) for c in claimants)
        if all(known) and archived_copy(settings, sha256):
            path.unlink()
    everything = sorted(p for p in settings.landing_dir.rglob("*") if p.is_file() and is_whole(p))
    return [path for path in everything if path not in claims]
