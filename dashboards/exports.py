"""The control that offers what a module shows as files: CSV, XLSX, PNG, SVG.

A file is made when it is asked for and noted in the access log before it is handed over. Every
file says period, filters, data time, snapshot and the rows left out. How files are written is
told in `pipelines.exports`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol

import polars as pl
from streamlit.delta_generator import DeltaGenerator

from dashboards.data import View
from dashboards.drawing import Drawing
from dashboards.filters import DIMENSIONS
from dashboards.i18n import literal
from dashboards.modules import Corner
from dashboards.rows import Row
from dashboards.status import local_time
from pipelines.exports import (
    Chart,
    ExportedTable,
    can_draw_chinese,
    csv_bytes,
    png_bytes,
    svg_bytes,
    xlsx_bytes,
)

_MIME_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "png": "image/png",
    "svg": "image/svg+xml",
}
# Text inside charts: on light pages and on paper, and on dark pages.
PAPER_INK, SCREEN_INK = "#0B0E12", "#F5F7F9"
_MOST_SERIES = 6  # a spreadsheet's chart of more says nothing; the rows are there


# What was left out of the rows: days and members, members only (as of the data), or neither.
Covers = Literal["period", "now", "everything"]


class Place(Protocol):
    """Where the control goes, the name of the files, and what they cover."""

    @property
    def corner(self) -> Corner: ...
    @property
    def key(self) -> str: ...
    @property
    def covers(self) -> Covers: ...


@dataclass(frozen=True)
class Content:
    """A table under display names, with the units of its columns and the chart a sheet draws.

    `total` is the number of rows there are, where the frame may hold fewer.
    """

    frame: pl.DataFrame
    units: Mapping[str, str] = field(default_factory=dict)
    chart: Chart | None = None
    total: int | None = None


@dataclass(frozen=True)
class Exported:
    """What a module offers: rows, made when they are asked for, and the chart of them.

    `subject` is what the access log names, where it is not the key of the module; `facts` are
    printed with those every file has.
    """

    content: Callable[[], Content]
    drawing: Drawing | None = None
    subject: str | None = None
    facts: tuple[tuple[str, str], ...] = ()


def export_control(view: View, place: Place, exported: Exported) -> None:
    """A popover in the module's corner with a button per kind of file."""
    texts = view.texts
    with place.corner.place.popover(texts("export.open"), key=f"export_{place.key}") as box:
        box.caption(literal(texts("export.note", rows=f"{view.store.reader.role.export_rows:,}")))
        _button(box, view, place, "csv", _table_file(view, place, exported, csv_bytes))
        _button(box, view, place, "xlsx", _table_file(view, place, exported, xlsx_bytes))
        if exported.drawing is None:
            return
        if not can_draw_chinese():
            box.caption(texts("export.no_font"))
            return
        for kind, write in (("png", png_bytes), ("svg", svg_bytes)):
            make = _image_file(view, place, exported, exported.drawing, write)
            _button(box, view, place, kind, make)


def chart_rows(view: View, rows: Sequence[Row], unit: str) -> Callable[[], Content]:
    """The rows of a chart as a table: a line per place, a column per series, and its n."""
    return lambda: _wide(view, rows, unit)


def _wide(view: View, rows: Sequence[Row], unit: str) -> Content:
    texts = view.texts
    places = list(dict.fromkeys(row.place for row in rows))
    cells = {(row.place, row.series): row for row in rows}
    columns: dict[str, list[Any]] = {texts("column.place"): places}
    units: dict[str, str] = {}
    all_series = list(dict.fromkeys(row.series for row in rows))
    for series in all_series:
        found = [cells.get((place, series)) for place in places]
        columns[series] = whole_numbers([None if row is None else row.value for row in found])
        units[series] = unit
        counts = [None if row is None else row.denominator for row in found]
        if any(count is not None for count in counts):
            name = texts("export.n_of", series=series)
            columns[name], units[name] = whole_numbers(counts), "count"
    partial = {row.place for row in rows if row.is_partial}
    if partial:
        columns[texts("export.partial")] = [place in partial for place in places]
    chart = None
    if len(all_series) <= _MOST_SERIES:
        is_over_time = all(isinstance(place, date) for place in places)
        kind: Literal["line", "bar"] = "line" if is_over_time else "bar"
        chart = Chart(kind, texts("column.place"), tuple(all_series))
    return Content(pl.DataFrame(columns, strict=False), units, chart)


def whole_numbers(values: Sequence[float | None]) -> list[float | None]:
    """Numbers without a fraction as integers, so that a count is not written as 10.0."""
    is_whole = all(value is None or float(value).is_integer() for value in values)
    return [None if value is None else int(value) if is_whole else value for value in values]


def _button(
    box: DeltaGenerator, view: View, place: Place, kind: str, make: Callable[[], bytes]
) -> None:
    box.download_button(
        view.texts(f"export.{kind}"),
        make,
        file_name=f"{place.key}_{view.last_day}" + f".{kind}",
        mime=_MIME_TYPES[kind],
        key=f"export_{kind}_{place.key}",
        on_click="ignore",
        width="stretch",
    )


def _table_file(
    view: View, place: Place, exported: Exported, write: Callable[[ExportedTable], bytes]
) -> Callable[[], bytes]:
    facts = _facts(view, place, exported)

    def make() -> bytes:
        texts, content = view.texts, exported.content()
        frame = content.frame.head(view.store.reader.role.export_rows)
        total = content.frame.height if content.total is None else content.total
        rows = texts(
            "export.all_rows" if frame.height == total else "export.first_rows",
            rows=f"{frame.height:,}",
            total=f"{total:,}",
        )
        table = ExportedTable(
            frame=frame,
            title=place.corner.title,
            facts=(*facts, (texts("export.rows"), rows), *_unit_facts(view, content)),
            sheet=texts("export.table_sheet"),
            facts_sheet=texts("export.facts_sheet"),
            units=content.units,
            chart=content.chart,
        )
        written = write(table)
        _note(view, place, exported, frame.height)
        return written

    return make


def _image_file(
    view: View,
    place: Place,
    exported: Exported,
    drawing: Drawing,
    write: Callable[[Mapping[str, Any], str, Sequence[str]], bytes],
) -> Callable[[], bytes]:
    texts = view.texts
    facts = [
        texts("export.fact", name=name, text=text) for name, text in _facts(view, place, exported)
    ]

    def make() -> bytes:
        drawn = write(_on_paper(drawing.whole()), place.corner.title, facts)
        _note(view, place, exported, None)
        return drawn

    return make


def _on_paper(part: Any) -> Any:
    """The chart with dark text, whatever the theme of the page it was made for."""
    if isinstance(part, dict):
        return {name: _on_paper(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_on_paper(value) for value in part]
    return PAPER_INK if part == SCREEN_INK else part


def _note(view: View, place: Place, exported: Exported, row_count: int | None) -> None:
    filters = view.filters.to_params()
    subject = exported.subject or place.key
    view.store.note("export", subject, filters=filters, row_count=row_count)


def _facts(view: View, place: Place, exported: Exported) -> tuple[tuple[str, str], ...]:
    """Pairs of name and text that say what a file is of."""
    texts, snapshot = view.texts, view.store.snapshot
    found = list(exported.facts)
    if place.covers == "period":
        found.append((texts("filters.period"), f"{view.period.start} – {view.period.end}"))
    if place.covers != "everything":
        for dimension in DIMENSIONS.values():
            if chosen := view.filters.members.get(dimension):
                names = (view.member(dimension, member) for member in chosen)
                found.append((texts(f"dimension.{dimension}"), texts("list.separator").join(names)))
    as_of = f"{local_time(view, snapshot.as_of)} ({view.store.timezone})"
    found += [(texts("export.as_of"), as_of), (texts("export.snapshot"), snapshot.id)]
    if view.store.status.is_simulated:
        found.append((texts("export.origin"), texts("status.simulated")))
    return tuple(found)


def _unit_facts(view: View, content: Content) -> list[tuple[str, str]]:
    """What the numbers of the columns are counted in."""
    texts = view.texts
    return [(column, texts(f"units.{unit}")) for column, unit in content.units.items()]
