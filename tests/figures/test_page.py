import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

from emotionart.figures import page


def test_a_picture_is_inside_the_address() -> None:
    pixels = np.full((3, 5, 3), 200, np.uint8)
    kind, _, content = page.embedded_picture(pixels).partition(";base64,")
    picture = Image.open(io.BytesIO(base64.b64decode(content)))
    assert (kind, picture.size) == ("data:image/jpeg", (5, 3))
    assert np.abs(np.asarray(picture).astype(int) - 200).max() <= 1


def test_a_file_is_embedded_byte_for_byte(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"picture")
    assert page.embedded_file(tmp_path / "a.png") == "data:image/png;base64," + base64.b64encode(b"picture").decode()
