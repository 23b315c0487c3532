import base64
import io
import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import numpy as np
import pytest
from PIL import Image

from emotionart.figures import page
from emotionart.figures.page import relative_link, signed


def test_a_picture_is_inside_the_address() -> None:
    pixels = np.full((3, 5, 3), 200, np.uint8)
    kind, _, content = page.embedded_picture(pixels).partition(";base64,")
    picture = Image.open(io.BytesIO(base64.b64decode(content)))
    assert (kind, picture.size) == ("data:image/jpeg", (5, 3))
    assert np.abs(np.asarray(picture).astype(int) - 200).max() <= 1


def test_a_file_is_embedded_byte_for_byte(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"picture")
    assert page.embedded_file(tmp_path / "a.png") == "data:image/png;base64," + base64.b64encode(b"picture").decode()


@pytest.mark.parametrize("name", ["javascript:alert(1)", "https:elsewhere", 'x" onclick="y', "a#b?c"])
def test_a_link_leads_to_a_file_near_the_page_whatever_its_name(name: str) -> None:
    address = urlsplit(urljoin("https://here/pages/report.html", relative_link(name)))
    assert (address.scheme, address.netloc, address.query, address.fragment) == ("https", "here", "", "")
    assert unquote(address.path) == f"/pages/{name}"
    assert '"' not in relative_link(name)


def test_every_link_of_a_page_stays_near_it() -> None:
    pages = [file.read_text() for file in (Path(page.__file__).parent / "pages").glob("*.html")]
    links = [
        link for text in pages for link in re.findall(r"""(?:href|action|formaction)\s*=\s*["']?([^"'>]*)""", text)
    ]
    assert any("| link }}" in link for link in links)
    for link in links:
        assert link.startswith("#") or link == "data:," or re.fullmatch(r"\{\{ [\w.\[\]]+ \| link \}\}/?", link)


def test_every_attribute_with_a_value_is_quoted() -> None:
    for file in (Path(page.__file__).parent / "pages").glob("*.html"):
        assert not re.findall(r"""=\{\{""", file.read_text()), file.name


def test_a_number_that_rounds_to_zero_has_no_sign() -> None:
    assert [signed(value) for value in (-0.04, 0.0, 0.04, -0.06, 10.0)] == ["0.0", "0.0", "0.0", "-0.1", "+10.0"]
