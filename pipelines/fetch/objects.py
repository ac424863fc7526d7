"""Files of an object store (S3 and what speaks like it) copied to landing, each version once.

fsspec finds and reads them; the file system for `s3://` is the package s3fs, installed where it
is needed. What was copied is known from the pulls and the ledger, never from a clock.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec  # type: ignore[import-untyped]

from pipelines.contracts import SourceContract
from pipelines.contracts.protocols import ObjectFetch
from pipelines.errors import FetchError
from pipelines.fetch.pulls import empty_draft, entry_of, keep, land, new_pull, read_pulls
from pipelines.fetch.secrets import Secrets
from pipelines.ingest.landing import is_whole
from pipelines.settings import Settings

_CHUNK_BYTES = 1 << 20
_VERSION_KEYS = ("ETag", "etag", "LastModified", "last_modified", "mtime", "created", "size")


def read_objects(settings: Settings, contract: SourceContract, fetch: ObjectFetch) -> list[Path]:
    """Copy new versions of the files that match the location. Raises FetchError."""
    secrets = Secrets(settings)
    try:
        return list(_copied(settings, contract, fetch, secrets))
    except ImportError as error:
        raise FetchError(f"{fetch.location} needs another package: {error}.") from None
    except FetchError:
        raise
    except Exception as error:  # noqa: BLE001 - every store's package has errors of its own
        told = secrets.take_out_of(f"{type(error).__name__}: {error}")
        raise FetchError(f"{fetch.location} cannot be read: {told}", True) from None


def _copied(
    settings: Settings, contract: SourceContract, fetch: ObjectFetch, secrets: Secrets
) -> Iterator[Path]:
    options = {name: secrets.put_into(value) for name, value in fetch.options.items()}
    store, pattern = fsspec.core.url_to_fs(fetch.location, **options)
    known = _known(settings, contract)
    root = pattern.split("*")[0].rpartition("/")[0]
    for path, about in sorted(store.glob(pattern, detail=True).items()):
        version = _version(about)
        if about["type"] != "file" or not is_whole(Path(path)) or known.get(path) == version:
            continue
        folder, pull = empty_draft(settings, contract), new_pull(contract)
        copy = settings.work_dir / f"{folder.name}_file"
        pull.sha256 = _copy(store, path, about["size"], copy)
        pull.files = {path: version}
        keep(settings, contract, folder, pull)
        name = path.removeprefix(root).strip("/").replace("/", "__")
        yield land(settings, contract, copy, name, {"sha256": pull.sha256})


def _known(settings: Settings, contract: SourceContract) -> dict[str, str]:
    """The newest version of each file that the ledger has."""
    known: dict[str, str] = {}
    for pull in read_pulls(settings, contract):
        if entry_of(settings, contract, pull.sha256):
            known |= pull.files
    return known


def _version(about: dict[str, Any]) -> str:
    return "|".join(str(about[key]) for key in _VERSION_KEYS if key in about)


def _copy(store: Any, path: str, size: int, target: Path) -> str:
    """Copy one file; gives its hash. A file that is shorter or longer than listed is refused."""
    digest, copied = hashlib.sha256(), 0
    with store.open(path, "rb") as source, target.open("wb") as copy:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
            copied += copy.write(chunk)
    if copied != size:
        raise FetchError(f"{path} has {size} bytes but gave {copied}; it is read again.", True)
    return digest.hexdigest()
