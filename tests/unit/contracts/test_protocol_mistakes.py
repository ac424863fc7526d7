"""Mistakes in the server of a source contract are found, and no secret gets into one."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts import check_contracts
from tests.unit.fetch.fetched_desk import server
from tests.unit.ingest.request_source import write_contracts

POSTGRES = {"type": "postgres", "host": "db.example", "port": 5432, "database": "d", "schema": "p"}
SQLITE = {"type": "custom", "format": "sqlite", "path": "/var/desk.db"}
API = {"type": "api", "location": "https://desk.example/api"}
S3 = {"type": "s3", "location": "s3://bucket/*.csv", "format": "csv"}
FILES = {"type": "local", "path": "desk/*", "format": "csv"}
CURSOR = {"name": "changed", "overlap": 60}
Node = dict[str, Any]


def rules(folder: Path, node: Node, **custom: object) -> list[str]:
    contracts = write_contracts(folder, server(node, **custom))
    return [mistake.rule for mistake in check_contracts(contracts)]


@pytest.mark.parametrize(
    ("node", "custom"),
    [
        (POSTGRES, {"table": "t", "user": "${U}", "password": "${P}", "sslMode": "verify-full"}),
        (SQLITE, {"table": "t", "cursor": CURSOR}),
        (API, {"headers": {"Authorization": "Bearer ${T}", "Accept": "x"}, "records": "a.b"}),
        (API, {"parameters": {"api_key": "${K}"}, "cursor": CURSOR | {"parameter": "since"}}),
        (API | {"location": "http://localhost:8000/x?page=1"}, {"requestsPerMinute": 60}),
        (API, {"paging": {"style": "page", "parameter": "page", "sizeParameter": "n", "size": 9}}),
        (S3, {"accessKey": "${A}", "secretKey": "${S}", "delimiter": ";"}),
        (FILES, {"completion": "done", "settledSeconds": 2.5}),
    ],
)
def test_sound_servers(tmp_path: Path, node: Node, custom: Node) -> None:
    assert rules(tmp_path, node, **custom) == []


@pytest.mark.parametrize(
    ("node", "custom", "rule"),
    [
        ({"type": "duckdb", "database": "x"}, {}, "one_server"),
        (SQLITE | {"format": "access"}, {}, "one_server"),
        (POSTGRES, {}, "table_or_query"),
        (POSTGRES, {"query": "nowhere.sql"}, "query_file"),
        (POSTGRES, {"query": "../request.sql"}, "query_file"),
        (POSTGRES, {"table": "t", "password": "geheim"}, "secret_in_contract"),
        (POSTGRES, {"table": "t", "password": "x${P}"}, "secret_in_contract"),
        (POSTGRES, {"table": "t", "user": "admin"}, "secret_in_contract"),
        (POSTGRES, {"table": "t", "sslMode": "prefer"}, "ssl_mode"),
        (POSTGRES, {"table": "t", "delimiter": ";"}, "unknown_custom_property"),
        (SQLITE | {"path": ""}, {"table": "t"}, "path"),
        (SQLITE, {"table": "t", "cursor": {"name": "changed"}}, "cursor"),
        (SQLITE, {"table": "t", "cursor": CURSOR | {"overlap": 0}}, "cursor_overlap"),
        (SQLITE, {"table": "t", "cursor": CURSOR | {"parameter": "x"}}, "cursor"),
        (API, {"cursor": CURSOR}, "cursor"),
        (API | {"location": "http://desk.example/api"}, {}, "no_tls"),
        (API | {"location": "https://me:pw@desk.example/api"}, {}, "secret_in_contract"),
        (API | {"location": "https://desk.example/?token=abc"}, {}, "secret_in_contract"),
        (API, {"headers": {"X-Api-Key": "abc"}}, "secret_in_contract"),
        (API, {"headers": {"Cookie": "session=abc"}}, "secret_in_contract"),
        (API, {"parameters": {"access_token": "abc"}}, "secret_in_contract"),
        (API, {"headers": ["Accept"]}, "headers"),
        (API, {"paging": "link"}, "paging"),
        (API, {"paging": {"style": "scroll"}}, "page_style"),
        (API, {"paging": {"style": "cursor", "parameter": "after"}}, "paging"),
        (API, {"paging": {"style": "link", "nxt": "x"}}, "unknown_property"),
        (API, {"maxPages": 0}, "number"),
        (API, {"timeoutSeconds": "long"}, "number"),
        (S3 | {"format": "pdf"}, {}, "format"),
        (S3 | {"endpointUrl": "http://store.example"}, {}, "no_tls"),
        (S3, {"secretKey": "abc"}, "secret_in_contract"),
        (FILES, {"completion": "soon"}, "completion"),
        (FILES, {"settledSeconds": -1}, "settled_seconds"),
        (FILES, {"table": "t"}, "unknown_custom_property"),
    ],
)
def test_mistakes(tmp_path: Path, node: Node, custom: Node, rule: str) -> None:
    assert rules(tmp_path, node, **custom) == [rule]


def test_a_query_is_one_select(tmp_path: Path) -> None:
    write_contracts(tmp_path)
    query = tmp_path / "data_contracts" / "sources" / "desk" / "q.sql"
    query.write_text("select 1; drop table t", "utf-8")
    assert rules(tmp_path, POSTGRES, query="q.sql") == ["query_file"]
    query.write_text("select 1", "utf-8")
    assert rules(tmp_path, POSTGRES, query="q.sql") == []
    assert rules(tmp_path, POSTGRES, query="q.sql", table="t") == ["table_or_query"]
