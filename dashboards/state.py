"""Filters in the URL and in widgets: the URL is the state, widgets are set from it each run."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboards.filters import Filters, from_params
from dashboards.i18n import Texts
from dashboards.i18n.negotiation import COOKIE, negotiate


def read_filters() -> Filters:
    """Filters of the URL the reader is at; a URL without a language gets the reader's own."""
    browser = st.context
    language = negotiate(None, browser.cookies.get(COOKIE), browser.headers.get("Accept-Language"))
    return from_params(st.query_params.to_dict(), language)


def write_filters(filters: Filters) -> None:
    """Put filters into the URL."""
    st.query_params.from_dict(filters.to_params())


def read_texts() -> Texts:
    """Texts in the reader's language."""
    return Texts(read_filters().language)


def bound(key: str, value: Any, field: str) -> dict[str, Any]:
    """Arguments that tie a widget to a field of the filters."""
    st.session_state[key] = value
    return {"key": key, "on_change": _writer(key, lambda f, v: replace(f, **{field: v}))}


def bound_members(key: str, value: list[str], dimension: str) -> dict[str, Any]:
    """Arguments that tie a multi-select to the members of a dimension."""
    st.session_state[key] = value
    return {"key": key, "on_change": _writer(key, lambda f, v: f.with_members(dimension, v))}


def bound_own(key: str, value: Any, name: str) -> dict[str, Any]:
    """Arguments that tie a widget to a parameter that only the open page understands."""
    st.session_state[key] = value
    return {
        "key": key,
        "on_change": _writer(key, lambda f, v: replace(f, own={**f.own, name: v})),
    }


def _writer(key: str, change: Callable[[Filters, Any], Filters]) -> Callable[[], None]:
    def write() -> None:
        write_filters(change(read_filters(), st.session_state[key]))

    return write
