"""What several tabs are built from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

import gradio as gr

from emotionart.app.pictures import Pictures
from emotionart.data.pictures.decode import PictureError
from emotionart.errors import UserError

MOST_BYTES = 50_000_000
"""Of an upload."""

# Not "share", which would send a picture to a server elsewhere.
image = partial(gr.Image, buttons=["download", "fullscreen"])
gallery = partial(gr.Gallery, buttons=["download", "fullscreen"], show_label=False)

STYLE = """
#strip .grid-wrap { min-height: 0; }
@media (max-width: 640px) {
  .grid-container { grid-template-columns: repeat(3, minmax(0, 1fr)) !important; }
}
"""
"""Of galleries: one row needs no room for more; on a phone three are a row, where longer ones would stick out."""

PRIVATE: dict[str, Any] = {"api_visibility": "private"}
"""Of every event: Gradio offers none of them to other programs."""

WORK: dict[str, Any] = {**PRIVATE, "concurrency_id": "model"}
"""Of events that compute: one at a time, whoever asks."""

_P = ParamSpec("_P")
_R = TypeVar("_R")


def told(handler: Callable[_P, _R]) -> Callable[_P, _R]:
    """A handler whose mistakes are told on the page, without the place on this machine where they were made."""

    @wraps(handler)
    def telling(*arguments: _P.args, **named: _P.kwargs) -> _R:
        try:
            return handler(*arguments, **named)
        except UserError as error:
            raise gr.Error(error.what, print_exception=False) from None
        except PictureError as error:
            raise gr.Error(f"This picture cannot be read: {error.reason}.", print_exception=False) from None

    return telling


def picture_input(pictures: Pictures, tab: str) -> gr.State:
    """A place for an upload and a button for an example, whose ids begin with the tab's name; the bytes chosen last."""
    content = gr.State(None)
    label = f"A picture of at most {MOST_BYTES // 1_000_000} MB"
    with gr.Row():
        upload = gr.File(type="binary", label=label, file_types=["image"], height=140, elem_id=f"{tab}-upload")
        example = gr.Button("An example", elem_id=f"{tab}-example", interactive=bool(pictures.paths))
    upload.upload(lambda file: file, [upload], [content], **PRIVATE)
    example.click(told(pictures.example), [], [content], **PRIVATE)
    return content
