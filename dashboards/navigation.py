"""The pages: file, URL, name, and which family's filters each offers.

Their folder is not called `pages`: Streamlit would run such files itself, without the frame.
"""

from dataclasses import dataclass

import streamlit as st

from dashboards.i18n import Texts
from pipelines.metrics.access import Reader


@dataclass(frozen=True)
class PageInfo:
    """One page; `families` are the KPI families it shows, none where filters do not apply.

    A page that is not listed opens from a figure or a row only.
    """

    path: str
    families: tuple[str, ...]
    is_listed: bool = True

    @property
    def title_key(self) -> str:
        return f"page.{self.path}"


PAGES = (
    PageInfo("overview", ("tickets", "calls", "satisfaction")),
    PageInfo("tickets", ("tickets",)),
    PageInfo("calls", ("calls",)),
    PageInfo("satisfaction", ("satisfaction",)),
    PageInfo("teams", ("tickets", "calls", "satisfaction")),
    PageInfo("data", ()),
    PageInfo("dictionary", ()),
    PageInfo("sql", ()),
    PageInfo("access", ()),
    PageInfo("kpi", ("tickets", "calls", "satisfaction"), is_listed=False),
    PageInfo("record", (), is_listed=False),
)


def page_file(path: str) -> str:
    """What a link to the page of this URL path names."""
    return f"views/{path}.py"


def streamlit_pages(texts: Texts) -> dict[str, st.Page]:
    """Pages by URL path, titled in the reader's language."""
    return {
        page.path: st.Page(page_file(page.path), title=texts(page.title_key), url_path=page.path)
        for page in PAGES
    }


def choose_page(texts: Texts, pages: dict[str, st.Page]) -> st.Page:
    """The page of the URL, or one of no address of its own where the URL is bare.

    Streamlit gives its default page the bare address and no other, so that the overview
    cannot be the default and have an address of its own.
    """
    entrance = st.Page(lambda: None, url_path="home", title=texts("app.title"), default=True)
    return st.navigation([entrance, *pages.values()], position="hidden")


def open_page(texts: Texts, pages: dict[str, st.Page], reader: Reader) -> tuple[PageInfo, st.Page]:
    """The page of the URL; the bare address leads to the reader's first page."""
    chosen = choose_page(texts, pages)
    if chosen not in pages.values():
        first = next(page.path for page in PAGES if reader.may_open(page.path))
        st.switch_page(pages[first], query_params=st.query_params.to_dict())
    return next((info, chosen) for info in PAGES if pages[info.path] == chosen)
