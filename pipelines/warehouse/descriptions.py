"""What the tables of a snapshot and their columns mean, in English and in Chinese.

Models and seeds say it beside their columns (`description`, `meta.description_zh`), the audit
tables in `audit.yaml`; here both become one table.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from pipelines.settings import Settings
from pipelines.warehouse.dbt import target_dir

_SCHEMAS = ("marts", "reference")
_AUDIT = Path(__file__).with_name("audit.yaml")
_COLUMNS = ("schema_name", "table_name", "column_name", "description", "description_zh")
Row = tuple[str, str, str, str, str]


def descriptions(settings: Settings) -> pl.DataFrame:
    """A row per table (without `column_name`) and per column that says what it means."""
    manifest = json.loads((target_dir(settings) / "manifest.json").read_text(encoding="utf-8"))
    rows = [*_of_models(manifest), *_of_audit()]
    return pl.DataFrame(rows, schema=dict.fromkeys(_COLUMNS, pl.String()), orient="row")


def _of_models(manifest: Mapping[str, Any]) -> Iterator[Row]:
    for node in manifest["nodes"].values():
        if node["resource_type"] not in ("model", "seed") or node["schema"] not in _SCHEMAS:
            continue
        for name, told in {"": node, **node["columns"]}.items():
            chinese = told["config"]["meta"].get("description_zh", "")
            yield node["schema"], node["name"], name, told["description"], chinese


def _of_audit() -> Iterator[Row]:
    for table, told in yaml.safe_load(_AUDIT.read_text(encoding="utf-8")).items():
        for name, (english, chinese) in {"": told["table"], **told["columns"]}.items():
            yield "audit", table, name, english, chinese
