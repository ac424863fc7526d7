"""Modules of a page: one titled box each, that fails alone."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards.data import View
from dashboards.i18n import literal
from pipelines.metrics import AccessError

_LOGGER = logging.getLogger(__name__)


@contextmanager
def module(view: View, title: str, note: str | None = None) -> Iterator[DeltaGenerator]:
    """A bordered box; an error inside shows a reference number, the log has the rest.

    `title` and `note` are plain text in the reader's language. Yields the corner right of the
    title, for a switch.
    """
    with st.container(border=True, height="stretch", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(literal(title), anchor=False, width="stretch")
            corner = st.container(width="content")
        if note:
            st.caption(literal(note))
        with guarded(view):
            yield corner


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
