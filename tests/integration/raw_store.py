"""Hand-made accepted rows, written the way the gate writes them; nothing is checked here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import yaml

Rows = Sequence[Mapping[str, Any]]

_ENTITIES = Path(__file__).resolve().parents[2] / "data_contracts" / "entities"
_TYPES: dict[str, pl.DataType] = {
    "string": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "timestamp": pl.Datetime("us"),
    "date": pl.Date(),
}
_TECHNICAL: dict[str, pl.DataType] = {
    "extra": pl.String(),
    "_tenant": pl.String(),
    "_extracted_at": pl.Datetime("us"),
    "_record": pl.Int64(),
}


def write_raw(
    home: Path,
    entity: str,
    rows: Rows,
    source: str,
    tenant: str | None = None,
    extract: str = "0000000000000001",
    extracted_at: str | None = None,
) -> None:
    """Write one accepted extract; instants in `rows` may be ISO text (UTC)."""
    schema = _schema(entity)
    instant = datetime.fromisoformat(extracted_at) if extracted_at else None
    records = [
        {name: _value(row.get(name), kind) for name, kind in schema.items()}
        | {"_tenant": tenant or source, "_extracted_at": instant, "_record": number}
        for number, row in enumerate(rows, start=1)
    ]
    folder = home / "raw" / entity / f"source={source}" / f"extract={extract}"
    folder.mkdir(parents=True)
    pl.DataFrame(records, schema=schema).write_parquet(folder / "accepted.parquet")


def write_empty_raw(home: Path) -> None:
    """The extract without rows every entity has, so that globs resolve."""
    for path in sorted(_ENTITIES.glob("*.odcs.yaml")):
        write_raw(home, path.name.removesuffix(".odcs.yaml"), [], "_none", extract="_none")


def _schema(entity: str) -> dict[str, pl.DataType]:
    text = (_ENTITIES / f"{entity}.odcs.yaml").read_text(encoding="utf-8")
    properties = yaml.safe_load(text)["schema"][0]["properties"]
    kept = {
        p["name"]: _TYPES[p["logicalType"]]
        for p in properties
        if {"property": "pii", "value": "drop"} not in p.get("customProperties", [])
    }
    return kept | _TECHNICAL


def _value(value: Any, kind: pl.DataType) -> Any:
    if isinstance(value, str) and isinstance(kind, pl.Datetime):
        return datetime.fromisoformat(value)
    return value
