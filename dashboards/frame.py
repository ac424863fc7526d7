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
from pipelines.metrics import open_scoped
from pipelines.metrics.access import Reader

_VIEW, _SEEN = "view", "seen"
_LOOK_FOR_NEWS = "30s"


def open_view(reader: Reader) -> View:
    """A reader's view of the newest snapshot; raises NoSnapshotError before there is one."""
    view = View(open_scoped(reader), read_filters())
    st.session_state[_VIEW] = view
    return view


def current_view() -> View:
    """The view of this run of the script: one run never shows two snapshots."""
    view: View = st.session_state[_VIEW]
    return view


def note_view(view: View, info: PageInfo) -> None:
    """Note the page in the access log, once for each set of filters and snapshot."""
    seen = (info.path, view.filters, view.store.snapshot.id)
    if st.session_state.get(_SEEN) != seen:
        st.session_state[_SEEN] = seen
        view.store.note("view", info.path, filters=view.filters.to_params())


@st.fragment(run_every=_LOOK_FOR_NEWS)
def news(view: View) -> None:
    """Say that a newer snapshot is there; it is taken with the reader's next step."""
    if not view.store.is_newest():
        st.info(view.texts("status.newer"))


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
        if info.path != "data" and view.store.reader.may_open("data"):
            st.page_link(
                pages["data"],
                label=view.texts("status.details"),
                query_params=view.filters.linked(),
            )
    news(view)
    if info.families:
        _period_line(view)
        _chips(view)


def _period_line(view: View) -> None:
    texts = view.texts
    if view.filters.comparison == "none":
        line = texts("period.line_alone", period=_days(view.period))
    elif view.filters.comparison == "target":
        line = texts("period.line_target", period=_days(view.period))
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
