"""A contract becomes what it says: merged columns, defaults, fingerprint, export times."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from pipelines.contracts import ExtractedAt, SourceContract, load_contracts
from pipelines.contracts.patterns import clashing_text, read_pattern
from tests.unit.ingest.request_source import (
    Document,
    column,
    set_custom,
    set_reader,
    valid,
    write_contracts,
)


def load(folder: Path, change: object = None) -> SourceContract:
    contracts = write_contracts(folder, change)  # type: ignore[arg-type]
    return load_contracts(contracts).sources["desk", "request"]


def test_columns_carry_what_both_contracts_say(tmp_path: Path) -> None:
    def change(source: Document, _: Document) -> None:
        column(source, "score").update(required=True, logicalTypeOptions={"maximum": 5})
        column(source, "status")["quality"] = valid("open", "closed")

    contract = load(tmp_path, change)
    columns = {column.name: column for column in contract.columns}
    score = columns["score"]
    assert (score.required, score.minimum, score.maximum) == (True, "0", "5")
    assert score.null_tokens == ("", "-")
    assert columns["status"].value_map == {"开": "open", "关": "closed"}
    assert columns["status"].valid_values == ("open", "closed")
    assert columns["is_met"].value_map == {"是": "true", "否": "false"}
    assert columns["created_at"].timezone == "Asia/Shanghai"
    assert [c.name for c in contract.entity.key] == ["request_id"]
    assert [c.name for c in contract.event_columns] == ["created_at", "closed_at"]
    assert "note" not in [c.name for c in contract.published_columns]
    assert [r.severity for r in contract.row_rules] == ["error", "warning"]


def test_defaults(tmp_path: Path) -> None:
    contract = load(tmp_path, lambda source, _: set_reader(source, "encodings", None))
    assert contract.tenant == "desk"
    assert (contract.encodings, contract.delimiter, contract.header_row) == (("utf-8",), ",", 1)
    assert contract.extra_columns == "refuse"
    assert contract.frequency_seconds is None


def test_words_of_a_map_stay_words(tmp_path: Path) -> None:
    """YAML would read yes as a boolean and 1 as a number; a file carries texts."""
    contracts = write_contracts(tmp_path)
    file = contracts / "sources" / "desk" / "request.odcs.yaml"
    text = file.read_text("utf-8")
    file.write_text(re.sub(r"( *)开: open", r"\1yes: open\n\g<1>1: open", text), "utf-8")
    status = load_contracts(contracts).sources["desk", "request"].columns[1]
    assert status.value_map == {"yes": "open", "1": "open", "关": "closed"}


def test_frequency_in_seconds(tmp_path: Path) -> None:
    promise = {"property": "frequency", "value": 2, "unit": "h"}
    contract = load(tmp_path, lambda source, _: source.update(slaProperties=[promise]))
    assert (contract.frequency_seconds, contract.allowed_seconds) == (7200, 9000)


def test_fingerprint_covers_contract_entity_and_shape(tmp_path: Path) -> None:
    def entity_changed(_: Document, entity: Document) -> None:
        entity["version"] = "1.0.1"

    plain = load(tmp_path)
    assert load(tmp_path).sha256 == plain.sha256
    assert load(tmp_path, entity_changed).sha256 != plain.sha256
    shape = tmp_path / "data_contracts/sources/desk/request.sql"
    shape.write_text("select * from extract", "utf-8")
    first = load(tmp_path, lambda source, _: set_reader(source, "shape", "request.sql"))
    shape.write_text("select * from extract -- again", "utf-8")
    second = load(tmp_path, lambda source, _: set_reader(source, "shape", "request.sql"))
    assert len({plain.sha256, first.sha256, second.sha256}) == 3


def test_null_in_a_value_map_is_a_null_token(tmp_path: Path) -> None:
    def change(source: Document, _: Document) -> None:
        set_custom(column(source, "status"), "valueMap", {"开": "open", "未知": None})

    status = load(tmp_path, change).columns[1]
    assert (status.value_map, status.null_tokens) == ({"开": "open"}, ("", "未知"))


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("t_20260301T080000.csv", datetime(2026, 3, 1, 0, 0)),  # noqa: DTZ001 - UTC, no zone
        ("t_20261301T080000.csv", None),
        ("t.csv", None),
    ],
)
def test_export_time_from_the_name(name: str, moment: datetime | None) -> None:
    told = ExtractedAt(r"_(\d{8}T\d{6})\.", "yyyyMMdd'T'HHmmss", "Asia/Shanghai")
    assert told.read(name) == moment


@pytest.mark.parametrize(
    ("pattern", "strptime"),
    [
        ("yyyy-MM-dd HH:mm:ss", "%Y-%m-%d %H:%M:%S"),
        ("d/M/yy h:mm a", "%d/%m/%y %I:%M %p"),
        ("yyyyMMdd'T'HHmmssXXX", "%Y%m%dT%H%M%S%z"),
        ("yyyy''MM'%'", "%Y'%m%%"),
        ("EEE d MMM yyyy HH:mm:ss.SSS", "%a %d %b %Y %H:%M:%S.%g"),
        ("yyyy年M月d日", "%Y年%m月%d日"),
    ],
)
def test_jdk_patterns(pattern: str, strptime: str) -> None:
    if "%" in pattern:
        with pytest.raises(ValueError, match="strftime"):
            read_pattern(pattern)
    else:
        assert read_pattern(pattern).strptime == strptime


@pytest.mark.parametrize(
    ("first", "second", "clashes"),
    [
        ("d/M/yyyy", "M/d/yyyy", True),
        ("yyyy-MM-dd", "yyyy-dd-MM", True),
        ("yy/MM/dd", "dd/MM/yy", True),
        ("HH:mm yyyy", "hh:mm yyyy", False),
        ("yyyy-MM-dd", "d/M/yyyy", False),
        ("yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", False),
        ("yyyy/M/d", "yyyy/MM/dd", False),
        ("HH:mm d/M/yyyy", "mm:HH d/M/yyyy", True),
    ],
)
def test_clash_of_two_patterns(first: str, second: str, clashes: bool) -> None:
    assert (clashing_text(read_pattern(first), read_pattern(second)) is not None) is clashes


def test_a_declared_batch_rule_stands_in_place_of_its_default(tmp_path: Path) -> None:
    def change(source: Document, _: Document) -> None:
        custom = {"type": "custom", "engine": "batch_rule"}
        source["slaProperties"] = [
            {"property": "frequency", "value": 1, "unit": "d"},
            {"property": "latency", "value": 2, "unit": "h"},
        ]
        source["schema"][0]["quality"] = [
            custom | {"name": "volume", "severity": "error", "implementation": {"low": 0.1}},
            custom | {"name": "quarantined_ratio", "implementation": "off"},
            custom | {"name": "extract_gap", "severity": "error", "implementation": {}},
            {"type": "library", "metric": "rowCount", "mustBeBetween": [10, 99]},
        ]
        column(source, "score")["quality"] = [
            {"type": "library", "metric": "nullValues", "unit": "percent", "severity": "error"}
            | {"mustBeLessOrEqualTo": 5}
        ]
        column(source, "status")["quality"] = [
            custom | {"name": "drift", "implementation": {"high": 0.1, "history": 20}}
        ]

    contract = load(tmp_path, change)
    rules = {rule.key: (rule.low, rule.high, rule.history) for rule in contract.batch_rules}
    assert contract.allowed_seconds == 26 * 3600
    assert rules["volume", None, "warn"] == (0.5, 2.0, 8)
    assert rules["volume", None, "error"] == (0.1, None, 8)
    assert ("quarantined_ratio", None, "warn") not in rules
    assert rules["quarantined_ratio", None, "error"] == (None, 0.5, 8)
    assert rules["row_count", None, "warn"] == (10, 99, 8)
    assert rules["null_ratio", "score", "error"] == (None, 0.05, 8)
    assert rules["drift", "status", "warn"] == (None, 0.1, 20)
    assert rules["drift", "is_met", "warn"] == (None, 0.3, 8)
    assert {name for name, column, _ in rules if column == "note"} == set(), "it is dropped"
    assert ("null_rise", "request_id", "warn") not in rules, "a required column has no nulls"


def test_without_a_promise_nothing_is_late(tmp_path: Path) -> None:
    contract = load(tmp_path)
    assert contract.allowed_seconds is None
    assert {"event_age", "extract_gap"}.isdisjoint(rule.name for rule in contract.batch_rules)
