"""Self-contained HTML pages: one file that opens anywhere, with its style, behaviour and pictures inside.

A page is a template in `pages/` that extends `page.html`. All text is escaped, and links lead to files near the page.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from emotionart.figures.plots import write_png


def render(template: str, **values: Any) -> str:
    """Renders a page.

    Args:
        template: file in `pages/`, such as "classifiers.html".
        values: variables of the template; a missing one raises an error.
    """
    environment = Environment(
        loader=PackageLoader("emotionart.figures", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["link"] = relative_link
    environment.filters["signed"] = signed
    return environment.get_template(template).render(**values)


def signed(value: float) -> str:
    """A number with its sign and one decimal; 0.0 has none."""
    return f"{value:+z.1f}".replace("+0.0", "0.0")


def relative_link(path: str) -> str:
    """The relative URL of a file or folder near a page, escaped so that no name can turn it into another URL."""
    return f"./{quote(path)}"


def embedded_file(path: Path) -> str:
    """A PNG or JPEG file as a data URL."""
    kind = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}[path.suffix.lower()]
    return _address(kind, path.read_bytes())


def embedded_picture(pixels: NDArray[np.uint8], quality: int = 85) -> str:
    """A picture as the data URL of a JPEG.

    Args:
        pixels: (h, w, 3) sRGB.
        quality: JPEG quality, 1 to 95.
    """
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return _address("jpeg", file.getvalue())


def embedded_figure(figure: Figure, dpi: int = 110) -> str:
    """A matplotlib figure as the data URL of a PNG."""
    file = io.BytesIO()
    write_png(figure, file, dpi)
    return _address("png", file.getvalue())


def embedded_narrow(figure: Figure) -> str:
    """A figure for a phone as the data URL of a PNG, at 180 dots per inch for its finer screen."""
    return embedded_figure(figure, dpi=180)


def _address(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
