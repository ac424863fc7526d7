"""Pseudonyms of personal data: HMAC-SHA256 under a key that never leaves the home folder.

A plain hash of a phone number is reversed in hours; a keyed one is not without the key. The
two key blocks are session variables, so that no key stands in a query or an error message.
"""

import hashlib
import os
import secrets

import duckdb

from pipelines.settings import Settings

_BLOCK_BYTES = 64
_KEY_BYTES = 32
PSEUDONYM_CHARACTERS = 32


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
    """Prepare a connection for `pseudonym`, as RFC 2104 prepares a key."""
    if len(key) > _BLOCK_BYTES:
        key = hashlib.sha256(key).digest()
    key = key.ljust(_BLOCK_BYTES, b"\0")
    for name, pad in (("inner_key", 0x36), ("outer_key", 0x5C)):
        block = bytes(byte ^ pad for byte in key)
        connection.execute(f"set variable {name} = $1", [block]).fetchall()


def pseudonym(sql: str) -> str:
    """SQL of the pseudonym of a text: the first 32 hex characters of its HMAC-SHA256."""
    inner = f"unhex(sha256(getvariable('inner_key')::blob || encode({sql})))"
    return f"sha256(getvariable('outer_key')::blob || {inner})[:{PSEUDONYM_CHARACTERS}]"
