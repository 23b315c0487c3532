"""Composes a run's configuration, and names every mistake in its overrides at once."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hydra
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from emotionart.config.groups import CONF, SWEEP_GROUPS, group_options
from emotionart.errors import UserError, raise_together, suggest

NEUTRAL = ("logger", "cache", "resume", "workers", "explain", "trainer.enable_progress_bar", "hydra")
"""Keys, and parents of keys, that cannot change a result."""

_REFUSALS = (HydraException, OmegaConfBaseException, ValueError)
"""What Hydra raises for overrides that it cannot carry out."""

_LOWER_IS_BETTER = frozenset({"loss", "nll", "ece", "kl"})


def best_is(metric: str) -> str:
    """Whether the best value of a metric (`val/loss`) is its "min" or its "max"."""
    return "min" if metric.rpartition("/")[2] in _LOWER_IS_BETTER else "max"


OmegaConf.register_new_resolver("best_is", best_is, replace=True)


@dataclass(frozen=True)
class Composed:
    """A configuration.

    Attributes:
        config: all groups, without Hydra's own part.
        choices: the option that was taken of each group.
        folders: where a single "run" and a "sweep" would work, with Hydra's interpolations unresolved.
    """

    config: DictConfig
    choices: Mapping[str, str]
    folders: Mapping[str, str]

    def resolved(self) -> dict[str, Any]:
        """The configuration as plain values."""
        return OmegaConf.to_container(self.config, resolve=True)  # type: ignore[return-value]


def compose(overrides: Sequence[str], name: str = "train", conf: Path = CONF) -> Composed:
    """The configuration that `overrides` ask for.

    Raises:
        UserError: naming every mistake that `compose_with_errors` finds.
    """
    composed, mistakes = compose_with_errors(overrides, name, conf)
    raise_together(mistakes)
    return composed


def compose_with_errors(
    overrides: Sequence[str], name: str = "train", conf: Path = CONF
) -> tuple[Composed, list[UserError]]:
    """The configuration of those `overrides` that can be carried out, and what is wrong with the rest.

    A mistake is an override that cannot be read or carried out, with the nearest valid one; a value that must be given
    but is not; an interpolation that leads nowhere.
    """
    mistakes: list[UserError] = []
    with _hydra(conf):
        try:
            composed = _compose(name, overrides)
        except _REFUSALS as error:
            composed, mistakes = _without_mistakes(name, overrides, conf)
            if not mistakes:
                raise UserError(f"The configuration cannot be composed: {error}", where=f"conf/{name}.yaml") from None
    unread = {mistake.where for mistake in mistakes}
    try:
        missing = [mistake for mistake in _missing(composed) if mistake.where not in unread]
        if not missing:
            composed.resolved()
    except OmegaConfBaseException as error:
        what = str(error.msg or error).partition("\n")[0]
        missing = [UserError(f"A value cannot be worked out: {what}.", where=error.full_key)]
    return composed, mistakes + missing


def compose_sweep_with_errors(overrides: Sequence[str]) -> tuple[list[Composed], list[UserError]]:
    """As `compose_with_errors`, for a multirun: each choice once, with the first choice of everything else."""
    with _hydra(CONF):
        choices = {text: _choices(text) for text in overrides}
    first = {text: values[0] for text, values in choices.items()}
    asked = [list(first.values())]
    for text, values in choices.items():
        asked += [list({**first, text: value}.values()) for value in values[1:]]
    composed: list[Composed] = []
    mistakes: dict[str, UserError] = {}
    for combination in asked:
        one, found = compose_with_errors(combination)
        composed.append(one)
        mistakes |= {str(mistake): mistake for mistake in found}
    return composed, list(mistakes.values())


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The keys whose values differ, as "key: old → new", leaving out what cannot change a result."""
    before, after = _flat(old), _flat(new)
    return [
        f"{key}: {before.get(key, 'absent')} → {after.get(key, 'absent')}"
        for key in sorted({*before, *after})
        if before.get(key, ...) != after.get(key, ...) and not is_neutral(key)
    ]


def fingerprint(config: Mapping[str, Any]) -> str:
    """A name for a resolved configuration: eight hexadecimal digits, without what cannot change a result."""
    flat = {key: value for key, value in sorted(_flat(config).items()) if not is_neutral(key)}
    return hashlib.blake2b(json.dumps(flat).encode(), digest_size=4).hexdigest()


def quote(value: str) -> str:
    """A value that Hydra reads as this text, whatever is in it."""
    escaped = re.sub(r'(\\*)("|$)', lambda found: found[1] * 2 + found[2].replace('"', '\\"'), value)
    return f'"{escaped}"'


def is_neutral(key: str) -> bool:
    """Whether a dotted key cannot change a result: one of `NEUTRAL`, or below it."""
    return any(key == part or key.startswith(f"{part}.") for part in NEUTRAL)


def _flat(tree: Any, prefix: str = "") -> dict[str, Any]:
    if isinstance(tree, Mapping) and tree:
        return {key: leaf for name, item in tree.items() for key, leaf in _flat(item, f"{prefix}{name}.").items()}
    return {prefix[:-1]: tree}


@contextmanager
def _hydra(conf: Path) -> Iterator[None]:
    with hydra.initialize_config_dir(str(conf), version_base="1.3"):
        yield


def _compose(name: str, overrides: Sequence[str]) -> Composed:
    config = hydra.compose(name, list(overrides), return_hydra_config=True)
    choices = {group: option for group, option in config.hydra.runtime.choices.items() if "hydra/" not in group}
    output = {"run": config.hydra.run, "sweep": config.hydra.sweep}
    folders = {kind: str(OmegaConf.to_container(node)["dir"]) for kind, node in output.items()}  # type: ignore[call-overload, index]
    with open_dict(config):
        del config["hydra"]
    return Composed(config, choices, folders)


def _missing(composed: Composed) -> list[UserError]:
    return [
        UserError(f"{key} must be given.", where=key, fix=f"{key}=VALUE")
        for key in sorted(OmegaConf.missing_keys(composed.config))
    ]


def _choices(text: str) -> list[str]:
    """The single overrides that one of a multirun stands for; `glob(…)` looks into the open configuration."""
    try:
        (override,) = OverridesParser.create(GlobalHydra.instance().config_loader()).parse_overrides([text])
    except HydraException:
        return [text]
    if not override.is_sweep_override():
        return [text]
    key = override.get_key_element()
    return [f"{key}={value}" for value in override.sweep_string_iterator()]


def _without_mistakes(name: str, overrides: Sequence[str], conf: Path) -> tuple[Composed, list[UserError]]:
    """What composes when every refused override is left out, and why each was refused; groups come first."""
    groups = group_options(conf)
    readable: list[Override] = []
    mistakes: list[UserError] = []
    for place, text in enumerate(overrides):
        try:
            readable.append(OverridesParser.create().parse_override(text))
        except HydraException:
            mistakes.append(_unreadable(text, overrides[place - 1] if place else None))
    readable.sort(key=lambda override: override.key_or_group not in groups)
    accepted: list[str] = []
    composed = _compose(name, accepted)
    for override in readable:
        text = str(override.input_line)
        try:
            composed = _compose(name, [*accepted, text])
        except _REFUSALS as error:
            mistakes.append(_refused(override, error, composed, groups))
        else:
            accepted.append(text)
    return composed, mistakes


def _unreadable(text: str, before: str | None) -> UserError:
    key, equals, value = text.partition("=")
    if not equals and before and "=" in before:
        key, _, start = before.partition("=")
        value = f"{start} {text}"
    elif not equals:
        return UserError(f"{text!r} is no KEY=VALUE.", where="command line")
    return UserError(
        f"{text!r} cannot be read: a value with spaces or signs needs quotes.",
        where=key,
        fix=f"'{key}={quote(value)}'",
    )


def _refused(
    override: Override, error: Exception, composed: Composed, groups: Mapping[str, Mapping[str, str]]
) -> UserError:
    key, text = override.key_or_group, str(override.input_line)
    value = text.partition("=")[2]
    if key in SWEEP_GROUPS and key not in composed.choices:
        return UserError(f"{key!r} is a group of sweep.py.", where=text, fix=f"python sweep.py {text}")
    if key in groups:
        options = groups[key]
        if value in options:
            return UserError(
                f"model={composed.choices['model']} does not use the group {key!r}.", where=text, fix=f"without {text}"
            )
        close = suggest(value, options) or list(options)
        return UserError(
            f"There is no {key} {value!r}. There are: {', '.join(options)}.",
            where=text,
            suggestions=close,
            fix=f"{key}={close[0]}",
        )
    keys = list(_flat(OmegaConf.to_container(composed.config)))
    inner = [name for name in keys if name.startswith(f"{key}.")]
    if inner:
        return UserError(f"{key} is a group of keys: {', '.join(inner)}.", where=text, suggestions=inner[:3])
    if key in keys:
        return UserError(f"{text}: {error}", where=key)
    parent = composed.config
    for part in key.split(".")[:-1]:
        parent = parent.get(part) if isinstance(parent, DictConfig) else None
    target = parent.get("_target_") if isinstance(parent, DictConfig) else None
    close = nearest_keys(key, [*keys, *groups])
    fix = f"{close[0]}={value}" if close else None
    if isinstance(target, str) and not target.startswith("emotionart."):
        fix = f"{fix}   or, if {target} takes it, +{text}" if fix else f"+{text}   if {target} takes it"
    return UserError(f"There is no key {key!r}.", where=text, suggestions=close, fix=fix)


def nearest_keys(key: str, candidates: Sequence[str], most: int = 3) -> list[str]:
    """The dotted keys most like `key`, best first: likeness of the last part counts most, then that of the whole."""

    def likeness(candidate: str) -> float:
        wanted, found = key.rpartition(".")[2], candidate.rpartition(".")[2]
        same = found.startswith(f"{wanted}_")  # lr_generator is one of what lr asks for
        last = 1.0 if same else difflib.SequenceMatcher(None, wanted, found).ratio()
        return 0.7 * last + 0.3 * difflib.SequenceMatcher(None, key, candidate).ratio()

    ranked = sorted(candidates, key=likeness, reverse=True)
    return [candidate for candidate in ranked[:most] if likeness(candidate) >= 0.5]


os.environ.setdefault("HYDRA_FULL_ERROR", "1")
