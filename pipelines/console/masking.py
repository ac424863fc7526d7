"""What of a snapshot may stand in the copy that analysts query, and how it is masked.

Personal is what the entity contracts classify so, and every id of an agent. Pseudonyms and agents'
ids get keys of the copy's own: joins work inside it, and nothing in it can be looked up elsewhere.
Masked free text is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.contracts import Contracts

_PERSONS = ("agent",)
_LABELS = ("label", "label_zh")
_TOKEN_CHARACTERS = 16
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Personal:
    """Columns by what is done to them; `dimensions` are those whose members are persons."""

    rekeyed: frozenset[str]
    left_out: frozenset[str]
    dimensions: frozenset[str]


def personal_columns(contracts: Contracts) -> Personal:
    """Columns of the marts that hold something personal: `<person>_id` is `<person>_key` there."""
    columns = [c for entity in contracts.entities.values() for c in entity.columns]
    ids = {column.name for column in columns if column.pii == "pseudonymise"}
    persons = {name.removesuffix("_id") for name in ids} | set(_PERSONS)
    return Personal(
        rekeyed=frozenset(f"{person}_{end}" for person in persons for end in ("id", "key")),
        left_out=frozenset(c.name for c in columns if c.pii in ("mask", "drop")),
        dimensions=frozenset(persons),
    )


def masked_columns(
    table: str, columns: Sequence[str], personal: Personal, salt: str
) -> dict[str, str]:
    """The columns of the copied table, each with the SQL that makes it.

    A table that names members (`dimension`, `member_key`) is masked where they are persons; the
    labels of a dimension of persons are their keys.
    """
    persons = next((c for c in columns if c in personal.rekeyed and table.startswith("dim_")), None)
    found: dict[str, str] = {}
    for column in columns:
        if column in personal.left_out:
            continue
        if column in personal.rekeyed:
            found[column] = _token(column, salt)
        elif column in _LABELS and persons is not None:
            found[column] = _token(persons, salt, unknown=column)
        elif column in ("member_key", *_LABELS) and {"dimension", "member_key"} <= set(columns):
            token = _token("member_key", salt, unknown=column)
            persons_listed = ", ".join(f"'{name}'" for name in sorted(personal.dimensions))
            found[column] = (
                f'case when dimension in ({persons_listed}) then {token} else "{column}" end'
            )
        else:
            found[column] = f'"{column}"'
    return found


def _token(column: str, salt: str, unknown: str | None = None) -> str:
    """The same value has the same token in every table of one copy, and of no other.

    Where nobody is known the column stays as it is, or another one is taken.
    """
    token = f"""substr(sha256('{salt}' || "{column}"), 1, {_TOKEN_CHARACTERS})"""
    return f"""case when "{column}" = '{_UNKNOWN}' then "{unknown or column}" else {token} end"""
