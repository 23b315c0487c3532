"""Checks a composed configuration before anything is trained: keys, types, ranges, choices, targets."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from emotionart.config.checks.backbone import check_backbones
from emotionart.config.checks.data import check_folds_and_cache, check_pictures
from emotionart.config.checks.devices import check_devices
from emotionart.config.checks.gan import check_gan
from emotionart.config.checks.keys import Run
from emotionart.config.checks.rehearse import rehearse
from emotionart.config.checks.training import check_training
from emotionart.config.checks.unlabelled import check_unlabelled
from emotionart.config.checks.unread import unread
from emotionart.config.checks.values import check_value
from emotionart.config.composed import Composed
from emotionart.config.targets import hints, locate, takes
from emotionart.errors import UserError, distinct

DATA_GROUPS = ("data", "labels")
"""The groups that define the artworks and their labels."""

_HYDRA = frozenset({"_target_", "_partial_", "_recursive_", "_convert_", "_args_"})
"""Hydra's own keys of a node."""


def check(composed: Composed) -> list[UserError]:
    """All errors in the values of a configuration, each cause once.

    Types come from the project's own targets, Lightning's Trainer and `emotionart.config.checks.keys`. For other
    targets only the names of parameters are checked, unless they take arbitrary ones.
    """
    try:
        config = composed.resolved()
    except OmegaConfBaseException:  # reported by `compose_with_errors`
        return []
    tree = _Tree(OmegaConf.to_container(composed.config), composed)
    mistakes = distinct(_check_keys(tree, "", config, Run))
    if mistakes:
        return mistakes
    task = locate(config["model"]["_target_"])
    return [
        *_check_unused(composed, task),
        *check_training(config, task),
        *check_gan(config),
        *check_backbones(config),
        *check_devices(config),
        *check_unlabelled(config),
        *check_pictures(config),
        *check_folds_and_cache(config),
        *_check_tensorboard(config),
        *rehearse(config),
    ]


def check_with(mistakes: Sequence[UserError], composed: Composed) -> list[UserError]:
    """The mistakes in overrides, and those in the values of the others, as of `check`.

    Values are only checked if each of the mistakes has a fix: otherwise the configuration is not what is meant.

    Args:
        mistakes, composed: as from `compose_with_errors`.
    """
    return distinct([*mistakes, *(check(composed) if all(mistake.fix for mistake in mistakes) else [])])


def check_data(composed: Composed) -> list[UserError]:
    """Errors in the groups `data` and `labels`, without importing models or Lightning."""
    config = composed.resolved()
    tree = _Tree(OmegaConf.to_container(composed.config), composed)
    mistakes = distinct(mistake for name in DATA_GROUPS for mistake in _check_keys(tree, name, config[name]))
    return mistakes or check_folds_and_cache(config)


@dataclass(frozen=True)
class _Tree:
    """A configuration with its interpolations.

    Attributes:
        raw: configuration with unresolved interpolations.
        composed: the configuration.
    """

    raw: Any
    composed: Composed

    def source(self, key: str) -> str:
        """The key that holds the value: another one if it is an interpolation, `${another.one}`."""
        raw = self.raw
        for part in key.replace("[", ".").replace("]", "").split("."):
            raw = raw[int(part)] if isinstance(raw, list) else raw[part]
        plain = isinstance(raw, str) and raw.startswith("${") and raw[2:-1] in self.composed.references
        return self.source(raw[2:-1]) if plain else key

    def is_read(self, key: str) -> bool:
        """Whether an interpolation refers to the key, or to one above or below it."""
        dotted = key.replace("[", ".").replace("]", "")
        return any(
            f"{name}.".startswith(f"{dotted}.") or dotted.startswith(f"{name}.") for name in self.composed.references
        )


def _check_keys(tree: _Tree, path: str, node: Mapping[str, Any], schema: Any = None) -> Iterator[UserError]:
    """Errors in a node of the configuration and below it.

    A key is read by the node's target, by the run (`schema`), or by an interpolation.
    """
    types = typing.get_type_hints(schema, include_extras=True) if schema else {}
    for key in sorted(getattr(schema, "__required_keys__", frozenset()) - node.keys()):
        full = f"{path}.{key}" if path else key
        yield UserError(f"The key {full!r} is needed, and is not there.", where=full)
    name = node.get("_target_")
    target: Callable[..., Any] | None = None
    if isinstance(name, str):
        try:
            target = locate(name)
        except UserError as error:
            yield UserError(error.what, where=f"{path}._target_", suggestions=error.suggestions)
            return
        if name.startswith("emotionart.") or name == "pytorch_lightning.Trainer":
            types = hints(target) | types
    for key, value in node.items():
        full = f"{path}.{key}" if path else key
        taken = key in types or (target is not None and takes(target, key))
        if key in _HYDRA:
            continue
        if not (taken or (tree.is_read(full) and (target is None or path == "model"))):
            yield unread(full, name, target, node, tree.composed)
            continue
        source = tree.source(full)
        if key in types and not typing.is_typeddict(types[key]):
            yield from check_value(source, value, types[key])
        if source == full:
            yield from _check_inside(tree, full, value, types.get(key), taken)


def _check_inside(tree: _Tree, path: str, value: Any, hint: Any, taken: bool) -> Iterator[UserError]:
    """Errors below a key; a target's mapping argument without a schema may have any keys."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _check_inside(tree, f"{path}[{index}]", item, None, taken)
    elif isinstance(value, dict):
        schema = hint if typing.is_typeddict(hint) else None
        if schema or "_target_" in value or not taken:
            yield from _check_keys(tree, path, value, schema)
        else:
            for key, item in value.items():
                yield from _check_inside(tree, f"{path}.{key}", item, None, taken)


def _check_unused(composed: Composed, task: Callable[..., Any]) -> list[UserError]:
    """Errors for options of groups, and keys, that the task does not use."""
    model, config = composed.choices["model"], composed.resolved()
    keys = [key for key in getattr(task, "UNUSED_KEYS", ()) if config[key] is not None]
    unused: Mapping[str, str] = getattr(task, "UNUSED_GROUPS", {})
    groups = [group for group, default in unused.items() if composed.choices[group] != default]
    return [
        *(
            UserError(
                f"model={model} does not use the group {group!r}.",
                where=f"{group}={composed.choices[group]}",
                fix=f"without {group}={composed.choices[group]}",
            )
            for group in groups
        ),
        *(
            UserError(f"model={model} does not use {key}.", where=f"{key}={config[key]}", fix=f"without {key}")
            for key in keys
        ),
    ]


def _check_tensorboard(config: Mapping[str, Any]) -> list[UserError]:
    if not config["logger"]["tensorboard"] or find_spec("tensorboard"):
        return []
    fix = "pip install 'emotionart[tensorboard]'"
    return [UserError("TensorBoard is not installed.", where="logger.tensorboard", fix=fix)]
