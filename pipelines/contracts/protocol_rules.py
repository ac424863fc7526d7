"""Own rules of the servers of source contracts: one protocol each, no secret in any of them.

Here: databases, HTTP, object stores, the completeness of landing files. Not here: how a file is
read and mapped (`source_rules`).
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pipelines.contracts.documents import custom
from pipelines.contracts.model import Mistake
from pipelines.contracts.protocols import PAGE_STYLES, protocol
from pipelines.contracts.rules import Judge, nearest

SECRET = re.compile(r"\$\{[A-Z][A-Z0-9_]*\}")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
SSL_MODES = ("disable", "require", "verify-ca", "verify-full")
COMPLETIONS = ("steady", "done", "manifest")
_PLACE = "servers[0].customProperties"
_SECRET_NAMES = re.compile(r"auth|key|token|secret|passw|cookie|credential|signature", re.I)
_OF_ALL = ("droppedHeaders", "extraColumns", "loadMode", "shape")
_OF_FILES = ("delimiter", "encodings", "extractedAt", "headerRow", "records", "sheet")
SERVER_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "files": (*_OF_ALL, *_OF_FILES, "completion", "settledSeconds"),
    "sql": (*_OF_ALL, "cursor", "password", "query", "sslMode", "table", "user"),
    "http": (
        *_OF_ALL, "cursor", "headers", "maxPages", "paging", "parameters", "records",
        "requestsPerMinute", "timeoutSeconds",
    ),
    "objects": (*_OF_ALL, *_OF_FILES, "accessKey", "secretKey"),
}  # fmt: skip
_PAGING = (
    "first", "hasMore", "next", "parameter", "size", "sizeParameter", "style", "total",
)  # fmt: skip


def protocol_mistakes(judge: Judge, server: Mapping[str, Any]) -> Iterator[Mistake]:
    """What is wrong with a server as a place that bytes come from."""
    own = custom(server)
    rules = {"files": _files, "sql": _sql, "http": _http, "objects": _objects}
    yield from rules[protocol(server)](judge, server, own)
    if "cursor" in own:
        yield from _cursor(judge, own["cursor"], is_http=protocol(server) == "http")


def _files(judge: Judge, server: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[Mistake]:
    source = judge.document.file.parent.name
    path = PurePosixPath(str(server["path"]))
    if path.is_absolute() or path.parts[0] != source or ".." in path.parts or len(path.parts) < 2:
        yield judge.mistake("servers[0].path", "path", f"start the path with {source}/")
    if own.get("completion", "steady") not in COMPLETIONS:
        yield judge.mistake(_PLACE, "completion", f"use one of {', '.join(COMPLETIONS)}")
    if not _is_number(own.get("settledSeconds", 0), least=0):
        yield judge.mistake(_PLACE, "settled_seconds", "write a number of seconds, 0 or more")


def _sql(judge: Judge, server: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[Mistake]:
    if ("table" in own) == ("query" in own):
        yield judge.mistake(_PLACE, "table_or_query", "name a table, or the file of a query")
    if "query" in own:
        yield from _query(judge, str(own["query"]))
    if server["type"] == "custom" and not server.get("path"):
        yield judge.mistake("servers[0].path", "path", "write the path of the SQLite file")
    for name in ("user", "password"):
        if name in own:
            yield from _must_be_variable(judge, f"{_PLACE}[{name}]", own[name])
    if "sslMode" in own and own["sslMode"] not in SSL_MODES:
        yield judge.mistake(_PLACE, "ssl_mode", f"use one of {', '.join(SSL_MODES)}")


def _query(judge: Judge, name: str) -> Iterator[Mistake]:
    file = judge.document.file.parent / name
    if PurePosixPath(name).name != name or not file.is_file():
        yield judge.mistake(_PLACE, "query_file", f"put {name} beside the contract")
    elif ";" in file.read_text("utf-8"):
        yield judge.mistake(_PLACE, "query_file", f"write one SELECT without ';' in {name}")


def _http(judge: Judge, server: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[Mistake]:
    url = urlsplit(str(server["location"]))
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in LOCAL_HOSTS):
        yield judge.mistake("servers[0].location", "no_tls", "use https, or a server on localhost")
    if url.username or url.password or any(_is_bare(k, v) for k, v in parse_qsl(url.query)):
        remedy = "take the secret out of the URL; put it into headers or parameters as ${NAME}"
        yield judge.mistake("servers[0].location", "secret_in_contract", remedy)
    for group in ("headers", "parameters"):
        values = own.get(group, {})
        if not isinstance(values, dict):
            yield judge.mistake(_PLACE, group, "write them as {name: value}")
            continue
        for name, value in values.items():
            if _is_bare(str(name), str(value)):
                yield from _must_be_variable(judge, f"{_PLACE}[{group}.{name}]", "")
    for name, least in (("maxPages", 1), ("requestsPerMinute", 0.001), ("timeoutSeconds", 0.001)):
        if name in own and not _is_number(own[name], least):
            yield judge.mistake(_PLACE, "number", f"write a number above 0 as {name}")
    yield from _paging(judge, own.get("paging", {}))


def _paging(judge: Judge, paging: object) -> Iterator[Mistake]:
    place = f"{_PLACE}[paging]"
    if not isinstance(paging, dict):
        yield judge.mistake(place, "paging", "write it as {style: …, …}")
        return
    for name in sorted(set(paging) - set(_PAGING)):
        hint = nearest(str(name), _PAGING)
        yield judge.mistake(place, "unknown_property", f"'{name}' means nothing here{hint}")
    style = paging.get("style", "none")
    if style not in PAGE_STYLES:
        yield judge.mistake(place, "page_style", f"use one of {', '.join(PAGE_STYLES)}")
    needed = {"cursor": ("parameter", "next"), "page": ("parameter",), "offset": ("parameter",)}
    for name in needed.get(str(style), ()):
        if not paging.get(name):
            yield judge.mistake(place, "paging", f"style {style} needs {name}")


def _objects(judge: Judge, server: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[Mistake]:
    endpoint = urlsplit(str(server.get("endpointUrl", "https://")))
    if endpoint.scheme != "https" and endpoint.hostname not in LOCAL_HOSTS:
        yield judge.mistake("servers[0].endpointUrl", "no_tls", "use https, or localhost")
    for name in ("accessKey", "secretKey"):
        if name in own:
            yield from _must_be_variable(judge, f"{_PLACE}[{name}]", own[name])


def _cursor(judge: Judge, cursor: object, is_http: bool) -> Iterator[Mistake]:
    place, names = f"{_PLACE}[cursor]", {"name", "overlap"} | ({"parameter"} if is_http else set())
    if not isinstance(cursor, dict) or set(cursor) != names:
        yield judge.mistake(place, "cursor", f"give exactly {', '.join(sorted(names))}")
    elif not isinstance(cursor["overlap"], int) or cursor["overlap"] < 1:
        remedy = "write how far to go back (seconds, or units of a number), 1 or more"
        yield judge.mistake(place, "cursor_overlap", remedy)


def _is_bare(name: str, value: str) -> bool:
    """Whether a value that should be secret stands there itself."""
    return bool(_SECRET_NAMES.search(name)) and not SECRET.search(value)


def _must_be_variable(judge: Judge, place: str, value: object) -> Iterator[Mistake]:
    if not SECRET.fullmatch(str(value)):
        remedy = "write ${NAME} and set NAME in the environment; a secret never is in a contract"
        yield judge.mistake(place, "secret_in_contract", remedy)


def _is_number(value: object, least: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= least
