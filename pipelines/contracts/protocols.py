"""How a source's bytes are brought to landing where nobody delivers files: the shapes.

Here: databases, paged HTTP, object stores as frozen objects, read from a contract's server.
Not here: what is allowed (`protocol_rules`) and the fetching itself (`pipelines.fetch`).
A text in braces with a dollar before it names a variable of the environment: no secret is ever
in a contract.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.contracts.documents import custom

PAGE_STYLES = ("none", "cursor", "page", "offset", "link")


@dataclass(frozen=True)
class Cursor:
    """Only what changed is asked for: from the highest value loaded so far, less an overlap.

    `name` is a column, or a dotted path in a record. `overlap` is in seconds for instants, in
    units for numbers: it catches what was committed late under an older value. `parameter` is
    the query parameter that takes the value (HTTP only).
    """

    name: str
    overlap: int
    parameter: str = ""


@dataclass(frozen=True)
class SqlFetch:
    """A table or query of a PostgreSQL or SQLite database, read in one transaction."""

    kind: str
    table: tuple[str, ...]
    query: str | None
    cursor: Cursor | None = None
    path: str = ""
    host: str = ""
    port: int = 0
    database: str = ""
    user: str = ""
    password: str = ""
    ssl_mode: str = ""

    extract_format = "parquet"


@dataclass(frozen=True)
class Paging:
    """How the next page is asked for, and how the pages say that they are all.

    `next`, `has_more` and `total` are dotted paths in a page. `first` is the number of the first
    page. A `size` of 0 leaves the size of a page to the server.
    """

    style: str = "none"
    parameter: str = ""
    size_parameter: str = ""
    size: int = 0
    first: int = 1
    next: str = ""
    has_more: str = ""
    total: str = ""


@dataclass(frozen=True)
class HttpFetch:
    """Pages of JSON; `records` is the dotted path of the list of records in a page."""

    url: str
    records: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    paging: Paging = Paging()
    cursor: Cursor | None = None
    requests_per_minute: float = 0
    page_limit: int = 10_000
    timeout_seconds: float = 60

    extract_format = "jsonl"


@dataclass(frozen=True)
class ObjectFetch:
    """Files of an object store; `location` may hold globs, `options` go to its file system."""

    location: str
    format: str
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def extract_format(self) -> str:
        return self.format


Fetch = SqlFetch | HttpFetch | ObjectFetch


def protocol(server: Mapping[str, Any]) -> str:
    """`files`, `sql`, `http` or `objects`; empty for a server nobody can read."""
    kind = server.get("type")
    if kind == "custom":
        return "sql" if server.get("format") == "sqlite" else ""
    known = {"local": "files", "postgres": "sql", "postgresql": "sql", "api": "http"}
    return known.get(str(kind), "objects" if kind == "s3" else "")


def read_fetch(server: Mapping[str, Any], folder: Path) -> Fetch | None:
    """How the server is fetched; None where its files are delivered. `folder`: the contract's."""
    own = custom(server)
    match protocol(server):
        case "sql":
            return _sql(server, own, folder)
        case "http":
            return _http(server, own)
        case "objects":
            return _objects(server, own)
    return None


def _cursor(value: Mapping[str, Any] | None) -> Cursor | None:
    if value is None:
        return None
    return Cursor(str(value["name"]), int(value["overlap"]), str(value.get("parameter", "")))


def _sql(server: Mapping[str, Any], own: Mapping[str, Any], folder: Path) -> SqlFetch:
    is_file = server["type"] == "custom"
    table = str(own["table"]) if "table" in own else ""
    return SqlFetch(
        kind="sqlite" if is_file else "postgres",
        table=() if not table else (table,) if is_file else (str(server["schema"]), table),
        query=(folder / str(own["query"])).read_text("utf-8") if "query" in own else None,
        cursor=_cursor(own.get("cursor")),
        path=str(server.get("path", "")),
        host=str(server.get("host", "")),
        port=int(server.get("port", 0)),
        database=str(server.get("database", "")),
        user=str(own.get("user", "")),
        password=str(own.get("password", "")),
        ssl_mode=str(own.get("sslMode", "")),
    )


def _http(server: Mapping[str, Any], own: Mapping[str, Any]) -> HttpFetch:
    paging: Mapping[str, Any] = own.get("paging") or {}
    return HttpFetch(
        url=str(server["location"]),
        records=str(own.get("records", "")),
        headers={str(k): str(v) for k, v in (own.get("headers") or {}).items()},
        parameters={str(k): str(v) for k, v in (own.get("parameters") or {}).items()},
        paging=Paging(
            style=str(paging.get("style", "none")),
            parameter=str(paging.get("parameter", "")),
            size_parameter=str(paging.get("sizeParameter", "")),
            size=int(paging.get("size", 0)),
            first=int(paging.get("first", 1)),
            next=str(paging.get("next", "")),
            has_more=str(paging.get("hasMore", "")),
            total=str(paging.get("total", "")),
        ),
        cursor=_cursor(own.get("cursor")),
        requests_per_minute=float(own.get("requestsPerMinute", 0)),
        page_limit=int(own.get("maxPages", 10_000)),
        timeout_seconds=float(own.get("timeoutSeconds", 60)),
    )


def _objects(server: Mapping[str, Any], own: Mapping[str, Any]) -> ObjectFetch:
    options = {"key": own.get("accessKey"), "secret": own.get("secretKey")}
    options["endpoint_url"] = server.get("endpointUrl")
    return ObjectFetch(
        location=str(server["location"]),
        format=str(server["format"]),
        options={k: str(v) for k, v in options.items() if v is not None},
    )
