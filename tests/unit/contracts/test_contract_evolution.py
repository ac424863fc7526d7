"""A contract that changes says so by its version: major where readers break, minor where not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.contracts.evolution import (
    LOCK,
    changes,
    meanings,
    read_lock,
    version_mistakes,
    write_lock,
)
from pipelines.settings import PROJECT_DIR
from tests.unit.ingest.request_source import (
    Document,
    column,
    mapped,
    set_custom,
    set_reader,
    valid,
    write_contracts,
)

Edit = Callable[[Document, Document], object]


def limit(name: str, value: object) -> Edit:
    return lambda _, e: column(e, "score")["logicalTypeOptions"].update({name: value})


def without(name: str) -> Edit:
    def edit(source: Document, _: Document) -> None:
        nodes = source["schema"][0]["properties"]
        nodes.remove(column(source, name))

    return edit


def custom_of(name: str, key: str, value: object) -> Edit:
    return lambda source, _: set_custom(column(source, name), key, value)


def rule_text(text: str) -> Edit:
    return lambda _, e: e["schema"][0]["quality"][0].update(implementation=text)


BREAKING: dict[str, Edit] = {
    "removed column": without("ratio"),
    "renamed column": lambda _, e: column(e, "ratio").update(name="share"),
    "narrowed type": lambda _, e: column(e, "ratio").update(logicalType="integer"),
    "narrowed values": lambda _, e: column(e, "status").update(quality=valid("open")),
    "new list of values": lambda _, e: column(e, "code").update(quality=valid("AB")),
    "new required": lambda _, e: column(e, "code").update(required=True),
    "new required column": lambda _, e: e["schema"][0]["properties"].append(
        {"name": "x", "logicalType": "string", "required": True}
    ),
    "raised minimum": limit("minimum", 1),
    "lowered maximum": limit("maximum", 5),
    "changed pattern": lambda _, e: column(e, "code")["logicalTypeOptions"].update(pattern="^A"),
    "changed key": lambda _, e: column(e, "code").update(primaryKey=True, primaryKeyPosition=2),
    "changed zone": custom_of("created_at", "timezone", "Asia/Tokyo"),
    "changed order of formats": custom_of("created_at", "formats", ["d/M/yyyy H:mm"]),
    "changed word": custom_of("status", "valueMap", {"开": "closed", "关": "closed"}),
    "removed word": custom_of("status", "valueMap", {"开": "open"}),
    "removed header": custom_of("code", "sourceHeaders", ["代号"]),
    "changed class of personal data": lambda _, e: set_custom(column(e, "phone"), "pii", "drop"),
    "new rule": lambda _, e: e["schema"][0]["quality"][1].update(severity="error"),
    "changed rule": rule_text("closed_at > created_at"),
    "changed delimiter": lambda s, _: set_reader(s, "delimiter", ";"),
    "changed format of the file": lambda s, _: s["servers"][0].update(format="jsonl"),
}
ADDITIONS: dict[str, Edit] = {
    "new optional column": lambda _, e: e["schema"][0]["properties"].append(
        {"name": "x", "logicalType": "string"}
    ),
    "new mapping": lambda s, _: s["schema"][0]["properties"].append(mapped("x", "列")),
    "new value": lambda _, e: column(e, "status").update(quality=valid("open", "closed", "new")),
    "new word": custom_of("status", "valueMap", {"开": "open", "关": "closed", "停": "closed"}),
    "new header": custom_of("code", "sourceHeaders", ["代码", "代号"]),
    "new format": custom_of(
        "created_at", "formats", ["yyyy-MM-dd HH:mm:ss", "d/M/yyyy H:mm", "yyyyMMdd"]
    ),
    "lowered minimum": limit("minimum", -1),
    "no maximum": lambda _, e: column(e, "score")["logicalTypeOptions"].pop("maximum"),
    "no longer required": lambda _, e: column(e, "status").pop("required"),
    "another encoding": lambda s, _: set_reader(s, "encodings", ["utf-8", "gb18030", "utf-16"]),
    "kept extra columns": lambda s, _: set_reader(s, "extraColumns", "record"),
    "removed rule": lambda _, e: e["schema"][0]["quality"].pop(0),
    "other folder": lambda s, _: s["servers"][0].update(path="desk2/*"),
}


def told(folder: Path, edit: Edit, version: str = "1.0.0") -> list[str]:
    """The mistakes after an edit of contracts that were agreed on as 1.0.0."""
    old = meanings(write_contracts(folder))

    def change(source: Document, entity: Document) -> None:
        edit(source, entity)
        source["version"] = entity["version"] = version

    return [str(m) for m in version_mistakes(old, meanings(write_contracts(folder, change)))]


@pytest.mark.parametrize("name", BREAKING)
def test_breaking_change_needs_a_major_version(tmp_path: Path, name: str) -> None:
    (mistake,) = told(tmp_path, BREAKING[name])
    assert "raise the major of 1.0.0: breaking" in mistake
    assert len(told(tmp_path, BREAKING[name], "1.1.0")) == 1
    assert told(tmp_path, BREAKING[name], "2.0.0") == []


@pytest.mark.parametrize("name", ADDITIONS)
def test_addition_needs_a_minor_version(tmp_path: Path, name: str) -> None:
    (mistake,) = told(tmp_path, ADDITIONS[name])
    assert "raise the minor of 1.0.0: addition" in mistake
    assert len(told(tmp_path, ADDITIONS[name], "1.0.1")) == 1
    assert told(tmp_path, ADDITIONS[name], "1.1.0") == []


def test_other_words_need_a_patch_version(tmp_path: Path) -> None:
    def reword(source: Document, _: Document) -> None:
        source["description"]["purpose"] = "In other words."

    (mistake,) = told(tmp_path, reword)
    assert "raise the patch of 1.0.0: its words have changed" in mistake
    assert told(tmp_path, reword, "1.0.1") == []


def test_renaming_is_told_as_such(tmp_path: Path) -> None:
    old = meanings(write_contracts(tmp_path))
    new = meanings(write_contracts(tmp_path, BREAKING["renamed column"]))
    lines = [str(change) for change in changes(old["entity.request"], new["entity.request"])]
    assert "breaking: column ratio is renamed to share" in lines


def test_lock_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder = write_contracts(tmp_path)
    assert read_lock(folder / LOCK) == {}
    write_lock(folder)
    assert read_lock(folder / LOCK) == meanings(folder)


def test_contract_that_is_gone_is_told(tmp_path: Path) -> None:
    old = meanings(write_contracts(tmp_path))
    (mistake,) = version_mistakes(old, {"entity.request": old["entity.request"]})
    assert (mistake.file, mistake.rule) == ("desk.request", "removed")


def test_contracts_of_the_project_are_those_agreed_on() -> None:
    """After a change with a fitting version, `kpi contracts lock` agrees on it."""
    folder = PROJECT_DIR / "data_contracts"
    assert read_lock(folder / LOCK) == meanings(folder)
