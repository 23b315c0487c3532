"""What other commands read of a run is there, or the file is called damaged."""

import json
from pathlib import Path

import pytest

from emotionart.errors import UserError
from emotionart.run.stored import read_provenance, read_result
from tests.stored import write_stored


def test_the_least_is_enough_and_less_is_named(tmp_path: Path) -> None:
    write_stored(tmp_path)
    whole = read_result(tmp_path / "result.json")
    assert whole["model"] == "net"
    assert read_provenance(tmp_path / "provenance.json")["data"] == "d"
    for content, where in (
        ({**whole, "test": {"n": 1}}, "test.acc"),
        ([], "it"),
        ({"kind": "gan", "model": "g"}, "generator"),
    ):
        (tmp_path / "result.json").write_text(json.dumps(content))
        with pytest.raises(UserError, match=f"This file is damaged: {where}: "):
            read_result(tmp_path / "result.json")
    (tmp_path / "provenance.json").write_text("[]")
    with pytest.raises(UserError, match="This file is damaged: it: "):
        read_provenance(tmp_path / "provenance.json")
