"""Entry point: `streamlit run dashboards/app.py`. Frame first, then the page of the URL.

No numbers are made here and no page is drawn here.
"""

import streamlit as st

from dashboards.frame import current_view, header, no_snapshot
from dashboards.modules import guarded
from dashboards.navigation import open_page, streamlit_pages
from dashboards.sidebar import sidebar
from dashboards.state import read_texts
from pipelines.metrics import NoSnapshotError


def main() -> None:
    """Draw the frame and run the page."""
    texts = read_texts()
    st.set_page_config(page_title=texts("app.title"), page_icon="📊", layout="wide")
    pages = streamlit_pages(texts)
    info, page = open_page(texts, pages)
    try:
        view = current_view()
    except NoSnapshotError:
        no_snapshot(texts)
        return
    with guarded(view):
        sidebar(view, info, pages)
        header(view, info, pages)
    page.run()


main()
