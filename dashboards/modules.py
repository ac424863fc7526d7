"""Modules of a page: one titled box each, that fails alone."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards.data import View
from dashboards.i18n import literal
from pipelines.metrics import AccessError

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Corner:
    """The place right of a module's title, for a switch and exports, and the title."""

    place: DeltaGenerator
    title: str


@contextmanager
def module(view: View, title: str, note: str | None = None) -> Iterator[Corner]:
    """A bordered box; an error inside shows a reference number, the log has the rest.

    `title` and `note` are plain text in the reader's language. Yields the corner right of the
    title.
    """
    with st.container(border=True, height="stretch", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(literal(title), anchor=False, width="stretch")
            place = st.container(horizontal=True, vertical_alignment="center", width="content")
        if note:
            st.caption(literal(note))
        with guarded(view):
            yield Corner(place, title)


@contextmanager
def guarded(view: View) -> Iterator[None]:
    """Keep an error inside this part of the page; what is not the reader's is said calmly."""
    try:
        yield
    except AccessError:
        st.info(view.texts("state.refused"))
    except Exception:
        reference = uuid4().hex[:8]
        _LOGGER.exception("a part of the page failed, reference %s", reference)
        st.error(view.texts("state.error", reference=reference))
