"""A small source for tests of the gate: one entity with every kind of rule, and its contract."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import yaml

from pipelines.contracts import SourceContract, load_contracts
from pipelines.ingest import Extract, ingest_file
from pipelines.ingest.ledger import extract_dir
from pipelines.settings import Settings

if TYPE_CHECKING:
    from click.testing import Result

Document = dict[str, Any]
HEADER = "编号,状态,创建时间,关闭时间,评分,比率,达标,电话,备注,代码"
ROW = "R1,开,2026-03-01 08:00:00,2026-03-02 09:30:00,7,0.5,是,13800000000,随便,AB"


def valid(*values: str) -> list[Document]:
    arguments = {"validValues": list(values)}
    check = {"type": "library", "metric": "invalidValues", "mustBe": 0, "arguments": arguments}
    return [check | {"severity": "error"}]


def rule(name: str, implementation: str, severity: str) -> Document:
    return {
        "type": "custom",
        "engine": "row_rule",
        "name": name,
        "severity": severity,
        "implementation": implementation,
    }


def pii(way: str) -> list[Document]:
    return [{"property": "pii", "value": way}]


ENTITY: Document = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "entity.request",
    "version": "1.0.0",
    "status": "active",
    "name": "request",
    "description": {"purpose": "A request, for tests."},
    "schema": [
        {
            "name": "request",
            "logicalType": "object",
            "quality": [
                rule("closing_not_before_creation", "closed_at >= created_at", "error"),
                rule("score_given", "score is not null", "warning"),
            ],
            "properties": [
                {
                    "name": "request_id",
                    "logicalType": "string",
                    "required": True,
                    "primaryKey": True,
                    "primaryKeyPosition": 1,
                },
                {
                    "name": "status",
                    "logicalType": "string",
                    "required": True,
                    "quality": valid("open", "closed"),
                },
                {
                    "name": "created_at",
                    "logicalType": "timestamp",
                    "required": True,
                    "logicalTypeOptions": {"timezone": True},
                },
                {"name": "closed_at", "logicalType": "timestamp"},
                {
                    "name": "score",
                    "logicalType": "integer",
                    "logicalTypeOptions": {"minimum": 0, "maximum": 10},
                },
                {"name": "ratio", "logicalType": "number"},
                {"name": "is_met", "logicalType": "boolean"},
                {"name": "phone", "logicalType": "string", "customProperties": pii("pseudonymise")},
                {"name": "note", "logicalType": "string", "customProperties": pii("drop")},
                {
                    "name": "is_gone",
                    "logicalType": "boolean",
                    "customProperties": [{"property": "role", "value": "tombstone"}],
                },
                {
                    "name": "code",
                    "logicalType": "string",
                    "logicalTypeOptions": {"pattern": "^[A-Z]+$", "maxLength": 3},
                },
            ],
        }
    ],
}


def mapped(name: str, header: str, **custom: object) -> Document:
    properties = {"sourceHeaders": [header], **custom}
    return {
        "name": name,
        "customProperties": [{"property": k, "value": v} for k, v in properties.items()],
    }


_TIMES = {"formats": ["yyyy-MM-dd HH:mm:ss", "d/M/yyyy H:mm"], "timezone": "Asia/Shanghai"}
SOURCE: Document = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "desk.request",
    "version": "1.0.0",
    "status": "active",
    "description": {"purpose": "Requests of a desk, for tests."},
    "servers": [
        {
            "server": "landing",
            "type": "local",
            "path": "desk/*",
            "format": "csv",
            "customProperties": [{"property": "encodings", "value": ["utf-8", "gb18030"]}],
        }
    ],
    "schema": [
        {
            "name": "request",
            "properties": [
                mapped("request_id", "编号"),
                mapped("status", "状态", valueMap={"开": "open", "关": "closed"}),
                mapped("created_at", "创建时间", **_TIMES),
                mapped("closed_at", "关闭时间", **_TIMES),
                mapped("score", "评分", nullTokens=["-"]),
                mapped("ratio", "比率", thousandsSign=","),
                mapped("is_met", "达标", valueMap={"是": True, "否": False}),
                mapped("phone", "电话"),
                mapped("note", "备注"),
                mapped("code", "代码"),
            ],
        }
    ],
}


def column(source: Document, name: str) -> Document:
    """The node of a column in a contract document."""
    nodes: list[Document] = source["schema"][0]["properties"]
    return next(node for node in nodes if node["name"] == name)


def set_custom(node: Document, name: str, value: object) -> None:
    """Give a custom property a value; None removes it."""
    others = [p for p in node.get("customProperties", []) if p["property"] != name]
    node["customProperties"] = others + (
        [] if value is None else [{"property": name, "value": value}]
    )


def set_reader(source: Document, name: str, value: object) -> None:
    set_custom(source["servers"][0], name, value)


def write_contracts(
    folder: Path, change: Callable[[Document, Document], object] | None = None
) -> Path:
    """Write the two contracts below `folder`, changed by `change(source, entity)`."""
    source, entity = deepcopy(SOURCE), deepcopy(ENTITY)
    if change:
        change(source, entity)
    contracts = folder / "data_contracts"
    for path, document in (
        (contracts / "entities" / "request.odcs.yaml", entity),
        (contracts / "sources" / "desk" / "request.odcs.yaml", source),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")
    return contracts


class Kpi:
    """The command line, started by its arguments."""

    def __call__(self, *arguments: str) -> "Result":
        from typer.testing import CliRunner

        from pipelines.cli import app

        return CliRunner().invoke(app, list(arguments))


class Desk:
    """A home folder and the contract of the small source."""

    def __init__(
        self, folder: Path, change: Callable[[Document, Document], object] | None = None
    ) -> None:
        self.folder = folder
        self.settings = Settings(home=folder / "home", memory_limit="1GB")
        self.contract = self.changed(change)

    def changed(self, change: Callable[[Document, Document], object] | None) -> SourceContract:
        """The contract after a change, which the desk uses from now on."""
        self.contracts = load_contracts(write_contracts(self.folder, change))
        self.contract = self.contracts.sources["desk", "request"]
        return self.contract

    def ingest(self, content: bytes | str, name: str = "requests.csv") -> Extract:
        path = self.folder / name
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return ingest_file(self.settings, self.contract, path, "test")

    def rows(self, extract: Extract, part: str = "accepted") -> list[dict[str, Any]]:
        """The rows of accepted.parquet or quarantined.parquet, in the order of the file."""
        folder = extract_dir(self.settings, *self.contract.key, extract.extract_id)
        with duckdb.connect() as connection:
            relation = connection.execute(
                "select * from read_parquet($1) order by _record", [f"{folder}/{part}.parquet"]
            )
            names = [column[0] for column in relation.description or []]
            return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]

    def command_line(self, monkeypatch: pytest.MonkeyPatch) -> Kpi:
        """`kpi` as it is for somebody who works at this desk."""
        monkeypatch.setenv("KPI_HOME", str(self.settings.home))
        monkeypatch.setenv("KPI_CONTRACTS_DIR", str(self.folder / "data_contracts"))
        return Kpi()

    def reasons(self, content: bytes | str) -> dict[str, int]:
        return dict(self.ingest(content).reasons)


def table(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


def with_values(**values: str) -> str:
    """The good row with other texts; names are those of the entity."""
    names = ["request_id", "status", "created_at", "closed_at", "score", "ratio", "is_met"]
    cells = dict(zip([*names, "phone", "note", "code"], ROW.split(","), strict=True))
    return ",".join((cells | values).values())
