"""Pseudonyms of personal data: HMAC-SHA256 under a key that never leaves the installation.

A plain hash of a phone number is reversed in hours; a keyed one is not without the key. The key
stays in Python: no query, and no error message of one, can show it. Not here: changing the key
(`rotation`).
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from pipelines.durability import sync_dir
from pipelines.errors import SecretError
from pipelines.settings import Settings

_KEY_BYTES = 32
_ID_CHARACTERS = 8
PSEUDONYM_CHARACTERS = 32
_MOST_REMEMBERED = 200_000


@dataclass(frozen=True)
class Key:
    """The key of the pseudonyms; its id tells keys apart without telling the key."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        return hmac.new(self.secret, b"key id", hashlib.sha256).hexdigest()[:_ID_CHARACTERS]


def current_key(settings: Settings) -> Key:
    """The key to write with: of the environment, else of a rotation begun, else of the file.

    The file is made on first use, with access for its owner only.
    """
    if settings.secret_key is not None:
        secret = settings.secret_key.get_secret_value().encode()
        if len(secret) < _KEY_BYTES:
            raise SecretError(
                f"KPI_SECRET_KEY must have {_KEY_BYTES} characters at least, and has "
                f"{len(secret)}; make one with `openssl rand -hex 32`."
            )
        return Key(secret)
    for path in (next_key_path(settings), settings.key_path):
        if path.exists():
            return _read(path)
    make_key(settings.key_path)
    return _read(settings.key_path)


def next_key_path(settings: Settings) -> Path:
    """The key of a rotation that has begun and not ended."""
    return settings.key_path.with_suffix(".next")


def make_key(path: Path) -> None:
    """Write a new random key, whole or not at all; a key that is there stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for leftover in path.parent.glob(".secret-*"):
        leftover.unlink(missing_ok=True)
    draft = path.with_name(f".secret-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(secrets.token_bytes(_KEY_BYTES))
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    sync_dir(path.parent)


def _read(path: Path) -> Key:
    if path.stat().st_mode & 0o077:
        raise SecretError(
            f"{path} can be read by others than its owner; `chmod 600` it, and run `kpi secrets "
            "rotate` if somebody may have read it."
        )
    return Key(path.read_bytes())


class Pseudonyms:
    """The first 32 hex characters of the HMAC-SHA256 of texts.

    A customer comes back, so each text is hashed once as long as it is remembered.
    """

    def __init__(self, key: Key) -> None:
        self._keyed = hmac.new(key.secret, digestmod=hashlib.sha256)
        self._forget()

    def _forget(self) -> None:
        self._texts = self._tokens = pa.nulls(0, pa.large_string())

    def of(self, texts: pa.Array) -> pa.Array:
        """The pseudonym of each text; null stays null."""
        if len(self._texts) > _MOST_REMEMBERED:
            self._forget()
        strange = texts.filter(pc.invert(pc.is_in(texts, self._texts)))
        fresh = strange.drop_null().unique()
        self._texts = pa.concat_arrays([self._texts, fresh])
        self._tokens = pa.concat_arrays([self._tokens, self._hashed(fresh.to_pylist())])
        return self._tokens.take(pc.index_in(texts, self._texts))

    def _hashed(self, texts: list[str]) -> pa.Array:
        """Put together by hand, because `pa.array` imports pandas, which takes half a second."""
        data = "".join(self._hash(text) for text in texts).encode()
        ends = np.arange(0, len(data) + 1, PSEUDONYM_CHARACTERS, dtype=np.int64)
        buffers = (pa.py_buffer(ends), pa.py_buffer(data))
        return pa.LargeStringArray.from_buffers(len(texts), *buffers)

    def _hash(self, text: str) -> str:
        keyed = self._keyed.copy()
        keyed.update(text.encode())
        return keyed.hexdigest()[:PSEUDONYM_CHARACTERS]
