from pathlib import Path

import pytest

from emotionart.data.tables.folder import read_folder
from emotionart.errors import UserError


def test_a_class_that_may_not_be_read_is_named_and_not_left_out(unprivileged: Path) -> None:
    for name in ("joy", "fear", "anger"):
        (unprivileged / name).mkdir()
        (unprivileged / name / "a.png").write_bytes(b"picture")
    for name in ("fear", "anger"):
        (unprivileged / name).chmod(0)
    with pytest.raises(UserError) as caught:
        read_folder(unprivileged)
    assert f"{unprivileged.resolve()}/fear" in str(caught.value)
    assert f"{unprivileged.resolve()}/anger" in str(caught.value)
