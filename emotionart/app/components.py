"""Components that several tabs share."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

import gradio as gr

from emotionart.app.pictures import Pictures
from emotionart.data.pictures.decode import PictureError
from emotionart.errors import UserError

MOST_BYTES = 50_000_000
"""Size limit of an upload."""

# Not "share", which would send a picture to a server elsewhere.
image = partial(gr.Image, buttons=["download", "fullscreen"])
gallery = partial(gr.Gallery, buttons=["download", "fullscreen"], show_label=False)

STYLE = """
#strip .grid-wrap { min-height: 0; }
@media (max-width: 640px) {
  .grid-container { grid-template-columns: repeat(3, minmax(0, 1fr)) !important; }
}
"""
"""Style of galleries: as high as one row needs; three columns on a phone, where more would overflow."""

PRIVATE: dict[str, Any] = {"api_visibility": "private"}
"""Options of every event: keeps it out of Gradio's public API."""

WORK: dict[str, Any] = {**PRIVATE, "concurrency_id": "model"}
"""Options of events that compute: they run one at a time."""

_P = ParamSpec("_P")
_R = TypeVar("_R")


def show_errors(handler: Callable[_P, _R]) -> Callable[_P, _R]:
    """Wraps a handler so that its errors are shown on the page, without paths on this machine."""

    @wraps(handler)
    def wrapper(*arguments: _P.args, **named: _P.kwargs) -> _R:
        try:
            return handler(*arguments, **named)
        except UserError as error:
            raise gr.Error(error.what, print_exception=False) from None
        except PictureError as error:
            raise gr.Error(f"This picture cannot be read: {error.reason}.", print_exception=False) from None

    return wrapper


def picture_input(pictures: Pictures, tab: str) -> gr.State:
    """An upload field and an example button, with ids that begin with the tab's name; returns the latest bytes."""
    content = gr.State(None)
    label = f"A picture of at most {MOST_BYTES // 1_000_000} MB"
    with gr.Row():
        upload = gr.File(type="binary", label=label, file_types=["image"], height=140, elem_id=f"{tab}-upload")
        example = gr.Button("An example", elem_id=f"{tab}-example", interactive=bool(pictures.paths))
    upload.upload(lambda file: file, [upload], [content], **PRIVATE)
    example.click(show_errors(pictures.example), [], [content], **PRIVATE)
    return content
