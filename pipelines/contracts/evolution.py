"""How a contract changes: what breaks its readers, and the version that says so.

`versions.lock` beside the contracts keeps version, hash and meaning of each as last agreed, so that
a checkout without history can tell what has changed. A text that changed needs a higher version:
major where something breaks, minor where something is added. Not here: judging one text (`check`).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.contracts.documents import (
    Document,
    custom,
    options,
    read_documents,
    row_rules,
    text,
    texts,
    valid_values,
)
from pipelines.contracts.model import Mistake

LOCK = "versions.lock"
Meaning = Mapping[str, Any]
# Words of these help to draft contracts; no extract is read by them.
_DRAFTING = ("synonyms", "valueSynonyms", "substitute")
_LOWER, _UPPER = ("minimum", "minLength"), ("maximum", "maxLength")


@dataclass(frozen=True)
class Change:
    """One difference between two texts of a contract; what is no addition breaks readers."""

    is_breaking: bool
    what: str

    def __str__(self) -> str:
        return f"{'breaking' if self.is_breaking else 'addition'}: {self.what}"


def meanings(contracts_dir: Path) -> dict[str, Meaning]:
    """The meaning of every contract of a folder by its id."""
    return {str(d.data.get("id")): _meaning(d) for d in read_documents(contracts_dir)}


def read_lock(file: Path) -> dict[str, Meaning]:
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    locked = [json.loads(line) for line in lines]
    return {meaning["id"]: meaning for meaning in locked}


def write_lock(contracts_dir: Path) -> None:
    """Agree on the contracts as they are: one line each, in the order of their ids."""
    found = sorted(meanings(contracts_dir).items())
    lines = [json.dumps(m, ensure_ascii=False, sort_keys=True) + "\n" for _, m in found]
    (contracts_dir / LOCK).write_text("".join(lines), "utf-8")


def version_mistakes(old: Mapping[str, Meaning], new: Mapping[str, Meaning]) -> Iterator[Mistake]:
    """Contracts whose text has changed and whose version does not say so, or not enough."""
    for name in sorted(old.keys() & new.keys()):
        before, after = old[name], new[name]
        if before["sha256"] == after["sha256"]:
            continue
        found = changes(before, after)
        part = 0 if any(c.is_breaking for c in found) else 1 if found else 2
        if _numbers(after)[: part + 1] <= _numbers(before)[: part + 1]:
            needed = ("major", "minor", "patch")[part]
            told = "; ".join(map(str, found)) or "its words have changed"
            yield Mistake(
                name, "version", "version", f"raise the {needed} of {before['version']}: {told}"
            )
    for name in sorted(old.keys() - new.keys()):
        yield Mistake(name, "-", "removed", "bring the contract back, or `kpi contracts lock`")


def changes(old: Meaning, new: Meaning) -> list[Change]:
    """Everything that means something else now, columns first."""
    found = list(_columns(old["columns"], new["columns"]))
    found += _rules(old["rules"], new["rules"])
    found += [
        Change(*change)
        for name in sorted(old["reader"].keys() | new["reader"].keys())
        for change in _value(name, old["reader"].get(name), new["reader"].get(name), "the reader")
    ]
    return found


def _meaning(document: Document) -> Meaning:
    server = document.server
    reader = custom(server)
    shape = document.file.parent / str(reader["shape"]) if "shape" in reader else None
    content = document.file.read_bytes() + (shape.read_bytes() if shape else b"")
    if shape:
        reader["shape"] = hashlib.sha256(shape.read_bytes()).hexdigest()
    return {
        "id": str(document.data.get("id")),
        "version": str(document.data.get("version")),
        "sha256": hashlib.sha256(content).hexdigest(),
        "columns": {str(node["name"]): _column(node) for node in document.properties},
        "rules": {
            str(rule["name"]): [rule.get("severity", "error"), str(rule.get("implementation"))]
            for rule in row_rules(document.schema)
        },
        "reader": reader | {k: server[k] for k in ("format", "encoding", "path") if k in server},
    }


def _column(node: Mapping[str, Any]) -> Meaning:
    own = {name: value for name, value in custom(node).items() if name not in _DRAFTING}
    stated = {
        "type": node.get("logicalType"),
        "required": bool(node.get("required")),
        "key": int(node.get("primaryKeyPosition", 1)) if node.get("primaryKey") else None,
        "values": list(valid_values(node)),
        **{name: value for name, value in options(node).items() if name != "timezone"},
        **own,
    }
    return {n: v for n, v in stated.items() if v is not None and v is not False and v != []}


def _columns(old: Meaning, new: Meaning) -> Iterator[Change]:
    for name in sorted(old.keys() - new.keys()):
        twins = [other for other in new.keys() - old.keys() if new[other] == old[name]]
        fate = f"renamed to {twins[0]}" if len(twins) == 1 else "removed"
        yield Change(True, f"column {name} is {fate}")
    for name in sorted(new.keys() - old.keys()):
        is_required = bool(new[name].get("required"))
        yield Change(is_required, f"column {name} is new{' and required' if is_required else ''}")
    for name in sorted(old.keys() & new.keys()):
        for key in sorted(old[name].keys() | new[name].keys()):
            before, after = old[name].get(key), new[name].get(key)
            for change in _value(key, before, after, f"column {name}"):
                yield Change(*change)


def _value(key: str, before: Any, after: Any, subject: str) -> Iterator[tuple[bool, str]]:
    """How one thing said of a subject has changed."""
    if before == after:
        return
    is_breaking = True
    if key == "valueMap":
        old, new = before or {}, after or {}
        is_breaking = before is None or any(new.get(word, old) != old[word] for word in old)
    elif key == "values":  # no list lets everything in
        is_breaking = not before or (bool(after) and not set(before) <= set(after))
    elif key == "sourceHeaders":
        is_breaking = not set(texts(before)) <= set(texts(after))
    elif key in ("formats", "encodings"):
        is_breaking = texts(after)[: len(texts(before))] != texts(before)
    elif key in _LOWER or key in _UPPER:
        is_breaking = not _is_wider(before, after, upwards=key in _UPPER)
    elif key in ("required", "pattern", "path"):
        is_breaking = key != "path" and after is not None
    elif key == "mayBeAbsent":
        is_breaking = not after
    elif key == "extraColumns":
        is_breaking = after != "record"
    yield is_breaking, f"{key} of {subject} was {_shown(before)}, is {_shown(after)}"


def _is_wider(before: Any, after: Any, *, upwards: bool) -> bool:
    if after is None or before is None:
        return after is None
    return bool(after > before if upwards else after < before)


def _rules(old: Meaning, new: Meaning) -> Iterator[Change]:
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before != after:
            is_breaking = after is not None and after[0] == "error"
            yield Change(is_breaking, f"rule {name} was {_shown(before)}, is {_shown(after)}")


def _shown(value: Any) -> str:
    if value is None:
        return "not stated"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else text(value)


def _numbers(meaning: Meaning) -> list[int]:
    parts = str(meaning["version"]).split(".")
    return [int(part) if part.isdigit() else 0 for part in (*parts, "0", "0", "0")[:3]]
