"""Login by OpenID Connect, where ``[auth]`` stands in Streamlit's secrets; else everybody is in."""

import json
from pathlib import Path

import streamlit as st
from starlette.requests import HTTPConnection
from starlette.types import Scope
from streamlit import config
from streamlit.auth_util import is_authlib_installed
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from core.ui.frame.words import t


def is_login_needed() -> bool:
    """Whether a login is configured; also where secrets cannot be read: then nobody is let in."""
    if secrets_singleton.load_if_toml_exists():
        return "auth" in secrets_singleton
    return any(Path(file).exists() for file in config.get_option("secrets.files"))


def is_let_in() -> bool:
    """Whether this session may see the pages."""
    return not is_login_needed() or st.user.get("is_logged_in") is True


def may_upload(scope: Scope) -> bool:
    """Whether a request outside a session comes from someone who may see the pages."""
    if not is_login_needed():
        return True
    cookie = _get_signed_cookie_with_chunks(HTTPConnection(scope).cookies, USER_COOKIE_NAME)
    return cookie is not None and json.loads(cookie).get("is_logged_in") is True


def draw_login() -> None:
    """What a stranger sees in place of the page."""
    st.markdown(f"# {t('frame.title')}\n\n{t('frame.login.text')}")
    if not is_authlib_installed() or not secrets_singleton.load_if_toml_exists():
        st.error(t("frame.login.broken"), icon=":material/error:")
        return
    st.button(t("frame.login.in"), icon=":material/login:", type="primary", on_click=st.login)


def draw_logout() -> None:
    """A way out, for who has logged in."""
    if is_login_needed() and is_let_in():
        st.button(t("frame.login.out"), icon=":material/logout:", on_click=st.logout)
