"""A page runner on the fake store."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import dashboards.frame
import pipelines.console
from tests.unit.dashboards.fake_console import FakeConsole
from tests.unit.dashboards.fake_store import FakeStore, OpenPage

APP = Path(__file__).parents[3] / "dashboards" / "app.py"


@cache
def check_specification(specification: str) -> None:
    """Raise where Vega-Lite would not understand a chart."""
    alt.Chart.from_dict(json.loads(specification))


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> FakeConsole:
    """The console that Explore opens in this test."""
    fake = FakeConsole()
    monkeypatch.setattr(pipelines.console, "open_console", lambda reader, snapshot: fake)
    return fake


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, console: FakeConsole) -> Iterator[FakeStore]:
    """The store that pages open in this test."""
    fake = FakeStore()
    monkeypatch.setattr(dashboards.frame, "open_scoped", lambda reader: fake)
    place = st.vega_lite_chart

    def checked(spec: dict[str, Any], **options: Any) -> object:
        named = {key: value for key, value in spec.items() if key != "datasets"}
        check_specification(json.dumps(named))
        return place(spec, **options)

    monkeypatch.setattr(st, "vega_lite_chart", checked)
    yield fake


@pytest.fixture
def open_page(store: FakeStore) -> OpenPage:
    """Opens a page by its URL path, with URL parameters."""

    def open_at(path: str, **params: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=60)
        for name, value in params.items():
            app.query_params[name] = value
        app.run()
        return app.switch_page(f"views/{path}.py").run()

    return open_at
