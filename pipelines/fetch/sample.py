"""The first rows of a database table named by its address, for whoever drafts a contract for it.

`postgresql://${USER}:${PASSWORD}@host:port/database?table=schema.table` and
`sqlite:///file?table=name` give Parquet. Here: reading such addresses.
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from pipelines.contracts.protocol_rules import SECRET
from pipelines.contracts.protocols import SqlFetch
from pipelines.errors import FetchError
from pipelines.fetch.secrets import Secrets
from pipelines.fetch.sql import read_database
from pipelines.settings import Settings

_POSTGRES_PORT = 5432


@dataclass(frozen=True)
class Sample:
    """A file with some rows, and what a contract would say to fetch the whole."""

    path: Path
    fetch: SqlFetch


def fetch_sample(settings: Settings, address: str, folder: Path, rows: int = 1000) -> Sample:
    """Write at most `rows` rows of a table into `folder`. Raises FetchError.

    Secrets stand in the address as `${NAME}`, as they do in contracts.
    """
    fetch = _database(address)
    path = folder / "sample.parquet"
    read_database(fetch, Secrets(settings), None, path, row_limit=rows)
    return Sample(path, fetch)


def _database(address: str) -> SqlFetch:
    parts = urlsplit(address)
    table = parse_qs(parts.query).get("table", [""])[0]
    if parts.scheme not in ("postgres", "postgresql", "sqlite") or not table:
        raise FetchError(
            "an address is postgresql://…?table=schema.table or sqlite:///…?table=name."
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
