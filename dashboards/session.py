"""Who is looking: the local reader, or whom the identity provider names. And the two pages
before the frame: sign in, and no access. Not here: what a reader may see
(`pipelines.metrics.access`)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st
from streamlit import config

from dashboards.i18n import Texts, literal
from pipelines.metrics import AccessError
from pipelines.metrics.access import Reader, local_reader, reader_of, stranger
from pipelines.metrics.access_log import note_access
from pipelines.metrics.sign_in import (
    SignIn,
    Uses,
    check_address,
    groups_of,
    is_fresh,
    sign_in_of,
    user_of,
)
from pipelines.settings import Settings

_USES = Uses()


class NotSignedInError(Exception):
    """Nobody is signed in, or the sign-in is too old or went without use for too long."""


def streamlit_secrets(sign_in: SignIn | None) -> dict[str, Any]:
    """What `st.login` reads from a secrets file elsewhere."""
    if sign_in is None:
        return {}
    return {
        "auth": {
            "server_metadata_url": sign_in.metadata_url,
            "client_id": sign_in.client_id,
            "client_secret": sign_in.client_secret.get_secret_value(),
            "redirect_uri": sign_in.redirect_uri,
            "cookie_secret": sign_in.cookie_secret.get_secret_value(),
        }
    }


def current_reader() -> Reader:
    """The person at the browser, asked anew on every run: an entry taken away ends their access.

    Raises NotSignedInError, AccessError where nobody let the user in, and SignInError where
    other machines reach a server without sign-in.
    """
    settings = Settings()
    if sign_in_of(settings) is None:
        check_address(settings, config.get_option("server.address"))
        return local_reader()
    if not _is_signed_in(settings):
        raise NotSignedInError
    claims = st.user.to_dict()
    _USES.note(settings, claims, datetime.now(UTC))
    user = user_of(claims)
    try:
        return reader_of(settings, user, groups_of(settings, claims))
    except AccessError:
        note_access(settings, stranger(user), "refused", "sign-in")
        raise


def _is_signed_in(settings: Settings) -> bool:
    claims, now = st.user.to_dict(), datetime.now(UTC)
    return (
        claims.get("is_logged_in") is True
        and is_fresh(settings, claims, now)
        and not _USES.is_idle(settings, claims, now)
    )


def sign_in_page(texts: Texts) -> None:
    """All that somebody sees who has not signed in."""
    st.title(texts("app.title"), anchor=False)
    st.write(texts("sign_in.why"))
    st.button(texts("sign_in.button"), type="primary", on_click=st.login)


def no_access_page(texts: Texts) -> None:
    """All that somebody sees who signed in and whom nobody let in."""
    st.title(texts("no_access.title"), anchor=False)
    st.write(literal(texts("no_access.why", user=user_of(st.user.to_dict()))))
    st.button(texts("sign_in.end"), on_click=st.logout)


def sign_out_button(texts: Texts) -> None:
    """Who is signed in, and the way out; nothing where nobody signs in."""
    settings = Settings()
    if sign_in_of(settings) is not None:
        st.caption(literal(user_of(st.user.to_dict())))
        st.button(texts("sign_in.end"), on_click=st.logout, width="stretch")
        idle = timedelta(minutes=settings.auth_idle_minutes)
        st.fragment(_clear_ended, run_every=idle)()


def _clear_ended() -> None:
    """Take the figures off a screen where nobody has been. Runs by itself, which is no use."""
    if not _is_signed_in(Settings()):
        st.rerun()
