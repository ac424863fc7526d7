"""The first rows of a place named by its address, for whoever drafts a contract for it.

`https://host/path` gives JSON lines, `postgresql://${USER}:${PASSWORD}@host:port/database?table=
schema.table` and `sqlite:///file?table=name` give Parquet. Here: reading such addresses.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pipelines.contracts.protocol_rules import SECRET
from pipelines.contracts.protocols import HttpFetch, SqlFetch
from pipelines.errors import FetchError
from pipelines.fetch.client import Client
from pipelines.fetch.json_text import record_texts
from pipelines.fetch.paging import first_token, request_of
from pipelines.fetch.secrets import Secrets
from pipelines.fetch.sql import read_database
from pipelines.settings import Settings

_POSTGRES_PORT = 5432


@dataclass(frozen=True)
class Sample:
    """A file with some rows, and what a contract would say to fetch the whole."""

    path: Path
    fetch: SqlFetch | HttpFetch


def fetch_sample(
    settings: Settings,
    address: str,
    folder: Path,
    rows: int = 1000,
    headers: Mapping[str, str] | None = None,
) -> Sample:
    """Write at most `rows` rows of an address into `folder`. Raises FetchError.

    Secrets stand in the address and the headers as `${NAME}`, as they do in contracts.
    """
    secrets, scheme = Secrets(settings), urlsplit(address).scheme
    if scheme in ("http", "https"):
        return _http_sample(HttpFetch(address, headers=headers or {}), secrets, folder, rows)
    fetch = _database(address)
    path = folder / "sample.parquet"
    read_database(fetch, secrets, None, path, row_limit=rows)
    return Sample(path, fetch)


def _database(address: str) -> SqlFetch:
    parts = urlsplit(address)
    table = parse_qs(parts.query).get("table", [""])[0]
    if parts.scheme not in ("postgres", "postgresql", "sqlite") or not table:
        raise FetchError(
            "an address is https://…, postgresql://…?table=schema.table or sqlite:///…?table=name."
        )
    if parts.scheme == "sqlite":
        return SqlFetch("sqlite", (table,), None, path=unquote(parts.path))
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if password and not SECRET.fullmatch(password):
        raise FetchError("write the password as ${NAME} and set NAME in the environment.")
    schema, _, name = table.rpartition(".")
    return SqlFetch(
        kind="postgres",
        table=(schema or "public", name),
        query=None,
        host=parts.hostname or "localhost",
        port=parts.port or _POSTGRES_PORT,
        database=parts.path.strip("/"),
        user=user,
        password=password,
    )


def _http_sample(fetch: HttpFetch, secrets: Secrets, folder: Path, rows: int) -> Sample:
    request = request_of(fetch, first_token(fetch), None)
    text = Client(fetch, secrets).get(request).text
    try:
        records = _records_path(json.loads(text))
        lines = list(record_texts(text, records or ""))[:rows] if records is not None else []
    except ValueError as error:
        raise FetchError(f"{request.shown} must give JSON, but {error}.") from None
    if not lines:
        raise FetchError(f"{request.shown} gives no list of records on its first page.")
    path = folder / "sample.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8", newline="")
    return Sample(path, replace(fetch, records=records or ""))


def _records_path(page: Any, path: tuple[str, ...] = ()) -> str | None:
    """The dotted path of the first list of objects, outer ones first; None without any."""
    if isinstance(page, list):
        return ".".join(path) if page and isinstance(page[0], dict) else None
    if not isinstance(page, dict):
        return None
    lists = [key for key, value in page.items() if isinstance(value, list)]
    for key in lists + [key for key in page if key not in lists]:
        found = _records_path(page[key], (*path, str(key)))
        if found is not None:
            return found
    return None
