"""What other commands read of a run is there, or the file is called damaged."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from emotionart.classifier.evaluation.result import findings
from emotionart.errors import UserError
from emotionart.run.stored import read_provenance, read_result
from tests.stored import by_part, write_stored


def test_the_least_is_enough_and_less_is_named(tmp_path: Path) -> None:
    write_stored(tmp_path)
    whole = read_result(tmp_path / "result.json")
    assert whole["model"] == "net"
    assert read_provenance(tmp_path / "provenance.json")["data"] == "d"
    for content, where in (
        ({**whole, "test": {"n": 1}}, "test.groups"),
        ([], "it"),
        ({"kind": "gan", "model": "g"}, "generator"),
    ):
        (tmp_path / "result.json").write_text(json.dumps(content))
        with pytest.raises(UserError, match=f"This file is damaged: {where}: "):
            read_result(tmp_path / "result.json")
    (tmp_path / "provenance.json").write_text("[]")
    with pytest.raises(UserError, match="This file is damaged: it: "):
        read_provenance(tmp_path / "provenance.json")


def with_one_less(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The content without each single one of its entries, however deep."""
    for key, inner in content.items():
        yield {other: value for other, value in content.items() if other != key}
        if isinstance(inner, dict):
            yield from ({**content, key: less} for less in with_one_less(inner))


def test_a_result_that_is_read_can_be_summed_up(tmp_path: Path) -> None:
    half = {"value": 0.5, "low": 0.0, "high": 1.0}
    file = tmp_path / "result.json"
    write_stored(
        tmp_path,
        split={"source": "column 'part'", "artists": 0, "copies": 0},
        ties=by_part(1),
        ceiling=by_part(0.9),
        oracle=by_part(0.9),
        human=by_part({"acc": half, "label_noise": half, "sampled_acc": half}),
        agreement=by_part({"majority": {"n": 1, "acc": half}}),
    )
    whole = read_result(file)
    told = "\n".join(findings(whole))
    for sentence in ("the best possible one scores 90.0%", "the data's own", "drawn from a tie", "one more annotator"):
        assert sentence in told
    for less in with_one_less(whole):
        file.write_text(json.dumps(less))
        with suppress(UserError):  # "this file is damaged"
            findings(read_result(file))
