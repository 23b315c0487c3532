"""Every shipped option of every group: it composes, and its file has all that its targets take."""

import inspect
from functools import cache

import pytest
import pytorch_lightning as pl
from hydra.utils import get_object
from omegaconf import OmegaConf

from emotionart.config.compose import compose
from emotionart.config.composed import Composed
from emotionart.config.groups import CONF, SWEEP_GROUPS, group_options

DECIDED_BY_A_RUN = {
    "logger", "callbacks", "default_root_dir", "enable_checkpointing", "enable_model_summary",
    "use_distributed_sampler", "sync_batchnorm", "reload_dataloaders_every_n_epochs", "plugins", "barebones",
    "fast_dev_run", "limit_test_batches", "limit_predict_batches", "enable_autolog_hparams", "model_registry",
}  # fmt: skip
"""Parameters of Lightning's Trainer that are no user's: what several devices need, and loops that no run has."""

NEEDED = {
    "model/head": ["model=vgg16_tl"],
    "model/features": ["model=gan"],
    "generator": ["model=gan"],
    "discriminator": ["model=gan"],
    "data=table": ["data.path=x"],
    "data=folder": ["data.path=x"],
    "experiment=portraits": ["data.path=x"],
    "experiment=portraits_gpu": ["data.path=x"],
    "model=transfer": ["model.backbone.name=resnet18"],
    "model=transfer_joined": ["model.backbones=[{name:resnet18}]"],
    "model/features=backbone": ["model.features.name=resnet18"],
}
"""What options of a group, or one of them, cannot do without."""


def options() -> list[tuple[str, str]]:
    return [(group, option) for group, names in group_options().items() for option in names]


@cache
def composed_with(group: str, option: str) -> Composed:
    """The configuration that an option is part of, for tests that only look at it."""
    asked = f"{group}={option}"
    name = group if group in SWEEP_GROUPS else "train"
    return compose([asked, *NEEDED.get(group, []), *NEEDED.get(asked, [])], name)


def test_every_option_is_found() -> None:
    files = [file for file in CONF.rglob("*.yaml") if file.parent not in (CONF, CONF / "local") and file.name[0] != "_"]
    assert len(options()) == len(files) >= 24
    assert all(description for names in group_options().values() for description in names.values())


@pytest.mark.parametrize(("group", "option"), options())
def test_every_option_composes(group: str, option: str) -> None:
    assert composed_with(group, option).choices[group] == option


def _paths(node: object, path: str) -> list[str]:
    if not isinstance(node, dict):
        return []
    own = [path] if str(node.get("_target_", "")).startswith(("emotionart.", "pytorch_lightning.Trainer")) else []
    return own + [found for key, value in node.items() for found in _paths(value, f"{path}.{key}")]


def test_every_parameter_of_a_shipped_target_stands_in_its_file() -> None:
    checked = 0
    for group, option in options():
        if group in ("debug", "experiment", *SWEEP_GROUPS):
            continue
        config, place = composed_with(group, option).config, group.replace("/", ".")
        for path in _paths(OmegaConf.to_container(OmegaConf.select(config, place), resolve=True), place):
            node = OmegaConf.select(config, path)
            name = node["_target_"]
            parameters = inspect.signature(get_object(name)).parameters.values()
            # Those without a default are passed by code where the file does not give them, or no run would begin.
            optional = {one.name for one in parameters if one.default is not one.empty and one.name != "kwargs"}
            left_out = DECIDED_BY_A_RUN if name.endswith("Trainer") else {"classes"} if group == "generator" else set()
            assert optional - left_out <= node.keys(), (group, option, path)
            checked += 1
    assert checked >= 20


def test_what_is_left_out_of_the_trainer_exists() -> None:
    assert set(inspect.signature(pl.Trainer).parameters) >= DECIDED_BY_A_RUN
