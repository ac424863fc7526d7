"""The widgets behind the doors of the dashboards."""

from pathlib import Path

import streamlit as st

from dashboards.web.stack import middleware, routes

app = st.App(Path(__file__).with_name("app.py"), routes=routes(), middleware=middleware(None))
