"""The page's server: local unless another host is given; it sends nothing to other servers."""

from __future__ import annotations

import os
import socket

import gradio as gr
import uvicorn
from fastapi import FastAPI

from emotionart.app.components import MOST_BYTES, STYLE
from emotionart.app.guard import Guard
from emotionart.app.page import Page
from emotionart.app.tabs.label import KEYS

LOCAL = "127.0.0.1"
_ANY = frozenset({"0.0.0.0", "::"})
_FORM_BYTES = 100_000  # overhead of an upload
_FONTS = ["system-ui", "sans-serif"]  # on the reader's own machine


def build(page: Page, host: str) -> Guard:
    """The page as a guarded ASGI application.

    Args:
        page: page to serve.
        host: address on which it is served, besides this machine itself.
    """
    name = public_name(host)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    application = gr.mount_gradio_app(
        FastAPI(openapi_url=None),
        page.build(),
        path="/",
        max_file_size=MOST_BYTES,
        show_error=False,
        theme=gr.themes.Default(font=_FONTS, font_mono=["monospace"]),
        head=KEYS,
        css=STYLE,
        footer_links=[],
    )
    return Guard(application, frozenset({LOCAL, "localhost", name}), MOST_BYTES + _FORM_BYTES, any_address=host in _ANY)


def public_name(host: str) -> str:
    """The name under which others request a page that is served on this address: on all, that of the machine."""
    return (socket.gethostname() if host in _ANY else host).casefold()


def serve(page: Page, host: str, port: int) -> None:
    """Serves the page until it is interrupted."""
    uvicorn.run(build(page, host), host=host, port=port, log_level="warning")
