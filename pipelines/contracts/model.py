"""What a data contract says, as frozen objects: entities, sources, columns, row rules.

Here: the shape of a contract after reading. Not here: reading YAML (`load`), judging it
(`check`), or turning it into SQL (`pipelines.ingest`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipelines.contracts.patterns import parse_local
from pipelines.contracts.protocols import Fetch

DUCKDB_TYPES: Mapping[str, str] = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
}

UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31_536_000}


@dataclass(frozen=True)
class RowRule:
    """A predicate over one row; a row for which it is false breaks the rule.

    `severity` is `error` (the row is quarantined) or `warning` (loaded and counted).
    """

    name: str
    expression: str
    severity: str
    description: str


@dataclass(frozen=True)
class BatchRule:
    """What an extract as a whole must be; `severity` is `error` (refused) or `warn` (loaded, told).

    `low` and `high` limit the figure the rule is named after; `history` is how many extracts, or
    weeks of one weekday, it is compared with.
    """

    name: str
    severity: str
    column: str | None = None
    low: float | None = None
    high: float | None = None
    history: int = 8

    @property
    def key(self) -> tuple[str, str | None, str]:
        return (self.name, self.column, self.severity)


@dataclass(frozen=True)
class Column:
    """One canonical column, with what a source contract adds to it.

    `headers` are the names the column may have in the extract; an entity's own columns have
    none. `minimum` and `maximum` are SQL-ready numbers, or ISO texts for dates and timestamps.
    `synonyms` are what extracts call the column, `value_synonyms` what they write for its values;
    `substitute` is the column whose header a draft takes where this one has none. Drafts of
    contracts are made from these three, and nothing is read by them.
    """

    name: str
    type: str
    label: str = ""
    description: str = ""
    required: bool = False
    key_position: int | None = None
    is_version: bool = False
    is_tombstone: bool = False
    pii: str | None = None
    valid_values: tuple[str, ...] = ()
    minimum: str | None = None
    maximum: str | None = None
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    may_be_future: bool = False
    synonyms: tuple[str, ...] = ()
    substitute: str | None = None
    value_synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    may_be_absent: bool = False
    constant: str | None = None
    formats: tuple[str, ...] = ()
    timezone: str | None = None
    ambiguous: str = "refuse"
    value_map: Mapping[str, str] | None = None
    null_tokens: tuple[str, ...] = ("",)
    decimal_sign: str = "."
    thousands_sign: str | None = None
    excel_serial: bool = False

    @property
    def is_mapped(self) -> bool:
        """Whether the source delivers the column, from the extract or as a constant."""
        return bool(self.headers) or self.constant is not None

    @property
    def is_free_text(self) -> bool:
        """Whether people may have written anything into it, though it is not declared personal.

        Numbers and codes that tables are joined on are told by their names, and left alone.
        """
        is_bound = self.valid_values or self.value_map is not None or self.pattern is not None
        return self.type == "string" and self.pii is None and not is_bound and not self.is_id

    @property
    def is_id(self) -> bool:
        """Whether tables are joined on its texts."""
        is_named_so = self.key_position is not None or self.name.endswith("_id")
        return self.type == "string" and is_named_so

    @property
    def is_categorical(self) -> bool:
        """Whether it has so few values that their shares mean something."""
        return bool(self.valid_values or self.value_map) or self.type == "boolean"

    @property
    def duckdb_type(self) -> str:
        return DUCKDB_TYPES[self.type]


@dataclass(frozen=True)
class EntityContract:
    """The canonical columns of a thing, in order, and the rules each row keeps."""

    name: str
    version: str
    file: Path
    label: str
    description: str
    columns: tuple[Column, ...]
    row_rules: tuple[RowRule, ...]

    @property
    def key(self) -> tuple[Column, ...]:
        keyed = [column for column in self.columns if column.key_position is not None]
        return tuple(sorted(keyed, key=lambda column: column.key_position or 0))

    @property
    def version_column(self) -> Column | None:
        return next((column for column in self.columns if column.is_version), None)

    @property
    def tombstone(self) -> Column | None:
        """The column that says of a row that its thing was deleted."""
        return next((column for column in self.columns if column.is_tombstone), None)


@dataclass(frozen=True)
class ExtractedAt:
    """How the name of a file tells when it was exported."""

    pattern: str
    format: str
    timezone: str | None

    def read(self, name: str) -> datetime | None:
        """The export time in UTC without zone, or None where the name does not tell."""
        return parse_local(name, self.pattern, self.format, self.timezone)


@dataclass(frozen=True)
class SourceContract:
    """One inbound promise: where an entity's extracts are, how they are read and mapped.

    `columns` are all columns of the entity in its order, each merged with what the source
    says about it. `sha256` covers this contract, the entity's contract, the shape query and the
    database query. `path` is a glob below landing, where `fetch`, if any, puts what it brought.
    `completion` tells how a delivered file is known to be whole: `steady`, `done`, `manifest`.
    `dropped_headers` are personal data that is neither mapped nor kept: nothing reads them.
    `records` is the dotted path of the list of records in a JSON document.
    `allowed_seconds` is how long after an extract the next one may come. `load_mode` `snapshot`:
    every extract is the whole table; `delta`: what it does not name stays.
    """

    source: str
    entity: EntityContract
    id: str
    version: str
    is_draft: bool
    file: Path
    tenant: str
    purpose: str
    limitations: str
    path: str
    format: str
    encodings: tuple[str, ...]
    delimiter: str
    header_row: int
    sheet: str | None
    records: str
    extra_columns: str
    dropped_headers: tuple[str, ...]
    extracted_at: ExtractedAt | None
    shape_sql: str | None
    load_mode: str
    frequency_seconds: int | None
    allowed_seconds: int | None
    columns: tuple[Column, ...]
    row_rules: tuple[RowRule, ...]
    batch_rules: tuple[BatchRule, ...]
    sha256: str
    fetch: Fetch | None = None
    completion: str = "steady"
    settled_seconds: float | None = None

    @property
    def key(self) -> tuple[str, str]:
        return (self.source, self.entity.name)

    @property
    def tombstone(self) -> Column | None:
        """The column that tells of deletions, where the source delivers it."""
        return next((c for c in self.columns if c.is_tombstone and c.is_mapped), None)

    @property
    def published_columns(self) -> tuple[Column, ...]:
        """The columns raw carries: all but those dropped as personal data."""
        return tuple(column for column in self.columns if column.pii != "drop")

    @property
    def has_pseudonyms(self) -> bool:
        """Whether raw holds tokens made with the installation's key."""
        return any(column.pii == "pseudonymise" for column in self.columns)

    @property
    def event_columns(self) -> tuple[Column, ...]:
        """The columns that say when something happened; promised times are none."""
        return tuple(
            column
            for column in self.published_columns
            if column.type == "timestamp" and column.is_mapped and not column.may_be_future
        )


@dataclass(frozen=True)
class Contracts:
    """All contracts of an installation."""

    directory: Path
    entities: Mapping[str, EntityContract]
    sources: Mapping[tuple[str, str], SourceContract]

    def of_source(self, source: str) -> tuple[SourceContract, ...]:
        return tuple(c for (name, _), c in sorted(self.sources.items()) if name == source)


@dataclass(frozen=True)
class Mistake:
    """One thing wrong with one contract: file, place in it, rule broken, what to do."""

    file: str
    path: str
    rule: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path}: {self.rule}: {self.remedy}"
