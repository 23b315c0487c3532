"""Finds all mistakes in overrides that Hydra refuses, each with a working replacement if there is one.

The replacement is used to check the other overrides, so that one cause gives one error: after `model=vgg17`, the keys
of `model=vgg16_tl` are accepted.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf

from emotionart.config.composed import REFUSALS, Composed, compose_overrides, flat
from emotionart.config.groups import SWEEP_GROUPS, group_options, options_with_key
from emotionart.config.nearest import likeness, nearest_keys
from emotionart.config.overrides import override_key, search_folders, with_quotes
from emotionart.config.targets import locate, takes
from emotionart.errors import UserError, first_line, suggest

_REFERENCE = re.compile(r"\$\{([\w.]+)\}")
"""A value that is another key's."""
_SURE = 0.7
"""Similarity from which a key is proposed as a fix and not only shown."""

_SLIP = 0.9
"""Similarity from which an unknown option is a known one, mistyped."""
_OF_SOME_MODELS = ("optimizer", "scheduler", "callbacks")
"""Groups whose options some models do not use."""

_ALSO_CALLED = {
    "image_size": ("model.representation.size", "model.backbone.size"),
    "img_size": ("model.representation.size", "model.backbone.size"),
    "epochs": ("trainer.max_epochs",),
    "learning_rate": ("optimizer.lr",),
    "pretrained": ("model.backbone.weights",),
    "num_workers": ("workers",),
}
"""Keys by their names in other programs; the first one that the model has is suggested."""


def diagnose(name: str, overrides: Sequence[str], conf: Path) -> tuple[Composed, list[UserError]]:
    """The configuration with the valid ones of overrides that fail together, and the errors of the others."""
    case = _Case(name, overrides, [conf, *search_folders(overrides)])
    readable: list[Override] = []
    for index, text in enumerate(overrides):
        try:
            readable.append(OverridesParser.create().parse_override(text))
        except HydraException:
            case.refuse_unreadable(text, overrides[index - 1] if index else None)
    # A search path adds groups, and groups add keys.
    readable.sort(key=lambda one: (one.key_or_group != "hydra.searchpath", one.key_or_group not in case.groups))
    middle = len(readable) // 2  # known to fail all together
    case.bisect(readable[:middle])
    case.bisect(readable[middle:])
    return case.composed, case.mistakes


class _Case:
    """The overrides accepted so far, and the errors of the others."""

    def __init__(self, name: str, overrides: Sequence[str], folders: Sequence[Path]) -> None:
        self.name = name
        self.overrides = overrides
        self.folders = folders
        self.groups = group_options(*folders)
        self.accepted: list[str] = []
        self.composed = compose_overrides(name, [])
        self.mistakes: list[UserError] = []

    def bisect(self, overrides: Sequence[Override]) -> None:
        """Accepts overrides that compose together; bisects others down to the wrong ones."""
        texts = [str(override.input_line) for override in overrides]
        if not texts:
            return
        try:
            self._take(texts, compose_overrides(self.name, [*self.accepted, *texts]))
        except REFUSALS as error:
            middle = len(texts) // 2
            if middle == 0:
                self.refuse(overrides[0], error)
            else:
                self.bisect(overrides[:middle])
                self.bisect(overrides[middle:])

    def refuse(self, override: Override, error: Exception) -> None:
        """Records why an override is refused."""
        key, text = override.key_or_group, str(override.input_line)
        if key.startswith("hydra/"):
            self._refuse_plugin(key, text, error)
        elif key in SWEEP_GROUPS and key not in self.composed.choices:
            self._add(UserError(f"{key!r} is a group of sweep.py.", where=text, fix=f"python sweep.py {text}"))
        elif override.is_sweep_override() and key in self._keys():
            self._refuse_several(key, text)
        elif key in self.groups:
            self._refuse_option(key, text)
        else:
            self._refuse_key(key, text, error)

    def refuse_unreadable(self, text: str, before: str | None) -> None:
        """Records text that is not an override, or is part of the one before, which the shell has split."""
        key, equals, value = text.partition("=")
        if not equals and before and "=" in before:
            key, _, start = before.partition("=")
            value = f"{start} {text}"
        elif not equals:
            self._add(UserError(f"{text!r} is not KEY=VALUE.", where="command line"))
            return
        what = f"{text!r} cannot be read: a value with spaces or signs needs quotes."
        self._add(UserError(what, where=key, fix=shlex.quote(f"{key}={with_quotes(value)}")))

    def _refuse_plugin(self, key: str, text: str, error: Exception) -> None:
        if key == "hydra/sweeper":
            what = "Hyperparameters are searched by sweep.py, whose trials are runs like any other."
            self._add(UserError(what, where=text, fix="python sweep.py search=optuna"))
            return
        options = GlobalHydra.instance().config_loader().get_group_options(key)
        reason = f"There are: {', '.join(options)}." if options else first_line(error)
        self._propose(
            f"Hydra has no {key} {text.partition('=')[2]!r}. {reason}", text,
            [[f"{key}={close}"] for close in suggest(text.partition("=")[2], options)],
        )  # fmt: skip

    def _refuse_several(self, key: str, text: str) -> None:
        value = text.partition("=")[2]
        sweep = f"; several are run one after the other by: python train.py -m {text}" if self.name == "train" else ""
        what = f"{key} takes one value{sweep}."
        self._propose(what, text, [[f"{key}=[{value}]"], [f"{key}={with_quotes(value)}"]])

    def _refuse_option(self, group: str, text: str) -> None:
        options, value = self.groups[group], text.partition("=")[2]
        plain = text.lstrip("+")
        if value in options and plain != text and self._working([plain]):
            self._propose(f"{group!r} is a group of every run, and needs no +.", text, [[plain]])
            return
        if value in options:
            what = f"model={self.composed.choices['model']} does not use the group {group!r}."
            self._add(UserError(what, where=text, fix=f"without {text}"))
            return
        longer_than = [option for option in options if value.startswith(f"{option}_")]
        close = list(dict.fromkeys([*reversed(longer_than), *suggest(value, options)]))
        candidates = [[f"{group}={option}"] for option in close]
        mistyped = bool(close) and likeness(value, close[0]) >= _SLIP
        if group == "model" and not mistyped and (source := _library_of(value)):
            by_name = ["model=transfer", f"model.backbone.name={value}"]
            candidates.insert(0, [*by_name, *([f"model.backbone.source={source}"] * (source != "torchvision"))])
        self._propose(f"There is no {group} {value!r}. There are: {', '.join(options)}.", text, candidates, close)

    def _keys(self) -> list[str]:
        return list(self._values())

    def _values(self) -> dict[str, Any]:
        """The value of each key, interpolations as they are written."""
        return flat(OmegaConf.to_container(self.composed.config))

    def _refuse_key(self, key: str, text: str, error: Exception) -> None:
        keys = self._keys()
        inner = [name for name in keys if name.startswith(f"{key}.")]
        if inner:
            self._add(UserError(f"{key} is a group of keys: {', '.join(inner)}.", where=text, suggestions=inner[:3]))
        elif key in keys:
            self._add(UserError(f"{text}: {error}", where=key))
        elif self._as_mapping(key) in self.accepted:
            return  # reported with the first key of the mapping
        else:
            close = nearest_keys(key, [*keys, *(group for group in self.groups if not key.startswith(f"{group}."))])
            what = f"There is no key {key!r}.{self._elsewhere(key)}"
            self._propose(what, text, self._corrections(key, text, keys, close), close)

    def _elsewhere(self, key: str) -> str:
        """A sentence on the other options of a key's group that have this key; "" if none has."""
        group, _, leaf = key.partition(".")
        options = [f"{group}={option}" for option in options_with_key(group, leaf, *self.folders, nested=False)]
        return f" {', '.join(options)} {'has' if len(options) == 1 else 'have'} one." if options else ""

    def _corrections(self, key: str, text: str, keys: Sequence[str], close: Sequence[str]) -> Iterator[list[str]]:
        """Candidates for what an override of an unknown key was meant to be, the most likely first."""
        value = text.partition("=")[2]
        above, _, leaf = key.rpartition(".")
        if reference := _REFERENCE.fullmatch(str(self._values().get(above))):
            yield [f"{reference[1]}.{leaf}={value}"]
        if above in keys and (mapping := self._as_mapping(key)):
            yield [mapping]
        usual = [name for name in _ALSO_CALLED.get(leaf, ()) if name in keys]
        yield from ([f"{name}={value}"] for name in usual)
        for group in dict.fromkeys((key.partition(".")[0], "model")):
            options = options_with_key(group, leaf, *self.folders)
            if key == "data.path":
                options = ["table" if Path(value).suffix else "folder"]
            yield from ([f"{group}={option}", text] for option in options if group in self.composed.choices)
        yield from ([f"{name}={value}"] for name in close if likeness(key, name) >= _SURE)
        if _is_taken(self.composed.config, key):
            yield [f"+{text}"]

    def _as_mapping(self, key: str) -> str | None:
        """An override of the parent key that is a mapping of all its keys in the overrides; None if one comes twice."""
        above = key.rpartition(".")[0]
        siblings = [text for text in self.overrides if override_key(text).rpartition(".")[0] == above]
        inner = [(override_key(text).rpartition(".")[2], text.partition("=")[2]) for text in siblings]
        if len({name for name, _ in inner}) < len(inner):
            return None
        items = ", ".join(f"{name}: {value}" for name, value in inner)
        return f"{above}={with_quotes(f'{{{items}}}')}"

    def _propose(
        self,
        what: str,
        where: str,
        candidates: Iterable[list[str]],
        suggestions: Sequence[str] = (),
    ) -> None:
        """Adds an error with the first working candidate as its fix, and continues as if that had been given."""
        for working in candidates:
            if composed := self._working(working):
                break
        else:
            self._add(UserError(what, where=where, suggestions=suggestions))
            return
        # Similar names would distract from a fix that is not among them.
        shown = suggestions if any(part in suggestions for part in working[0].split("=")) else ()
        self._add(UserError(what, where=where, suggestions=shown, fix=shlex.join(working)))
        self._take(working, composed)

    def _working(self, texts: Sequence[str]) -> Composed | None:
        """The configuration with overrides, if they compose and their own values are valid; else None."""
        try:
            composed = compose_overrides(self.name, [*self.accepted, *texts])
        except REFUSALS:
            return None
        keys = {override_key(text) for text in texts}
        of_data = {key.partition(".")[0] for key in keys} <= {"data", "labels"}
        if self.name != "train" or (not of_data and all(self._is_like(text, composed) for text in texts)):
            return composed
        from emotionart.config.validate import check, check_data  # import the classes that take the values

        mistakes = check_data(composed) if of_data else check(composed)
        wrong = any((mistake.where or "").partition("=")[0] in keys for mistake in mistakes)
        return None if wrong else composed

    def _is_like(self, text: str, composed: Composed) -> bool:
        """Whether an override keeps an option, chooses one that every model takes, or replaces a number by another."""
        key = override_key(text)
        if key in self.groups:
            return key not in _OF_SOME_MODELS or composed.choices.get(key) == self.composed.choices.get(key)
        before, after = (OmegaConf.select(one.config, key, throw_on_missing=False) for one in (self.composed, composed))
        return _are_alike(before, after)

    def _take(self, texts: Sequence[str], composed: Composed) -> None:
        self.accepted += texts
        self.composed = composed

    def _add(self, mistake: UserError) -> None:
        self.mistakes.append(mistake)


def _are_alike(before: Any, after: Any) -> bool:
    """Whether one number replaces another, a whole one a whole one, or a truth value a truth value."""
    if type(before) is float:
        return type(after) in (int, float)
    return type(before) in (int, bool) and type(after) is type(before)


def _library_of(network: str) -> str | None:
    """The library with a network of this name, or None."""
    from emotionart.networks.pretrained.libraries import has_network  # imports torch

    return next((source for source in ("torchvision", "timm") if has_network(network, source)), None)


def _is_taken(config: DictConfig, key: str) -> bool:
    """Whether the target next to a key has a parameter of its name."""
    parent = OmegaConf.select(config, key.rpartition(".")[0]) if "." in key else None
    name = parent.get("_target_") if isinstance(parent, DictConfig) else None
    try:
        return isinstance(name, str) and takes(locate(name), key.rpartition(".")[2])
    except UserError:
        return False
