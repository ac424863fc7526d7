"""Where one row of an extract is not one row of the entity: the draft of a shape query.

An event log, a wide survey, a day and a time in two columns, a key that must be put together,
personal data nobody needs. Not here: the contract around it (`draft`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import polars as pl

from pipelines.contracts import Column, EntityContract
from pipelines.ingest.reading import literal, quoted
from pipelines.sourcing.profile import Profile
from pipelines.sourcing.questions import Question, questions

_KEY_PARTS = 3
_KEY_CANDIDATES = 8


@dataclass
class Shape:
    """A query in the making: columns it adds, questions it turns; and headers to be dropped.

    `sql` is None where the extract's rows can stay as they are. `notes` are for the person.
    """

    added: dict[str, str] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    questions: Sequence[Question] = ()
    notes: list[str] = field(default_factory=list)
    mapping: dict[str, str] = field(default_factory=dict)
    time_format: str | None = None

    @property
    def sql(self) -> str | None:
        if self.questions:
            return _questions_sql(self.mapping["response_id"], self.questions)
        if not self.added:
            return None
        added = "".join(f",\n    {sql} as {quoted(name)}" for name, sql in self.added.items())
        first = "-- One row per row of the extract.\n"
        return f"{first}select\n    * exclude (_row){added}\nfrom extract\n"


def guess_shape(
    entity: EntityContract,
    frame: pl.DataFrame,
    profiles: Mapping[str, Profile],
    mapping: Mapping[str, str],
) -> Shape:
    """What has to be done to the rows."""
    shape = Shape(mapping=dict(mapping))
    if {"question_id", "score", "response_id"} <= {c.name for c in entity.columns}:
        _turn_questions(shape, profiles)
        if shape.questions:
            return shape
    _join_day_and_clock(shape, entity, profiles)
    if entity.version_column is None:
        _make_key(shape, entity, frame, profiles)
    else:
        _tell_versions(shape, entity, profiles)
    used, made = set(shape.mapping.values()), " ".join(shape.added.values())
    shape.dropped = [
        h for h, p in profiles.items() if p.personal and h not in used and quoted(h) not in made
    ]
    if shape.dropped:
        names = ", ".join(shape.dropped)
        shape.notes.append(f"personal data that no KPI needs is dropped: {names}")
    return shape


def _turn_questions(shape: Shape, profiles: Mapping[str, Profile]) -> None:
    respondent, named = shape.mapping.get("response_id"), "question_id" in shape.mapping
    if respondent is None or named or not profiles[respondent].is_key:
        return
    shape.questions = questions(profiles, respondent)
    if shape.questions:
        columns = ("question_id", "measure", "score", "scale_min", "scale_max")
        shape.mapping = {"response_id": respondent} | {name: name for name in columns}
        shape.notes.append(
            f"one row per respondent: its {len(shape.questions)} questions become rows"
        )


def _join_day_and_clock(
    shape: Shape, entity: EntityContract, profiles: Mapping[str, Profile]
) -> None:
    """A day whose time stands in a column of its own: the first such column behind it."""
    headers = list(profiles)
    for column in entity.columns:
        header = shape.mapping.get(column.name)
        times = profiles[header].times if header else None
        if header is None or column.type != "timestamp" or times is None or times.has_clock:
            continue
        behind = headers[headers.index(header) + 1 :]
        clock = next((h for h in behind if profiles[h].is_clock), None)
        if clock is not None:
            name = f"{column.name}_made"
            shape.added[name] = f"concat({quoted(header)}, ' ', {quoted(clock)})"
            shape.mapping[column.name] = name
            shape.time_format = f"{times.patterns[0]} {_clock_format(profiles[clock])}"
            shape.notes.append(f"{column.name} is put together from '{header}' and '{clock}'")
            return


def _clock_format(profile: Profile) -> str:
    text = next(iter(profile.words), "")
    return "H:mm:ss" if text.count(":") == 2 else "H:mm"


def _make_key(
    shape: Shape, entity: EntityContract, frame: pl.DataFrame, profiles: Mapping[str, Profile]
) -> None:
    key = entity.key[0]
    header = shape.mapping.get(key.name)
    if len(entity.key) > 1 or (header and profiles[header].is_key):
        return
    if header is None:
        unique = _unique_header(shape, profiles)
        if unique is not None:
            shape.mapping[key.name] = unique
            shape.notes.append(f"'{unique}' is filled and different in all rows: taken as the key")
            return
    parts, is_unique = _key_parts(shape, entity, header, frame, profiles)
    if not parts:
        return
    texts = ", ':', ".join(map(quoted, parts))
    place = f"row_number() over (partition by {', '.join(map(quoted, parts))} order by _record)"
    name = f"{key.name}_made"
    shape.added[name] = f"concat({texts})" if is_unique else f"concat({texts}, ':', {place})"
    shape.mapping[key.name] = name
    shape.notes.append(
        f"no column is different in all rows; {key.name} is put together from {', '.join(parts)}"
        + ("" if is_unique else " and the place among equals")
    )


def _unique_header(shape: Shape, profiles: Mapping[str, Profile]) -> str | None:
    used = set(shape.mapping.values())
    free = (h for h, p in profiles.items() if p.is_key and not p.times and h not in used)
    return next(free, None)


def _key_parts(
    shape: Shape,
    entity: EntityContract,
    header: str | None,
    frame: pl.DataFrame,
    profiles: Mapping[str, Profile],
) -> tuple[tuple[str, ...], bool]:
    """The fewest columns that tell all rows apart; else those that tell most of them apart."""
    first = header or next(
        (
            shape.mapping[c.name]
            for c in entity.columns
            if _is_parent(c) and c.name in shape.mapping
        ),
        None,
    )
    if first is None:
        return (), False
    measures = {
        shape.mapping.get(c.name) for c in entity.columns if c.type not in ("string", "timestamp")
    }
    free = [
        h
        for h, p in profiles.items()
        if h != first and h not in measures and p.filled == p.rows and p.distinct > 1
    ]
    free = sorted(free, key=lambda h: -profiles[h].distinct)[:_KEY_CANDIDATES]
    free.sort(key=list(profiles).index)
    best: tuple[int, tuple[str, ...]] = (0, (first,))
    for size in range(1, _KEY_PARTS):
        for others in combinations(free, size):
            told = frame.select(pl.struct(first, *others).n_unique()).item()
            if told == frame.height:
                return (first, *others), True
            if size == 1 and told > best[0]:
                best = (told, (first, *others))
    return best[1], False


def _is_parent(column: Column) -> bool:
    return column.required and column.name.endswith("_id") and column.key_position is None


def _tell_versions(shape: Shape, entity: EntityContract, profiles: Mapping[str, Profile]) -> None:
    header = shape.mapping.get(entity.key[0].name)
    if header is None or profiles[header].is_key or entity.version_column is None:
        return
    version = entity.version_column.name
    text = f"several rows have one '{header}': each is a version of it, the newest counts"
    if version not in shape.mapping:
        text += f". decide: which column tells the newest? Map it to {version}"
    shape.notes.append(f"{text}; if the rows are events, draft {entity.name}_event from it too")


def _questions_sql(respondent: str, asked: Sequence[Question]) -> str:
    lines = ",\n".join(
        f"            {{'question_id': {literal(q.header)}, 'measure': {literal(q.measure)}, "
        f"'lowest': {q.lowest}, 'highest': {q.highest}, 'answer': {quoted(q.header)}}}"
        for q in asked
    )
    return f"""-- One row per respondent and question. An answer outside its scale is no rating.
-- decide: take out the lines that are no rating; correct what they measure and their scales.
with answers as (
    select
        _record,
        {quoted(respondent)},
        unnest([
{lines}
        ]) as asked
    from extract
)

select
    _record,
    {quoted(respondent)},
    asked.question_id,
    asked.measure,
    case
        when try_cast(asked.answer as double) between asked.lowest and asked.highest
            then asked.answer
    end as score,
    asked.lowest as scale_min,
    asked.highest as scale_max
from answers
"""
