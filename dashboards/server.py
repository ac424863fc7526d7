"""The web server: `streamlit run dashboards/server.py` serves the app behind our own doors.

Put together here only. It refuses to start where others would reach it without sign-in.
"""

from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Thread

import streamlit as st
from streamlit import config

from dashboards.session import streamlit_secrets
from dashboards.web.stack import middleware, routes
from pipelines.metrics import NoSnapshotError, open_store
from pipelines.metrics.sign_in import check_address, sign_in_of
from pipelines.settings import Settings

_settings = Settings()
_sign_in = sign_in_of(_settings)
check_address(_settings, config.get_option("server.address"))


def _get_ready() -> None:
    """Read the definitions and what charts need before the first reader comes."""
    with suppress(NoSnapshotError):
        open_store(_settings)
    for module in ("dashboards.frame", "dashboards.parts", "scipy.stats"):
        import_module(module)


Thread(target=_get_ready, daemon=True).start()

app = st.App(
    Path(__file__).with_name("app.py"),
    secrets=streamlit_secrets(_sign_in),
    routes=routes(),
    middleware=middleware(_sign_in),
)
