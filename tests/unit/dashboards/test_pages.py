"""Pages on the fake store: what they show, keep, and survive."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.i18n import LANGUAGES
from dashboards.navigation import PAGES
from tests.unit.dashboards.fake_store import OpenPage

PATHS = [page.path for page in PAGES]
_KEY = re.compile(r"\b[a-z]+\.[a-z]+(_[a-z0-9]+)*\b")


def _words(app: AppTest) -> str:
    kinds = ("title", "subheader", "caption", "markdown", "info", "error", "metric", "button")
    found = [element for kind in kinds for element in getattr(app, kind)]
    return "\n".join(
        str(getattr(element, field, ""))
        for element in found
        for field in ("label", "value", "delta", "help")
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_page_opens(open_page: OpenPage, path: str, language: str) -> None:
    app = open_page(path, lang=language)
    assert not app.exception
    assert not app.error
    assert app.title[0].value
    assert not _KEY.findall(_words(app).replace("example.org", "")), "a text key is shown raw"
