"""Each mistake a person makes in a contract is found, named by its rule, with a remedy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts import check_contracts, load_contracts
from pipelines.errors import ContractError
from pipelines.settings import PROJECT_DIR
from tests.unit.ingest.request_source import (
    Document,
    column,
    mapped,
    rule,
    set_custom,
    set_reader,
    valid,
    write_contracts,
)

Change = Callable[[Document, Document], object]


def properties(document: Document) -> list[Document]:
    nodes: list[Document] = document["schema"][0]["properties"]
    return nodes


def without(document: Document, name: str) -> None:
    document["schema"][0]["properties"] = [p for p in properties(document) if p["name"] != name]


def options(document: Document, name: str, **values: Any) -> None:
    column(document, name).setdefault("logicalTypeOptions", {}).update(values)


def formats(*forms: str) -> Change:
    return lambda source, _: set_custom(column(source, "created_at"), "formats", list(forms))


def own(name: str, key: str, value: object) -> Change:
    """A change of one custom property of a source's column."""
    return lambda source, _: set_custom(column(source, name), key, value)


def reader(key: str, value: object) -> Change:
    return lambda source, _: set_reader(source, key, value)


def second_rule(*arguments: str) -> Change:
    return lambda _, entity: entity["schema"][0]["quality"].append(rule(*arguments))


def key_at(name: str, position: int) -> Change:
    return lambda _, entity: column(entity, name).update(
        primaryKey=True, primaryKeyPosition=position
    )


def two_versions(_: Document, entity: Document) -> None:
    for name in ("created_at", "closed_at"):
        set_custom(column(entity, name), "role", "version")


def whole(**check: Any) -> Change:
    """A quality check of the source's object."""
    return lambda source, _: source["schema"][0].setdefault("quality", []).append(check)


def of_column(name: str, /, **check: Any) -> Change:
    """A quality check of one column of the source."""
    return lambda source, _: column(source, name).setdefault("quality", []).append(check)


def batch(name: str, implementation: object, **more: Any) -> dict[str, Any]:
    rule = {"type": "custom", "engine": "batch_rule", "name": name}
    return rule | {"implementation": implementation} | more


def twice(source: Document, _: Document) -> None:
    source["schema"][0]["quality"] = [batch("volume", {"low": low}) for low in (0.1, 0.2)]


def promise(**sla: Any) -> Change:
    return lambda source, _: source.update(slaProperties=[sla])


# mistake: (change, rule, part of the line that names the place or the remedy)
MISTAKES: dict[str, tuple[Change, str, str]] = {
    "unknown root key": (lambda s, _: s.update(sevrers=[]), "odcs_schema", "sevrers"),
    "unknown property key": (
        lambda s, _: column(s, "score").update(reqired=True),
        "odcs_schema",
        "reqired",
    ),
    "wrong api version": (lambda s, _: s.update(apiVersion="v9"), "odcs_schema", "apiVersion"),
    "version missing": (lambda s, _: s.pop("version"), "odcs_schema", "version"),
    "no logical type of ODCS": (
        lambda _, e: column(e, "score").update(logicalType="int"),
        "odcs_schema",
        "int",
    ),
    "required is no boolean": (
        lambda s, _: column(s, "score").update(required="maybe"),
        "odcs_schema",
        "maybe",
    ),
    "unit of a promise": (
        lambda s, _: s.update(slaProperties=[{"property": "frequency"}]),
        "odcs_schema",
        "value",
    ),
    "property twice": (
        lambda s, _: properties(s).append(mapped("score", "分数")),
        "duplicate_property",
        "score",
    ),
    "property twice in the entity": (
        lambda _, e: properties(e).append({"name": "score", "logicalType": "integer"}),
        "duplicate_property",
        "score",
    ),
    "property unknown to the entity": (
        lambda s, _: properties(s).append(mapped("closed_on", "结束")),
        "unknown_property",
        "nearest: 'closed_at'",
    ),
    "synonym of no valid value": (
        lambda _, e: set_custom(column(e, "status"), "valueSynonyms", {"opened": ["new"]}),
        "value_synonyms",
        "opened",
    ),
    "synonyms of values without a list of values": (
        lambda _, e: set_custom(column(e, "note"), "valueSynonyms", {"a": ["b"]}),
        "value_synonyms",
        "note",
    ),
    "substitute that is no column": (
        lambda _, e: set_custom(column(e, "closed_at"), "substitute", "ended_at"),
        "substitute",
        "ended_at",
    ),
    "custom property misspelt": (
        own("score", "nulTokens", ["-"]),
        "unknown_custom_property",
        "nearest: 'nullTokens'",
    ),
    "reader option misspelt": (
        reader("delimitter", ";"),
        "unknown_custom_property",
        "nearest: 'delimiter'",
    ),
    "custom property in the entity": (
        lambda _, e: set_custom(column(e, "score"), "sourceHeaders", ["评分"]),
        "unknown_custom_property",
        "sourceHeaders",
    ),
    "strftime pattern": (formats("%Y-%m-%d %H:%M"), "format", "JDK"),
    "pattern letter of another language": (formats("YYYY-MM-dd HH:mm"), "format", "'YYYY'"),
    "quote not closed in a pattern": (formats("yyyy-MM-dd'T"), "format", "quote"),
    "pattern without letters": (formats("---"), "format", "no date or time"),
    "formats of a number": (own("score", "formats", ["yyyy"]), "format", "integer"),
    "day and month may be swapped": (
        formats("d/M/yyyy HH:mm", "M/d/yyyy HH:mm"),
        "formats_clash",
        "keep one",
    ),
    "year and day may be swapped": (
        formats("yy-MM-dd HH:mm", "dd-MM-yy HH:mm"),
        "formats_clash",
        "keep one",
    ),
    "no format": (own("created_at", "formats", None), "format_missing", "created_at"),
    "unknown time zone": (own("created_at", "timezone", "Asia/Beijing"), "time_zone", "Beijing"),
    "no time zone": (own("created_at", "timezone", None), "zone_missing", "created_at"),
    "ambiguous": (own("created_at", "ambiguous", "latest"), "ambiguous", "earliest"),
    "broken regular expression": (
        lambda _, e: options(e, "code", pattern="[A-Z"),
        "invalid_regex",
        "code",
    ),
    "regular expression RE2 cannot do": (
        lambda _, e: options(e, "code", pattern="(?=A)A"),
        "invalid_regex",
        "code",
    ),
    "minimum above maximum": (
        lambda _, e: options(e, "score", minimum=11),
        "empty_range",
        "score",
    ),
    "lengths swapped": (lambda _, e: options(e, "code", minLength=4), "empty_range", "code"),
    "one header for two columns": (
        own("code", "sourceHeaders", [" 备注 "]),
        "header_claimed_twice",
        "note",
    ),
    "one header but for width and space": (
        own("code", "sourceHeaders", ["\u3000编号 "]),
        "header_claimed_twice",
        "claimed by request_id",
    ),
    "key not mapped": (lambda s, _: without(s, "request_id"), "key_not_mapped", "request_id"),
    "required not mapped": (lambda s, _: without(s, "status"), "required_not_mapped", "status"),
    "column without header": (own("code", "sourceHeaders", None), "not_mapped", "code"),
    "column with header and constant": (own("code", "constant", "AB"), "not_mapped", "code"),
    "value map outside the valid values": (
        own("status", "valueMap", {"开": "opened"}),
        "value_map_target",
        "nearest: 'open'",
    ),
    "value map of a boolean": (own("is_met", "valueMap", {"是": "y"}), "value_map_target", "true"),
    "value map is a list": (own("status", "valueMap", ["open"]), "value_map", "status"),
    "constant outside the valid values": (
        lambda s, _: column(s, "status").update(
            customProperties=[{"property": "constant", "value": "opened"}]
        ),
        "value_map_target",
        "opened",
    ),
    "source narrows to a word outside its own list": (
        lambda s, _: column(s, "status").update(quality=valid("open")),
        "value_map_target",
        "closed",
    ),
    "two keys at one position": (key_at("code", 1), "key_position", "1 to 2"),
    "gap in the positions": (key_at("code", 3), "key_position", "1 to 2"),
    "no key": (
        lambda _, e: column(e, "request_id").update(primaryKey=False),
        "no_key",
        "primaryKey",
    ),
    "two version columns": (
        two_versions,
        "two_versions",
        "version",
    ),
    "shape file missing": (reader("shape", "request.sql"), "shape_file", "request.sql"),
    "shape elsewhere": (reader("shape", "../request.sql"), "shape_file", "request.sql"),
    "id of another file": (lambda s, _: s.update(id="desk.ticket"), "file_id", "desk.request"),
    "id of another entity": (lambda _, e: e.update(id="entity.x"), "file_id", "entity.request"),
    "object of another name": (
        lambda s, _: s["schema"][0].update(name="ticket"),
        "schema_name",
        "request",
    ),
    "two objects": (lambda s, _: s["schema"].append({"name": "x"}), "one_schema", "exactly one"),
    "path of another source": (
        lambda s, _: s["servers"][0].update(path="other/*.csv"),
        "path",
        "desk/",
    ),
    "path upwards": (lambda s, _: s["servers"][0].update(path="desk/../x/*"), "path", "desk/"),
    "absolute path": (lambda s, _: s["servers"][0].update(path="/desk/*"), "path", "desk/"),
    "unknown file format": (lambda s, _: s["servers"][0].update(format="xls"), "format", "xlsx"),
    "two servers": (
        lambda s, _: s["servers"].append({"server": "b", "type": "local"} | s["servers"][0]),
        "one_server",
        "exactly one",
    ),
    "unknown encoding": (reader("encodings", ["utf8mb4"]), "encoding", "utf8mb4"),
    "delimiter with a quote": (reader("delimiter", '|"|'), "delimiter", "no quote or line end"),
    "delimiter with a line end": (reader("delimiter", "|\n"), "delimiter", "no quote or line end"),
    "empty delimiter": (reader("delimiter", ""), "delimiter", "no quote or line end"),
    "records of a table": (reader("records", "data"), "records", "format json"),
    "header dropped and mapped": (
        reader("droppedHeaders", ["姓名", "备 注", "备注 "]),
        "header_claimed_twice",
        "claimed by droppedHeaders",
    ),
    "header row zero": (reader("headerRow", 0), "header_row", "1 or more"),
    "extra columns ignored": (reader("extraColumns", "ignore"), "extra_columns", "record"),
    "export time without group": (
        reader("extractedAt", {"pattern": r"\d{8}", "format": "yyyyMMdd", "timezone": "UTC"}),
        "extracted_at",
        "group",
    ),
    "export time with a broken pattern": (
        reader("extractedAt", {"pattern": r"(\d{8}", "format": "yyyyMMdd", "timezone": "UTC"}),
        "extracted_at",
        "correct the pattern",
    ),
    "export time without zone": (
        reader("extractedAt", {"pattern": r"(\d{8})", "format": "yyyyMMdd"}),
        "time_zone",
        "IANA",
    ),
    "export time in strftime": (
        reader("extractedAt", {"pattern": r"(\d{8})", "format": "%Y%m%d", "timezone": "UTC"}),
        "format",
        "JDK",
    ),
    "row rule of an unknown column": (
        second_rule("late", "closed_on is null", "error"),
        "row_rule_sql",
        "closed_on",
    ),
    "row rule that is no predicate": (
        second_rule("late", "closed_at", "error"),
        "row_rule_sql",
        "TIMESTAMP",
    ),
    "row rule name twice": (second_rule("score_given", "true", "error"), "row_rule_name", "own"),
    "row rule severity": (second_rule("late", "true", "fatal"), "row_rule_severity", "warning"),
    "unknown way of hiding": (
        lambda _, e: set_custom(column(e, "phone"), "pii", "hide"),
        "pii",
        "drop",
    ),
    "mask of a number": (
        lambda _, e: set_custom(column(e, "score"), "pii", "mask"),
        "pii",
        "string",
    ),
    "pseudonym of a number": (
        lambda _, e: set_custom(column(e, "score"), "pii", "pseudonymise"),
        "pii",
        "string",
    ),
    "number signs alike": (own("ratio", "decimalSign", ","), "number_sign", "differ"),
    "number sign is a digit": (own("ratio", "thousandsSign", "0"), "number_sign", "digit"),
    "batch rule nobody knows": (
        whole(**batch("volumes", {"low": 0.5})),
        "batch_rule_name",
        "nearest: 'volume'",
    ),
    "metric that judges no extract": (
        of_column("score", type="library", metric="missingValues", mustBe=0),
        "batch_rule_name",
        "nullValues",
    ),
    "check of another engine": (
        whole(type="custom", engine="soda", implementation="row_count > 0"),
        "batch_rule_engine",
        "batch_rule",
    ),
    "check in SQL": (
        whole(type="sql", query="select 1", mustBe=1),
        "batch_rule_engine",
        "library",
    ),
    "drift of the object": (whole(**batch("drift", {"high": 0.1})), "batch_rule_place", "column"),
    "volume of a column": (
        of_column("score", **batch("volume", {"low": 0.5})),
        "batch_rule_place",
        "object",
    ),
    "batch rule severity": (
        whole(**batch("volume", {"low": 0.5}, severity="fatal")),
        "batch_rule_severity",
        "warning",
    ),
    "limit of another rule": (
        of_column("status", **batch("drift", {"low": 0.1})),
        "batch_rule_limit",
        "'low'",
    ),
    "share above one": (
        of_column("status", **batch("drift", {"high": 30})),
        "batch_rule_limit",
        "from 0 to 1",
    ),
    "limit that is no number": (
        whole(**batch("volume", {"low": "half"})),
        "batch_rule_limit",
        "half",
    ),
    "limits swapped": (
        whole(**batch("volume", {"low": 2, "high": 0.5})),
        "batch_rule_limit",
        "swap",
    ),
    "limit of the freshness": (
        whole(**batch("event_age", {"high": 3600})),
        "batch_rule_limit",
        "slaProperties give",
    ),
    "freshness without a promise": (
        whole(**batch("extract_gap", {})),
        "batch_rule_limit",
        "frequency",
    ),
    "history too short": (
        whole(**batch("volume", {"low": 0.5, "history": 2})),
        "batch_rule_limit",
        "4 or more",
    ),
    "limits that are no map": (whole(**batch("volume", "half")), "batch_rule_limit", "or off"),
    "share in rows": (
        of_column("score", type="library", metric="nullValues", mustBeLessOrEqualTo=5),
        "batch_rule_unit",
        "percent",
    ),
    "count in percent": (
        whole(type="library", metric="rowCount", unit="percent", mustBeGreaterOrEqualTo=5),
        "batch_rule_unit",
        "rows",
    ),
    "percent above a hundred": (
        of_column(
            "score", type="library", metric="nullValues", unit="percent", mustBeLessOrEqualTo=101
        ),
        "batch_rule_limit",
        "100",
    ),
    "share with a lower limit": (
        of_column(
            "score", type="library", metric="nullValues", unit="percent", mustBeBetween=[1, 5]
        ),
        "batch_rule_operator",
        "mustBeLessOrEqualTo",
    ),
    "count that must be words": (
        whole(type="library", metric="rowCount", mustBe="many"),
        "batch_rule_limit",
        "number",
    ),
    "load mode": (reader("loadMode", "full"), "load_mode", "snapshot"),
    "snapshot without a time": (
        reader("loadMode", "snapshot"),
        "deletion_time",
        "extractedAt",
    ),
    "tombstone without a time": (
        lambda s, _: properties(s).append(mapped("is_gone", "删除")),
        "deletion_time",
        "is_gone",
    ),
    "floor of changes": (
        whole(**batch("vanished_ratio", {"high": 0.3}, severity="error")),
        "batch_rule_place",
        "loadMode: snapshot",
    ),
    "batch rule twice": (twice, "batch_rule_twice", "volume"),
    "frequency in moons": (
        promise(property="frequency", value=1, unit="moon"),
        "sla_length",
        "frequency",
    ),
    "latency of nothing": (promise(property="latency", value=0, unit="h"), "sla_length", "above 0"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_found(mistake: str, tmp_path: Path) -> None:
    change, rule_name, told = MISTAKES[mistake]
    found = check_contracts(write_contracts(tmp_path, change))
    assert rule_name in [m.rule for m in found], "\n".join(map(str, found))
    line = next(str(m) for m in found if m.rule == rule_name)
    assert told in line
    assert line.startswith("data_contracts/")
    assert "\n" not in line


def test_mistakes_stop_loading(tmp_path: Path) -> None:
    contracts = write_contracts(tmp_path, own("created_at", "timezone", "Asia/Beijing"))
    with pytest.raises(ContractError, match="time_zone"):
        load_contracts(contracts)


def test_contract_without_mistakes(tmp_path: Path) -> None:
    assert check_contracts(write_contracts(tmp_path)) == []


def test_contracts_of_the_project_have_none() -> None:
    assert [str(m) for m in check_contracts(PROJECT_DIR / "data_contracts")] == []


def test_unknown_entity(tmp_path: Path) -> None:
    contracts = write_contracts(tmp_path)
    source = contracts / "sources" / "desk" / "request.odcs.yaml"
    source.rename(source.with_name("requests.odcs.yaml"))
    found = {m.rule: str(m) for m in check_contracts(contracts)}
    assert "nearest: 'request'" in found["unknown_entity"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id: a\nid: b\n", "line 2"),
        ("id: [a", "expected"),
        ("- a\n", "not a mapping"),
    ],
)
def test_unreadable_yaml(text: str, told: str, tmp_path: Path) -> None:
    contracts = write_contracts(tmp_path)
    (contracts / "sources" / "desk" / "request.odcs.yaml").write_text(text, "utf-8")
    (found,) = check_contracts(contracts)
    assert (found.rule, told in found.remedy) == ("yaml", True), found


def test_broken_shape_query(tmp_path: Path) -> None:
    contracts = write_contracts(tmp_path, reader("shape", "request.sql"))
    shape = contracts / "sources" / "desk" / "request.sql"
    for sql in ("selekt 1", "select 1; select 2", "create table t (i int)", ""):
        shape.write_text(sql, "utf-8")
        assert [m.rule for m in check_contracts(contracts)] == ["shape_sql"], sql


def test_folder_without_contracts(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="KPI_CONTRACTS_DIR"):
        load_contracts(tmp_path)
