"""The sidebar: navigation that carries the filters along, and the filters themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from dashboards.data import View
from dashboards.filters import COMPARISONS, DIMENSIONS, GRAINS, HOURS, Filters
from dashboards.i18n import literal
from dashboards.navigation import PAGES, PageInfo
from dashboards.periods import PRESETS, Period, period_code
from dashboards.session import sign_out_button
from dashboards.state import bound, bound_members, read_filters, write_filters


def sidebar(view: View, info: PageInfo, pages: Mapping[str, st.Page]) -> None:
    """Navigation, then the filters that mean something on this page."""
    texts = view.texts
    with st.sidebar:
        st.subheader(texts("app.title"), anchor=False)
        with st.container(gap="xxsmall"):
            for page in (p for p in PAGES if p.is_listed and view.store.reader.may_open(p.path)):
                st.page_link(
                    pages[page.path],
                    label=texts(page.title_key),
                    query_params=view.filters.linked(),
                    width="stretch",
                )
        if info.families:
            st.subheader(texts("filters.title"), anchor=False)
            _period_filters(view)
            if "tickets" in info.families:
                _choice(view, "hours", HOURS, view.filters.hours)
            for dimension in _dimensions(view, info):
                _member_filter(view, dimension)
            _link(view)
            st.button(texts("filters.reset"), on_click=_reset, width="stretch")
        sign_out_button(texts)


def _period_filters(view: View) -> None:
    chosen = view.filters
    own = [] if chosen.period in PRESETS else [chosen.period]
    _choice(view, "period", [*PRESETS, *own], chosen.period)
    _days(view)
    _choice(view, "comparison", COMPARISONS, chosen.comparison)
    _choice(view, "grain", GRAINS, chosen.grain)


def _days(view: View) -> None:
    """The days themselves; a new period is a new widget, so that half a choice is left alone.

    Behind a button: the calendar opens when it is reached, over the filters below it.
    """
    key = f"days:{view.texts.language}:{view.filters.period}"
    with st.popover(view.texts("filters.own_days"), width="stretch"):
        st.date_input(
            view.texts("filters.days"),
            (view.period.start, view.period.end),
            key=key,
            format="YYYY-MM-DD",
            on_change=_choose_days,
            args=(key,),
        )


def _choose_days(key: str) -> None:
    days = st.session_state[key]
    if len(days) == 2:
        write_filters(replace(read_filters(), period=period_code(Period(*days))))


def _link(view: View) -> None:
    """The address of what is shown, also with its days fixed."""
    texts, base = view.texts, st.context.url or ""
    with st.popover(texts("filters.link"), width="stretch"):
        pinned = replace(view.filters, period=period_code(view.period))
        for title, filters in (("link.moving", view.filters), ("link.pinned", pinned)):
            st.caption(texts(title))
            st.code(f"{base}?{urlencode(filters.to_params())}", language=None, wrap_lines=True)


def _choice(view: View, field: str, codes: Sequence[str], chosen: str) -> None:
    """A select box; a code without a text of its own (a range of days) is shown as it is."""
    names = {code: _code_name(view, field, code) for code in codes}
    arguments: dict[str, Any] = bound(f"{field}:{view.texts.language}", chosen, field)
    st.selectbox(
        view.texts(f"filters.{field}"),
        codes,
        format_func=names.__getitem__,
        **arguments,
    )


def _code_name(view: View, field: str, code: str) -> str:
    if field == "period" and code not in PRESETS:
        return code
    keys = {
        "period": f"period.{code}",
        "comparison": f"comparison.{code}",
        "grain": f"grain.{code}",
        "hours": f"hours.{code}",
    }
    return view.texts(keys[field])


def _dimensions(view: View, info: PageInfo) -> list[str]:
    metrics = [m for m in view.store.metrics.values() if m.family in info.families]
    return [d for d in DIMENSIONS.values() if any(d in m.dimensions for m in metrics)]


def _member_filter(view: View, dimension: str) -> None:
    chosen = list(view.filters.members.get(dimension, ()))
    known = [m.id for m in view.store.members(dimension)]
    st.multiselect(
        literal(view.texts(f"dimension.{dimension}")),
        known + [member for member in chosen if member not in known],
        format_func=lambda member: view.member(dimension, member),
        placeholder=view.texts("filters.all"),
        select_all=False,
        **bound_members(f"{dimension}:{view.texts.language}", chosen, dimension),
    )


def _reset() -> None:
    chosen = read_filters()
    write_filters(Filters(language=chosen.language, own=chosen.own))
