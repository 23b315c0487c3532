"""Composes a run's configuration and reports all mistakes in its overrides at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

import emotionart.config.resolvers  # noqa: F401 - registers the resolvers that configurations use
from emotionart.config.composed import REFUSALS, Composed, compose_overrides, open_conf
from emotionart.config.diagnose import diagnose
from emotionart.config.groups import CONF
from emotionart.config.overrides import override_key, search_folders
from emotionart.config.targets import locate, needs
from emotionart.errors import UserError, distinct, raise_together


def compose(overrides: Sequence[str], name: str = "train", conf: Path = CONF) -> Composed:
    """Composes the configuration with overrides.

    Raises:
        UserError: with all mistakes that `compose_with_errors` finds.
    """
    composed, mistakes = compose_with_errors(overrides, name, conf)
    raise_together(mistakes)
    return composed


def compose_with_errors(
    overrides: Sequence[str], name: str = "train", conf: Path = CONF
) -> tuple[Composed, list[UserError]]:
    """The configuration with the valid `overrides`, and the errors of the others.

    An error is an override that cannot be parsed or applied, with the nearest valid one, or that deletes a needed key;
    a missing mandatory value; or an interpolation of an unknown key.

    Raises:
        UserError: for a missing folder of `hydra.searchpath`.
    """
    search_folders(overrides)  # Hydra only warns of a missing one
    mistakes: list[UserError] = []
    with open_conf(conf):
        try:
            composed = compose_overrides(name, overrides)
        except REFUSALS as error:
            composed, mistakes = diagnose(name, overrides, conf)
            if not mistakes:
                raise UserError(f"The configuration cannot be composed: {error}", where=f"conf/{name}.yaml") from None
    removed = list(_taken_away(composed, overrides))
    if removed:
        valid = [text for text in overrides if all(mistake.where != text for mistake in removed)]
        composed, mistakes = compose_with_errors(valid, name, conf)
        return composed, [*mistakes, *removed]
    unread = {mistake.where for mistake in mistakes}
    try:
        missing = [mistake for mistake in _missing(composed) if mistake.where not in unread]
        if not missing:
            composed.resolved()
    except OmegaConfBaseException as error:
        what = str(error.msg or error).partition("\n")[0]
        missing = [UserError(f"A value cannot be resolved: {what}.", where=error.full_key)]
    return composed, [*mistakes, *missing]


def compose_sweep_with_errors(overrides: Sequence[str]) -> tuple[list[Composed], list[UserError]]:
    """Like `compose_with_errors`, for a multirun: each choice once, with the first choice of all other keys."""
    with open_conf(CONF):
        choices = {text: _choices(text) for text in overrides}
    first = {text: values[0] for text, values in choices.items()}
    combinations = [list(first.values())]
    for text, values in choices.items():
        combinations += [list({**first, text: value}.values()) for value in values[1:]]
    composed: list[Composed] = []
    mistakes: list[UserError] = []
    for combination in combinations:
        one, errors = compose_with_errors(combination)
        composed.append(one)
        mistakes += errors
    return composed, distinct(mistakes)


def varied_keys(overrides: Sequence[str]) -> frozenset[str]:
    """The keys and groups that vary in a multirun."""
    with open_conf(CONF):
        return frozenset(override_key(text) for text in overrides if len(_choices(text)) > 1)


def _missing(composed: Composed) -> list[UserError]:
    return [UserError(f"{key} must be given.", where=key) for key in sorted(OmegaConf.missing_keys(composed.config))]


def _taken_away(composed: Composed, overrides: Sequence[str]) -> Iterator[UserError]:
    """Errors for overrides that delete a target's mandatory argument; `check` finds missing keys of the run itself."""
    for text in overrides:
        place, _, name = override_key(text).rpartition(".")
        node = OmegaConf.select(composed.config, place) if text.startswith("~") and place else None
        if not isinstance(node, DictConfig) or name in node:
            continue
        if name == "_target_" or ("_target_" in node and needs(locate(node._target_), name)):
            yield UserError(f"{place}.{name} is needed.", where=text, fix=f"without {text}")


def _choices(text: str) -> list[str]:
    """The single overrides that a multirun's override stands for; `glob(…)` needs `open_conf`."""
    try:
        (override,) = OverridesParser.create(GlobalHydra.instance().config_loader()).parse_overrides([text])
    except HydraException:
        return [text]
    if not override.is_sweep_override():
        return [text]
    key = override.get_key_element()
    return [f"{key}={value}" for value in override.sweep_string_iterator()]
