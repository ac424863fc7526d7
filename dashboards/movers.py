"""What changed: the KPIs that moved most, and which members moved one of them."""

import polars as pl
import streamlit as st

from dashboards.cards import CardData, value_text
from dashboards.charts import Switch, differences
from dashboards.comparison import Change, comparison_fact, held_against_before
from dashboards.data import View, fetch
from dashboards.exports import Content, Exported, export_control
from dashboards.modules import module
from dashboards.parts import pick_dimension
from dashboards.periods import Period
from dashboards.rows import Row
from dashboards.units import format_difference, format_value
from pipelines.metrics import Metric
from pipelines.metrics.contributions import Contributions, can_be_explained, contributions

_MOST_MOVERS = 6
_MOST_MEMBERS = 8
_BY = ("team", "service", "channel", "site")


def movers_module(view: View, data: CardData) -> None:
    """The largest changes among the cards, by their size relative to before."""
    texts = view.texts
    with module(view, texts("overview.movers"), texts("overview.movers_note")) as corner:
        moved = _moved(data)[:_MOST_MOVERS]
        if not moved:
            st.info(texts("overview.no_movers"))
            return
        rows = [
            {
                texts("column.name"): view.name(data.figures[name].metric),
                texts("column.value"): value_text(view, data.figures[name]),
                texts("column.change"): change.text,
                texts("column.judgement"): texts(f"change.{change.judgement}"),
            }
            for name, change in moved
        ]
        table = pl.DataFrame(rows)
        exported = Exported(lambda: Content(table), facts=(comparison_fact(view),))
        export_control(view, Switch(corner, "movers"), exported)
        st.dataframe(table, hide_index=True, height="content")


def contributors_module(view: View, data: CardData) -> None:
    """One KPI's change taken apart by the members of a dimension."""
    texts = view.texts
    with module(
        view, texts("overview.contributors"), texts("overview.contributors_note")
    ) as corner:
        moved = held_against_before(view, [name for name, _ in _moved(data)])
        names = [name for name in moved if can_be_explained(view.metric(name))]
        if not names:
            st.info(texts("overview.no_movers"))
            return
        name = st.selectbox(
            texts("overview.choose"),
            names,
            format_func=lambda n: view.name(view.metric(n)),
            key=f"mover:{texts.language}",
        )
        metric = view.metric(name)
        dimension = pick_dimension(view, "contributors", [d for d in _BY if d in metric.dimensions])
        found = _taken_apart(view, name, dimension, data)
        if found is not None:
            _draw(view, metric, dimension, found, Switch(corner, f"contributors_{dimension}"))


def _moved(data: CardData) -> list[tuple[str, Change]]:
    """Metrics whose value changed: worse first, then by the size of the change."""
    moved = [(n, c) for n, c in data.changes.items() if c.judgement != "same"]
    return sorted(moved, key=lambda m: (m[1].judgement != "worse", -(m[1].relative or 0)))


def _taken_apart(view: View, name: str, dimension: str, data: CardData) -> Contributions | None:
    before, after = data.earlier[name].value, data.figures[name].value
    if before is None or after is None:
        return None
    return contributions(
        view.metric(name),
        _members(view, name, dimension, view.previous),
        _members(view, name, dimension, view.period),
        before,
        after,
    )


def _members(view: View, name: str, dimension: str, period: Period) -> pl.DataFrame:
    points = fetch(view, [name], [dimension], period=period).get(name, [])
    figures = [point.figure for point in points]
    return pl.DataFrame(
        {
            "member": [point.members[0] for point in points],
            "value": [f.value for f in figures],
            "numerator": [f.numerator for f in figures],
            "denominator": [f.denominator for f in figures],
        },
        schema_overrides=dict.fromkeys(("value", "numerator", "denominator"), pl.Float64)
        | {"member": pl.String},
    )


def _draw(view: View, metric: Metric, dimension: str, found: Contributions, switch: Switch) -> None:
    texts, unit = view.texts, metric.unit

    def told(value: float | None) -> str:
        return format_value(value, unit, texts)

    rows = [
        Row(
            place=view.member(dimension, row["member"]),
            series=texts(
                "overview.own_change", before=told(row["before"]), after=told(row["after"])
            ),
            value=row["contribution"],
            text=format_difference(row["contribution"], unit, texts),
            n="",
        )
        for row in found.members.head(_MOST_MEMBERS).to_dicts()
    ]
    words = texts("overview.change", change=format_difference(found.change, unit, texts))
    if rows:
        words = texts("words.separator").join(
            [words, texts("overview.most", place=rows[0].place, part=rows[0].text)]
        )
    good = {"higher_is_better": True, "lower_is_better": False}.get(metric.direction)
    differences(view, rows, switch, words, good)
