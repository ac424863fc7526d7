"""The small source of the gate's tests, its server replaced by one that is fetched."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts import load_contracts
from pipelines.fetch import Fetched, fetch_source
from pipelines.ingest import Extract, clear_landing, ingest_source
from tests.unit.ingest.request_source import Desk, Document, column, set_custom

COLUMNS = ("编号", "状态", "创建时间", "关闭时间", "评分", "比率", "达标", "电话", "备注", "代码")
INSTANTS = ["yyyy-MM-dd HH:mm:ssX", "yyyy-MM-dd HH:mm:ss.SSSSSSX", "yyyy-MM-dd'T'HH:mm:ssX"]


def server(node: dict[str, Any], **custom: object) -> Callable[[Document, Document], None]:
    """A change of the contract: this server, these custom properties of it."""

    def change(source: Document, entity: Document) -> None:
        properties = [{"property": name, "value": value} for name, value in custom.items()]
        source["servers"] = [{"server": "desk", **node, "customProperties": properties}]
        for name in ("created_at", "closed_at"):
            set_custom(column(source, name), "formats", INSTANTS)
            set_custom(column(source, name), "timezone", None)
            column(entity, name)["logicalTypeOptions"] = {"timezone": True}

    return change


class FetchedDesk(Desk):
    """Pulls, ingests and clears as a night does."""

    def __init__(self, folder: Path, node: dict[str, Any], **custom: object) -> None:
        super().__init__(folder, server(node, **custom))

    def pull(self) -> Fetched:
        return fetch_source(self.settings, self.contract)

    def night(self) -> tuple[Fetched, list[Extract]]:
        fetched = self.pull()
        extracts = ingest_source(self.settings, self.contract, "test")
        clear_landing(self.settings, load_contracts(self.contract.file.parents[2]))
        return fetched, extracts

    def ids(self) -> set[str]:
        """All ids in raw, of all extracts."""
        pattern = self.settings.raw_dir / "request" / "source=desk"
        query = "select distinct request_id from read_parquet($1)"
        with duckdb.connect() as connection:
            rows = connection.execute(query, [f"{pattern}/*/accepted.parquet"]).fetchall()
        return {str(row[0]) for row in rows}

    def kept_text(self) -> str:
        """All that was kept of pulls, landing, raw entries and the archive, as text."""
        files = [p for p in self.settings.home.rglob("*") if p.is_file()]
        return "\n".join(p.read_bytes().decode("utf-8", "replace") for p in files)


def record(number: int, **values: object) -> dict[str, object]:
    """One good record, in the columns of the extract."""
    cells: dict[str, object] = {
        "编号": f"{number:08d}",
        "状态": "开",
        "创建时间": f"2026-03-01 00:{number // 60 % 60:02d}:{number % 60:02d}Z",
        "关闭时间": None,
        "评分": number % 11,
        "比率": 0.5,
        "达标": "是",
        "电话": "13800000000",
        "备注": "随便, \"引号\" 'x'\n新行",
        "代码": "AB",
    }
    return cells | values
