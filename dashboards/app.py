"""Entry point: `streamlit run dashboards/app.py`. Frame first, then the page of the URL.

No numbers are made here and no page is drawn here.
"""

import streamlit as st

from dashboards.frame import header, no_snapshot, note_view, open_view
from dashboards.modules import guarded
from dashboards.navigation import open_page, streamlit_pages
from dashboards.session import current_reader
from dashboards.sidebar import sidebar
from dashboards.state import read_texts
from pipelines.metrics import NoSnapshotError


def main() -> None:
    """Draw the frame and run the page, if it is the reader's."""
    texts = read_texts()
    st.set_page_config(page_title=texts("app.title"), page_icon="📊", layout="wide")
    reader = current_reader()
    pages = streamlit_pages(texts)
    info, page = open_page(texts, pages, reader)
    try:
        view = open_view(reader)
    except NoSnapshotError:
        no_snapshot(texts)
        return
    with guarded(view):
        sidebar(view, info, pages)
        header(view, info, pages)
    if view.store.reader.may_open(info.path):
        note_view(view, info)
        page.run()
    else:
        view.store.note("refused", info.path)
        st.info(texts("state.refused"))


main()
