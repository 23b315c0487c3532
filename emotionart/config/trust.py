"""Limits the classes that a run's configuration may instantiate, so that an untrusted run folder cannot run code."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import logging
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from torch import nn

from emotionart.config.groups import CONF
from emotionart.errors import UserError, first_line

log = logging.getLogger(__name__)

_LIBRARY = {
    "torch.nn": nn.Module,
    "torch.optim": torch.optim.Optimizer,
    "torch.optim.lr_scheduler": torch.optim.lr_scheduler.LRScheduler,
}
"""Modules, each with a base class whose subclasses are harmless to instantiate."""


def read_config(
    config: Any, keys: Sequence[str], *, folder: Path, sources: Mapping[str, str] | None = None, trust: bool = False
) -> DictConfig:
    """Selected keys of a run's configuration, with all interpolations resolved.

    Allowed targets are the classes in the shipped configuration; torch's modules, optimisers and schedulers; and the
    user's own networks, if their file in the working folder is the same as when the run was trained.

    Args:
        config: configuration from the run's folder or checkpoint.
        keys: keys to keep, if present; nothing else can be instantiated by mistake.
        folder: run folder.
        sources: digests of the files of the user's own classes from training, see `own_sources`.
        trust: whether to allow other targets too, with a warning that names them.

    Raises:
        UserError: for a damaged configuration, or one that names other targets without `trust`.
    """
    kept = _resolve(config, keys, folder)
    objections = {name: _objection(name, sources or {}, folder) for name in dict.fromkeys(targets(kept))}
    refused = [f"{name} ({reason})" for name, reason in objections.items() if reason]
    if refused and not trust:
        raise UserError(
            f"This run names code that is not emotionart's own: {', '.join(refused)}.",
            where=str(folder),
            fix="--trust, or load_run(folder, trust=True), which executes all of it: only for runs that you trust",
        )
    if refused:
        log.warning("Executed, since this run is trusted: %s", ", ".join(refused))
        for name in objections:
            _import_own(name.rpartition(".")[0])
    return OmegaConf.create(kept)


def targets(node: Any) -> Iterator[str]:
    """Every `_target_` in plain values, at any depth."""
    if isinstance(node, Mapping):
        if "_target_" in node:
            yield str(node["_target_"])
        for value in node.values():
            yield from targets(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from targets(value)


def own_sources(config: Any) -> dict[str, str]:
    """The SHA-256 of each file in the working folder that defines a class named in the configuration."""
    modules = {name.rpartition(".")[0] for name in targets(config)}
    files = {module: _own_file(module) for module in sorted(modules)}
    return {module: _sha256(file) for module, file in files.items() if file}


def _resolve(config: Any, keys: Sequence[str], folder: Path) -> dict[str, Any]:
    try:
        resolved: Any = OmegaConf.to_container(OmegaConf.create(config), resolve=True)
        kept = {key: resolved[key] for key in keys if key in resolved}
        # A resolved value must not contain an interpolation, which would bypass the check.
        if OmegaConf.to_container(OmegaConf.create(kept), resolve=True) != kept:
            raise ValueError("its interpolations resolve to interpolations")
    except (OmegaConfBaseException, ValueError, TypeError) as error:
        raise UserError(f"The configuration of this run is damaged: {first_line(error)}.", where=str(folder)) from None
    return kept


def _objection(name: str, sources: Mapping[str, str], folder: Path) -> str | None:
    """Why a target needs `trust`; None if it does not."""
    module, _, attribute = name.rpartition(".")
    if name in _shipped():
        return None if _is_class(module, attribute, object) else "no class"
    if module in _LIBRARY:
        return None if _is_class(module, attribute, _LIBRARY[module]) else f"no {_LIBRARY[module].__name__}"
    if module not in sources:
        return "unknown"
    file = _own_file(module)
    if file is None or _is_beside_run(file, folder):
        return "its file is not in the working folder"
    if _sha256(file) != sources[module]:
        return f"{file.name} has changed since the run"
    _import_own(module)
    if not _is_class(module, attribute, nn.Module) or Path(inspect.getfile(sys.modules[module])).resolve() != file:
        return "no network"
    return None


@cache
def _shipped() -> frozenset[str]:
    """The targets of this package in the shipped configuration."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in CONF.rglob("*.yaml"))
    return frozenset(re.findall(r"_target_: *(emotionart\.[\w.]+)", text))


def _is_class(module: str, attribute: str, base: type) -> bool:
    """Whether a module has a subclass of `base` with this name; outside torch, one defined in that module."""
    candidate = getattr(importlib.import_module(module), attribute, None)
    defined_there = module in _LIBRARY or getattr(candidate, "__module__", None) == module
    return inspect.isclass(candidate) and issubclass(candidate, base) and defined_there


def _own_file(module: str) -> Path | None:
    """The file of a module in the working folder; None for any other module."""
    if not re.fullmatch(r"\w+(\.\w+)*", module) or module.partition(".")[0] == __name__.partition(".")[0]:
        return None
    path = Path.cwd().joinpath(*module.split("."))
    return next((file.resolve() for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def _is_beside_run(file: Path, folder: Path) -> bool:
    """Whether a file may have come with the run: both are in the same subfolder of the working folder."""
    here, run = Path.cwd().resolve(), folder.resolve()
    return run.is_relative_to(here) and file.is_relative_to(here.joinpath(*run.relative_to(here).parts[:1]))


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _import_own(module: str) -> None:
    """Imports a module from the working folder, which is not on an installed command's path."""
    if _own_file(module) is None:
        return
    with _importable(Path.cwd()):
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise UserError(f"{module} cannot be imported: {error}.", where=str(_own_file(module))) from None


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Appends a folder to Python's path; the path is restored at the end, as the folder may have been in it before."""
    before = sys.path[:]
    sys.path.append(str(folder))
    try:
        yield
    finally:
        sys.path[:] = before
