"""What runs for each reader: frame first, then the page of the URL. `server.py` serves it.

No numbers are made here and no page is drawn here.
"""

import streamlit as st

from dashboards.frame import header, no_snapshot, note_view, open_view
from dashboards.modules import guarded
from dashboards.navigation import choose_page, streamlit_pages
from dashboards.session import NotSignedInError, current_reader, no_access_page, sign_in_page
from dashboards.sidebar import sidebar
from dashboards.state import read_texts
from pipelines.metrics import AccessError, NoSnapshotError


def main() -> None:
    """Draw the frame and run the page, if it is the reader's."""
    texts = read_texts()
    st.set_page_config(page_title=texts("app.title"), page_icon="📊", layout="wide")
    pages = streamlit_pages(texts)
    try:
        reader = current_reader()
    except (NotSignedInError, AccessError) as refusal:
        choose_page(texts, pages)  # else Streamlit would call the address unknown
        (no_access_page if isinstance(refusal, AccessError) else sign_in_page)(texts)
        return
    info, page = choose_page(texts, pages, reader)
    pages[info.path] = page  # the entrance is the first page, also to the link that leads there
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
