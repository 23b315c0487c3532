"""Checks a composed configuration before anything is trained: types, ranges, choices, targets."""

from __future__ import annotations

import importlib
import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from emotionart.config.compose import Composed, nearest_keys
from emotionart.config.instantiate import HELD_KEYS
from emotionart.config.validate_gan import check_gan
from emotionart.data.pictures.views import parse_views
from emotionart.errors import UserError, suggest

_TYPES = {
    "seed": int,
    "monitor": str,
    "batch_size": int,
    "workers": int,
    "cache": str,
    "judge": str | None,
    "explain": bool,
    "trainer.threads": int | None,
    "optimizer.lr": float,
    "optimizer.weight_decay": float,
    "logger.metrics_csv": bool,
    "logger.mode": Literal["auto", "online", "offline", "disabled"],
    "logger.project": str,
    "logger.entity": str | None,
    "logger.tags": Sequence[str],
}
"""Types of the keys that are no parameters of a target of the project; not every model has all of them."""

_RANGES: dict[str, tuple[float, float]] = {
    "seed": (0, 2**31),
    "batch_size": (1, 2**20),
    "workers": (0, 1024),
    "trainer.max_epochs": (1, 2**20),
    "trainer.threads": (1, 4096),
    "data.split_seed": (0, 2**31),
    "data.test_share": (0.01, 0.99),
    "data.validation_share": (0.01, 0.99),
    "data.near_duplicates": (0, 31),
    "data.count": (10, 10_000_000),
    "data.gallery_seed": (0, 2**31),
    "data.global_cues": (0, 1),
    "data.local_cues": (0, 1),
    "model.label_smoothing": (0, 1),
    "model.network.dropout": (0, 1),
    "model.representation.size": (1, 4096),
    "model.latent": (1, 65_536),
    "model.images": (1, 10**12),
    "model.report_every": (1, 10**12),
    "model.r1": (0, 1e9),
    "model.r2": (0, 1e9),
    "model.penalty_every": (1, 2**20),
    "model.ema_halflife": (1, 10**12),
    "model.samples": (2, 10**9),
    "model.kid_subset": (2, 10**9),
    "model.adapt_target": (-1, 1),
    "model.adapt_images": (1, 10**12),
    "model.monitor.patience": (1, 2**20),
    "generator.depth": (1, 64),
    "generator.width": (1, 65_536),
    "generator.kernel_size": (2, 255),
    "discriminator.depth": (1, 64),
    "discriminator.width": (1, 65_536),
    "discriminator.kernel_size": (1, 255),
    "optimizer.lr": (0, 1e9),
    "optimizer.weight_decay": (0, 1e9),
    "model.first_rate": (0, 1e9),
    "optimizer.lr_generator": (0, 1e9),
    "optimizer.lr_discriminator": (0, 1e9),
    "optimizer.discriminator_steps": (1, 2**20),
    "optimizer.generator_steps": (1, 2**20),
}

_ABSENT = object()
_NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "text", type(None): "null"}


def check(composed: Composed) -> list[UserError]:
    """Everything that is wrong with the values of a configuration.

    Types are those of the signatures of the project's own targets and of Lightning's Trainer; of other targets only
    the parameters' names are compared, and only where they take no others.
    """
    try:
        config = composed.resolved()
    except OmegaConfBaseException:  # `compose_with_errors` tells of it
        return []
    mistakes = [mistake for path, node in _targets(config) for mistake in _check_target(path, node)]
    for key, hint in _TYPES.items():
        value = OmegaConf.select(composed.config, key, default=_ABSENT)
        plain = OmegaConf.to_container(value) if OmegaConf.is_config(value) else value
        if value is not _ABSENT and not _fits(plain, hint):
            mistakes.append(_wrong_type(key, value, hint))
    if mistakes:
        return mistakes
    task = _locate(config["model"]["_target_"])
    return [
        *_out_of_range(composed),
        *_check_unused(composed, task),
        *_check_monitor(config, task),
        *check_gan(config),
        *_check_devices(config),
        *_check_views(config),
    ]


def _targets(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The parts of a configuration that have a `_target_`, with their key paths."""
    if isinstance(node, dict):
        if isinstance(node.get("_target_"), str):
            yield path, node
        for key, value in node.items():
            yield from _targets(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _targets(value, f"{path}[{place}]")


def _check_target(path: str, node: Mapping[str, Any]) -> list[UserError]:
    name = node["_target_"]
    try:
        target = _locate(name)
    except UserError as error:
        return [UserError(error.what, where=f"{path}._target_", suggestions=error.suggestions)]
    parameters = inspect.signature(target).parameters
    given = {key: value for key, value in node.items() if key not in ("_target_", "_partial_", "_recursive_")}
    if path == "trainer":
        del given["threads"]
    if path == "model":
        given = {key: value for key, value in given.items() if key not in HELD_KEYS}
    open_ended = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    mistakes = [
        UserError(f"{name} has no parameter {key!r}.", where=f"{path}.{key}", suggestions=suggest(key, parameters))
        for key in given
        if key not in parameters and not open_ended
    ]
    if name.startswith("emotionart.") or name == "pytorch_lightning.Trainer":
        hints = typing.get_type_hints(target.__init__ if inspect.isclass(target) else target)
        mistakes += [
            _wrong_type(f"{path}.{key}", value, hints[key])
            for key, value in given.items()
            if key in hints and not _fits(value, hints[key])
        ]
    return mistakes


def _locate(name: str) -> Callable[..., Any]:
    """The object that a dotted name stands for.

    Raises:
        UserError: naming the module or the attribute that is not there.
    """
    module, _, attribute = name.rpartition(".")
    try:
        home = importlib.import_module(module)
    except ImportError as error:
        raise UserError(f"{name!r} cannot be imported: {error}.") from None
    except ValueError:
        raise UserError(f"{name!r} is no dotted name of a class or function.") from None
    if not hasattr(home, attribute):
        raise UserError(f"Module {module!r} has no {attribute!r}.", suggestions=suggest(attribute, dir(home)))
    found: Callable[..., Any] = getattr(home, attribute)
    return found


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value from YAML is of a type; types that YAML cannot write take anything."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, argument) for argument in arguments)
    if origin is Literal:
        return value in arguments
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint in (bool, str, type(None)):
        return isinstance(value, hint)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return isinstance(value, Mapping)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Sequence):
        if not isinstance(value, list | tuple):
            return False
        inner = arguments[:1] if origin is not tuple or Ellipsis in arguments else ()
        return all(_fits(item, inner[0]) for item in value) if inner else True
    return True


def _wrong_type(key: str, value: Any, hint: Any) -> UserError:
    choices = _choices(hint)
    if choices:
        close = suggest(str(value), choices) or choices
        return UserError(
            f"{key} is one of {', '.join(choices)}, not {value!r}.",
            where=key,
            suggestions=close,
            fix=f"{key}={close[0]}",
        )
    return UserError(f"{key} must be {_describe(hint)}, not {value!r}.", where=key)


def _choices(hint: Any) -> list[str]:
    """The values of a type that has few; none for any other."""
    if typing.get_origin(hint) is Literal:
        return [str(choice) for choice in typing.get_args(hint)]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        parts = [["null"] if part is type(None) else _choices(part) for part in typing.get_args(hint)]
        return [choice for part in parts for choice in part] if all(parts) else []
    return []


def _describe(hint: Any) -> str:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        names = dict.fromkeys(_describe(argument) for argument in typing.get_args(hint))
        return " or ".join(name for name in names if name)
    if typing.get_origin(hint) is not None:
        arguments = [argument for argument in typing.get_args(hint) if argument is not Ellipsis]
        if len(arguments) == 1 and _choices(arguments[0]):
            return f"a list of {', '.join(_choices(arguments[0]))}"
        kinds = {int: "whole numbers", float: "numbers", str: "texts"}
        of = kinds.get(arguments[0]) if len(arguments) == 1 else None
        return f"a list of {of}" if of else "a list"
    return _NAMES.get(hint, getattr(hint, "__name__", str(hint)))


def _out_of_range(composed: Composed) -> list[UserError]:
    found = []
    for key, (low, high) in _RANGES.items():
        value = OmegaConf.select(composed.config, key)
        if isinstance(value, int | float) and not low <= value <= high:
            found.append(UserError(f"{key} must be from {low:g} to {high:g}, not {value}.", where=key))
    return found


def _check_unused(composed: Composed, task: Callable[..., Any]) -> list[UserError]:
    """Options of groups that the task does not use."""
    unused: Mapping[str, str] = getattr(task, "UNUSED_GROUPS", {})
    return [
        UserError(
            f"model={composed.choices['model']} does not use the group {group!r}.",
            where=f"{group}={composed.choices[group]}",
            fix=f"without it, or {group}={default}",
        )
        for group, default in unused.items()
        if composed.choices[group] != default
    ]


def _check_monitor(config: Mapping[str, Any], task: Callable[..., Any]) -> list[UserError]:
    names = [f"val/{name}" for name in getattr(task, "VALIDATION_METRICS", ())]
    if not names or config["monitor"] in names:
        return []
    close = nearest_keys(f"val/{config['monitor'].rpartition('/')[2]}", names) or names
    return [
        UserError(
            f"The model logs no metric {config['monitor']!r}; it logs {', '.join(names)}.",
            where="monitor",
            suggestions=close,
            fix=f"monitor={close[0]}",
        )
    ]


def _check_devices(config: Mapping[str, Any]) -> list[UserError]:
    devices = config["trainer"]["devices"]
    if devices in (1, "1") and config["trainer"]["num_nodes"] == 1:
        return []
    return [
        UserError(
            "A run trains on one device: on several, Lightning would start the whole command again for each of them.",
            where=f"trainer.devices={devices}",
            fix="trainer.devices=1 trainer.num_nodes=1   and -m for several runs beside each other",
        )
    ]


def _check_views(config: Mapping[str, Any]) -> list[UserError]:
    try:
        parse_views(config["augment"]["views"])
    except UserError as error:
        return [error]
    return []
