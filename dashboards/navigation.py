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


def choose_page(
    texts: Texts, pages: dict[str, st.Page], reader: Reader | None = None
) -> tuple[PageInfo, st.Page]:
    """The page of the URL; at the bare address the reader's first page, nothing before sign-in.

    Streamlit gives its default page the bare address and no other, so that the overview
    cannot be the default and have an address of its own: the entrance is a page of its own.
    To lead on from there would lose what Streamlit says of an unknown address, if it was not
    sent before the script began anew.
    """
    first = next((p for p in PAGES if reader and reader.may_open(p.path)), None)
    entrance = st.Page(
        page_file(first.path) if first else lambda: None,
        url_path="home",
        title=texts(first.title_key if first else "app.title"),
        default=True,
    )
    chosen = st.navigation([entrance, *pages.values()], position="hidden")
    info = next((p for p in PAGES if pages[p.path] == chosen), first or PAGES[0])
    return info, chosen
