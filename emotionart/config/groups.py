"""The config groups and their options, read as text so that `--help` needs no heavy imports."""

from __future__ import annotations

import re
from pathlib import Path

_INSTALLED = Path(__file__).parents[1] / "conf"

CONF = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parents[2] / "conf"
"""The folder of configurations: inside an installed package, else beside the package."""

SWEEP_GROUPS = ("sweep", "search")
"""Groups of `sweep.py`; all others belong to a run."""


def group_options(*folders: Path) -> dict[str, dict[str, str]]:
    """Each group ("model", "model/head") with its options and their one-line descriptions.

    A group is a folder; an option is a YAML file in it whose name does not start with "_", and is described by its
    first comment line.

    Args:
        folders: `conf/`, and those of `hydra.searchpath`; the first of several files with one name counts.
    """
    groups: dict[str, dict[str, str]] = {}
    for folder in folders or (CONF,):
        for file in sorted(folder.rglob("*.yaml")):
            group = file.parent.relative_to(folder).as_posix()
            if group not in (".", "local") and not file.name.startswith("_"):
                groups.setdefault(group, {}).setdefault(file.stem, _description(file))
    return groups


def options_with_key(group: str, key: str, *folders: Path, nested: bool = True) -> list[str]:
    """The options of a group whose files contain a key of this name, at any depth or only at the top."""
    files = [file for folder in folders for file in sorted((folder / group).glob("[!_]*.yaml"))]
    return [file.stem for file in files if contains_key(file, key, nested)]


def contains_key(file: Path, key: str, nested: bool = True) -> bool:
    """Whether a configuration file contains a key of this name, at any depth or only at the top."""
    indent = r"\s*" if nested else ""
    return bool(re.search(rf"^{indent}{re.escape(key)}:", file.read_text(encoding="utf-8"), re.MULTILINE))


def key_names(name: str) -> list[str]:
    """The keys of a primary config that are not groups."""
    return [key.partition("=")[0] for key in top_level_keys(name)]


def top_level_keys(name: str = "train") -> dict[str, str]:
    """The keys of a primary config that are not groups, each as "key=default", with its comment."""
    keys: dict[str, str] = {}
    inside = False
    for line in (CONF / f"{name}.yaml").read_text(encoding="utf-8").splitlines():
        if line.startswith("hydra:"):
            break
        inside = inside or bool(line and line[0].isalpha() and not line.startswith("defaults:"))
        if inside and line and line[0].isalpha():
            key, _, rest = line.partition(":")
            value, _, comment = rest.partition("#")
            keys[f"{key}={value.strip()}"] = comment.strip()
    return keys


def _description(file: Path) -> str:
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") and not line.startswith("# @package"):
            return line.lstrip("# ").rstrip()
        if line and not line.startswith("#"):
            break
    return ""
