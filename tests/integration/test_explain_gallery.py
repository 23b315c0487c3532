"""Where it is known what tells a class, a map must find it, and a network that has learnt nothing must not."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from emotionart.explain.explain import Options, explain

Run = Callable[..., tuple[Path, dict]]


@pytest.mark.slow
def test_on_local_cues_class_activation_maps_point_at_them_and_random_weights_do_not(tiny_run: Run) -> None:
    run, result = tiny_run(
        "data.count=1600",
        "data.picture_size=160",
        "data.global_cues=0",
        "model.representation.size=64",
        "model.network.pool=true",
        "model.network.channels=[16,32,64]",
        "model.network.kernel_size=3",
        "model.network.dropout=0",
        "optimizer.lr=3e-3",
        "augment=none",
        "batch_size=16",
        "trainer.max_epochs=14",
    )
    majority = result["baselines"]["majority"]["test"]["acc"]["high"]
    assert result["test"]["acc"]["low"] > majority, "it has learnt something"
    told = json.loads((explain(run, Options(count=4, steps=0)) / "explain.json").read_text())
    found = told["reliability"]["pointing"]
    assert found["n"] >= 200
    assert found["chance"] < 0.1
    assert found["pointing_low"] > 6 * found["chance"]
    assert found["energy"] > 4 * found["chance"]
    assert found["random_weights"] < found["pointing"] / 2
    assert found["random_weights_energy"] < 2 * found["chance"]
    assert told["reliability"]["summary"].startswith("These maps are reliable")
    survives = told["cues"]["survives"]
    assert survives["local"]["value"] > 0.85
    assert survives["global"]["value"] < 0.15
