"""Pseudonyms of personal data: HMAC-SHA256 under a key that never leaves the home folder.

A plain hash of a phone number is reversed in hours; a keyed one is not without the key. The
two key blocks are session variables, so that no key stands in a query or an error message.
"""

import hashlib
import os
import secrets

import duckdb
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from pipelines.settings import Settings

_BLOCK_BYTES = 64
_KEY_BYTES = 32
PSEUDONYM_CHARACTERS = 32
_MOST_REMEMBERED = 200_000


def secret_key(settings: Settings) -> bytes:
    """The installation's key, made on first use with access for its owner only."""
    path = settings.home / "secret.key"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        settings.home.mkdir(parents=True, exist_ok=True)
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
    return path.read_bytes()


def set_key(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Prepare a connection for `Pseudonyms`, as RFC 2104 prepares a key."""
    if len(key) > _BLOCK_BYTES:
        key = hashlib.sha256(key).digest()
    key = key.ljust(_BLOCK_BYTES, b"\0")
    for name, pad in (("inner_key", 0x36), ("outer_key", 0x5C)):
        block = bytes(byte ^ pad for byte in key)
        connection.execute(f"set variable {name} = $1", [block]).fetchall()


class Pseudonyms:
    """The first 32 hex characters of the HMAC-SHA256 of texts.

    A customer comes back, so each text is hashed once as long as it is remembered.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Take the key of a connection prepared by `set_key`."""
        query = "select getvariable('inner_key')::blob, getvariable('outer_key')::blob"
        inner, outer = connection.execute(query).fetchall()[0]
        self._inner, self._outer = hashlib.sha256(inner), hashlib.sha256(outer)
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
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text.encode())
        outer.update(inner.digest())
        return outer.hexdigest()[:PSEUDONYM_CHARACTERS]
