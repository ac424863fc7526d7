"""What every page has above its content: title, language, status line, active filters.

Also the page before any data. Status comes from the snapshot, never from the clock.
"""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from dashboards.data import View
from dashboards.filters import DIMENSIONS
from dashboards.i18n import Language, Texts, literal
from dashboards.navigation import PageInfo
from dashboards.periods import Period
from dashboards.state import read_filters, write_filters
from dashboards.status import badges
from pipelines.metrics import open_store


def current_view() -> View:
    """The reader's view of the newest snapshot; raises NoSnapshotError before there is one."""
    return View(open_store(), read_filters())


def no_snapshot(texts: Texts) -> None:
    """The page before anything was published."""
    st.title(texts("empty.title"), anchor=False)
    st.write(texts("empty.why"))
    st.code(texts("empty.commands"), language="bash")
    st.caption(texts("empty.simulated"))


def header(view: View, info: PageInfo, pages: Mapping[str, st.Page]) -> None:
    """Title, language switch, status line; then period and filters where the page has them."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(view.texts(info.title_key), anchor=False, width="stretch")
        # A link to the page one is on would leave the browser's address as it was.
        st.button(view.texts("language.other"), key="language", on_click=_switch_language)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        for badge in badges(view, bool(info.families), is_short=info.path != "data"):
            st.badge(literal(badge.text), color=badge.colour)
        if info.path != "data":
            st.page_link(
                pages["data"],
                label=view.texts("status.details"),
                query_params=view.filters.to_params(),
            )
    if info.families:
        _period_line(view)
        _chips(view)


def _period_line(view: View) -> None:
    texts = view.texts
    if view.filters.comparison == "none":
        line = texts("period.line_alone", period=_days(view.period))
    else:
        line = texts("period.line", period=_days(view.period), previous=_days(view.previous))
    st.caption(literal(line))


def _days(period: Period) -> str:
    return f"{period.start} – {period.end}"


def _chips(view: View) -> None:
    """Active filters; a click takes one away."""
    active = {d: ids for d, ids in view.filters.members.items() if ids}
    if not active:
        return
    with st.container(horizontal=True, gap="xsmall"):
        for dimension in (d for d in DIMENSIONS.values() if d in active):
            names = view.texts("list.separator").join(
                view.member(dimension, member) for member in active[dimension]
            )
            label = view.texts(
                "filters.chip", dimension=view.texts(f"dimension.{dimension}"), members=names
            )
            st.button(
                literal(label),
                key=f"chip_{dimension}",
                on_click=_clear,
                args=(dimension,),
                help=view.texts("filters.remove"),
            )


def _switch_language() -> None:
    filters = read_filters()
    other: Language = "en" if filters.language == "zh" else "zh"
    write_filters(replace(filters, language=other))


def _clear(dimension: str) -> None:
    write_filters(read_filters().with_members(dimension, ()))
