"""Overrides as text, before Hydra parses them."""

from __future__ import annotations

import argparse
import importlib.util
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from emotionart.errors import UserError, raise_together
from emotionart.quoting import quote

_SEARCHPATH = "hydra.searchpath"


def with_quotes(value: str) -> str:
    """A value with quotes where Hydra needs them: around it, or around the items of a list or mapping."""
    if not value.startswith(("[", "{")):
        return quote(value)
    unclosed = "]" * (value.count("[") - value.count("]")) + "}" * (value.count("{") - value.count("}"))
    return "".join(map(_quoted_item, re.split(r"([\[\]{},])", value + unclosed)))


def _quoted_item(text: str) -> str:
    """An item, or the key and value of a mapping, quoted; brackets, commas and plain text are not changed."""
    key, item = re.fullmatch(r"(\s*[\w.]+:(?:\s+|$))?(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    plain = re.fullmatch(r"[\[\]{},]|[\w.+-]*|\".*\"|'.*'", item.strip(), re.DOTALL)
    return (key or "") + (item if plain else quote(item.strip()))


def override_key(text: str) -> str:
    """The key or group of an override, without a leading `+` or `~`."""
    return text.lstrip("+~").partition("=")[0].partition("@")[0]


def without_config_dir(argv: Sequence[str]) -> list[str]:
    """The arguments of a command line with `hydra.searchpath` in place of Hydra's `--config-dir FOLDER`.

    Raises:
        UserError: for another primary configuration (`--config-name`).
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--config-dir", "-cd")
    parser.add_argument("--config-name", "-cn")
    options, others = parser.parse_known_args(list(argv))
    if options.config_name is not None:
        raise _no_primary(Path(options.config_name).stem)
    if options.config_dir is None:
        return list(argv)
    places = [str(Path(options.config_dir).absolute()), *_search_path(others)]
    others = [text for text in others if override_key(text) != _SEARCHPATH]
    return [*others, f"{_SEARCHPATH}=[{','.join(map(quote, places))}]"]


def require_no_hyphens(argv: Sequence[str], unknown: Sequence[str]) -> None:
    """Checks that no override is written as an option, which is how W&B's agents write them unless told otherwise.

    Args:
        argv: the arguments of `train.py`.
        unknown: those of them that are neither options nor overrides.

    Raises:
        UserError: for `--key=value`, with the command without hyphens.
    """
    wrong = [text for text in unknown if re.match(r"--[^-=]+=", text)]
    if wrong:
        overrides = [text.removeprefix("--") if text in wrong else text for text in argv]
        raise UserError(
            "Overrides have no hyphens; a W&B sweep has ${args_no_hyphens} in its `command` (docs/wandb-sweep.yaml).",
            where=" ".join(wrong),
            fix=f"python train.py {shlex.join(overrides)}",
        )


def _no_primary(name: str) -> UserError:
    """The error for a primary configuration of the user's own."""
    return UserError(
        "A run has one primary configuration, conf/train.yaml; a file of your own is an experiment.",
        where=f"{name}.yaml",
        fix=f"FOLDER/experiment/{name}.yaml with the line # @package _global_ first, and then --config-dir FOLDER "
        f"experiment={name}",
    )


def search_folders(overrides: Sequence[str]) -> list[Path]:
    """The folders of `hydra.searchpath`: a user's own files beside those of `conf/`.

    Raises:
        UserError: for a missing folder, or a file.
    """
    places = _search_path(overrides)
    folders = [_folder(place) for place in places]
    raise_together(
        _no_primary(folder.stem)
        if folder is not None and folder.is_file()
        else UserError("There is no such folder of configurations.", where=f"{_SEARCHPATH}: {place}")
        for place, folder in zip(places, folders, strict=True)
        if folder is None or not folder.is_dir()
    )
    return [folder for folder in folders if folder is not None]


def _search_path(overrides: Sequence[str]) -> list[str]:
    values = [text.partition("=")[2] for text in overrides if override_key(text) == _SEARCHPATH]
    places = values[-1].strip("[]").split(",") if values else []
    return [place.strip(" '\"") for place in places if place.strip(" '\"")]


def _folder(place: str) -> Path | None:
    kind, _, rest = place.rpartition("://")
    if kind != "pkg":
        return Path(rest)
    spec = importlib.util.find_spec(rest.replace("/", "."))
    return Path(next(iter(spec.submodule_search_locations))) if spec and spec.submodule_search_locations else None
