"""Opening-hours calendars → the reference tables that business time is computed with.

`business_days.parquet` holds one row per calendar and UTC day and answers "how long was it open
until this instant"; `open_positions.parquet` is its inverse and answers "when will it have been
open for so long". Hours and holidays are seeds in `dbt_project/seeds`; what is done with the
tables is SQL (`dbt_project/macros/business_time.sql`).
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.durability import sync_file
from pipelines.errors import CalendarError
from pipelines.settings import Settings
from pipelines.warehouse.calendar_seeds import DAY_SECONDS, Calendar, read_calendars
from pipelines.warehouse.calendar_spans import clock, known_span, offsets_of_day, open_spans

MIN_PIECES = 3
# Open positions are found by an equality on their bucket; the macro is_span_of has this number too.
BUCKET_SECONDS = 86_400
_MICROSECONDS = 1_000_000
_EPOCH = date(1970, 1, 1)


def write_business_days(settings: Settings, start: date, end: date) -> int:
    """Write both tables of all calendars for the UTC days start … end, both included.

    Returns the number of pieces per day: at least 3, more if a day needs them; dbt gets it as
    the variable `business_day_pieces`. A file appears whole or not at all.
    """
    if end < start:
        raise CalendarError(f"business days from {start} to {end}: the end lies before the start.")
    calendars = read_calendars(settings.dbt_dir / "seeds")
    days = pl.concat(_known_days(versions, start, end) for versions in calendars.values())
    pieces = _pieces(
        pl.concat(_spans(versions, start, end) for versions in calendars.values()), days
    )
    piece_count = max(MIN_PIECES, int(pieces.group_by(_KEY).len()["len"].max() or 0))  # type: ignore[arg-type]
    folder = settings.reference_dir
    _write_parquet(_business_days(days, pieces, piece_count), folder / "business_days.parquet")
    _write_parquet(_open_positions(days, pieces), folder / "open_positions.parquet")
    return piece_count


_KEY = ["calendar_id", "day_s"]


def _known_days(versions: Sequence[Calendar], start: date, end: date) -> pl.DataFrame:
    """UTC days the calendar speaks for, with the offsets of its clock."""
    known_from, known_until = known_span(versions)
    zones = clock(versions)
    first, last = ((day - _EPOCH).days * DAY_SECONDS for day in (start, end))
    days = [
        (versions[0].calendar_id, day_s, *offsets_of_day(zones, day_s))
        for day_s in range(first, last + 1, DAY_SECONDS)
        if known_from <= day_s and day_s + DAY_SECONDS <= known_until
    ]
    columns = ("offset_before_seconds", "offset_after_seconds", "changes_at_s")
    schema = {"calendar_id": pl.String, "day_s": pl.Int64} | dict.fromkeys(columns, pl.Int64)
    return pl.DataFrame(days, schema=schema, orient="row")


def _spans(versions: Sequence[Calendar], start: date, end: date) -> pl.DataFrame:
    spans = open_spans(versions, start, end)
    return pl.DataFrame(
        [(versions[0].calendar_id, *span) for span in spans],
        schema={"calendar_id": pl.String, "opens_s": pl.Int64, "closes_s": pl.Int64},
        orient="row",
    )


def _pieces(spans: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Spans cut at UTC midnights, with the seconds open until each of them closes."""
    length = pl.col("closes_s") - pl.col("opens_s")
    return (
        _cut(spans, "opens_s", "closes_s", DAY_SECONDS)
        .rename({"cut_at": "day_s"})
        .join(days.select(_KEY), on=_KEY)
        .sort("calendar_id", "opens_s")
        .with_columns(length.cum_sum().over("calendar_id").alias("until_open_s"))
    )


def _cut(spans: pl.DataFrame, begins: str, ends: str, every: int) -> pl.DataFrame:
    """Half-open spans cut at the multiples of a number; `cut_at` is the one a part follows."""
    parts = pl.int_ranges(pl.col(begins) // every, (pl.col(ends) - 1) // every + 1)
    return (
        spans.with_columns(parts.alias("cut_at"))
        .explode("cut_at")
        .with_columns(pl.col("cut_at") * every)
        .with_columns(
            pl.max_horizontal(begins, "cut_at").alias(begins),
            pl.min_horizontal(pl.col(ends), pl.col("cut_at") + every).alias(ends),
        )
    )


def _business_days(days: pl.DataFrame, pieces: pl.DataFrame, piece_count: int) -> pl.DataFrame:
    by_day = pieces.group_by(_KEY, maintain_order=True).agg(
        "opens_s", "closes_s", (pl.col("closes_s") - pl.col("opens_s")).sum().alias("open_s")
    )
    open_s = pl.col("open_s").fill_null(0)
    return (
        days.join(by_day, on=_KEY, how="left", maintain_order="left")
        .with_columns((open_s.cum_sum() - open_s).over("calendar_id").alias("open_seconds_before"))
        .select(
            "calendar_id",
            pl.from_epoch(pl.col("day_s")).dt.date().alias("utc_date"),
            "open_seconds_before",
            "offset_before_seconds",
            "offset_after_seconds",
            (pl.col("changes_at_s") * _MICROSECONDS).alias("offset_changes_at_us"),
            *(
                pl.col(f"{edge}s_s")
                .list.get(number, null_on_oob=True)
                .fill_null(pl.col("day_s"))
                .mul(_MICROSECONDS)
                .alias(f"piece_{number + 1}_{edge}_us")
                for number in range(piece_count)
                for edge in ("open", "close")
            ),
        )
    )


def _open_positions(days: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """Open time x in (after_open_us, until_open_us] is reached `until_open_us - x` before until_us.

    Open time nought is reached where the calendar begins: a first row of no length.
    """
    length = pl.col("closes_s") - pl.col("opens_s")
    spans = pieces.with_columns(
        (pl.col("until_open_s") - length).alias("after_open_s"),
        pl.col("until_open_s").alias("closes_open_s"),
    )
    cut = _cut(spans, "after_open_s", "until_open_s", BUCKET_SECONDS).with_columns(
        pl.col("closes_s") - (pl.col("closes_open_s") - pl.col("until_open_s"))
    )
    begins = days.group_by("calendar_id", maintain_order=True).agg(
        pl.lit(0, pl.Int64).alias("bucket_open_us"),
        pl.lit(-1, pl.Int64).alias("after_open_us"),
        pl.lit(0, pl.Int64).alias("until_open_us"),
        (pl.col("day_s").min() * _MICROSECONDS).alias("until_us"),
    )
    reached = cut.select(
        "calendar_id",
        (pl.col("cut_at") * _MICROSECONDS).alias("bucket_open_us"),
        (pl.col("after_open_s") * _MICROSECONDS).alias("after_open_us"),
        (pl.col("until_open_s") * _MICROSECONDS).alias("until_open_us"),
        (pl.col("closes_s") * _MICROSECONDS).alias("until_us"),
    )
    return pl.concat([begins, reached]).sort("calendar_id", "until_open_us")


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    building = path.with_name(f".{path.name}.building")
    frame.write_parquet(building)
    sync_file(building)
    building.replace(path)
