"""The features of a frozen network, computed on several devices."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import lmdb
import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from emotionart.run.devices.torch_devices import devices_of
from tests.run.devices.test_devices import ONE, TWO, numbers

Run = Callable[..., tuple[Path, dict[str, Any]]]

RESNET = (
    "model=transfer", "model.backbone.name=test_resnet", "model.backbone.source=timm", "model.backbone.size=32",
    "model.backbone.weights=random", "augment=study", "data.train_count=45", "trainer.max_epochs=2",
)  # fmt: skip


def stored(cache: Path) -> dict[str, dict[bytes, bytes]]:
    """The entries of all stores in a cache."""
    found = {}
    for folder in (cache / "features").iterdir():
        with lmdb.open(str(folder), readonly=True) as store, store.begin() as transaction:
            found[folder.name] = dict(transaction.cursor())
    return found


def test_the_store_and_the_run_are_those_of_one_device(tiny_run: Run, tmp_path: Path) -> None:
    one, alone = tiny_run(*RESNET, *ONE, f"cache={tmp_path}/a", name="one", pixels=False)
    two, shared = tiny_run(*RESNET, *TWO, f"cache={tmp_path}/b", name="two", pixels=False)
    assert stored(tmp_path / "a") == stored(tmp_path / "b")
    assert sum(map(len, stored(tmp_path / "a").values())) > 160
    assert (two / "metrics.csv").read_bytes() == (one / "metrics.csv").read_bytes()
    assert np.array_equal(*(numbers(folder / "predictions.csv", "p(") for folder in (one, two)))
    assert alone["representation"] == shared["representation"]


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [({"devices": "auto"}, ["cpu"]), ({"devices": 2, "accelerator": "cpu"}, ["cpu", "cpu"])],
)
def test_devices_of_the_cpu(overrides: dict[str, Any], expected: list[str]) -> None:
    if torch.cuda.is_available() and "accelerator" not in overrides:
        pytest.skip("there is a GPU")
    trainer = OmegaConf.create({"accelerator": "auto", **overrides})
    assert [device.type for device in devices_of(trainer)] == expected
