"""Extends a run: more epochs of a classifier, or more images of a GAN."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from emotionart.config.composed import flat
from emotionart.config.relevance import difference
from emotionart.config.run_config import RunConfig
from emotionart.errors import UserError
from emotionart.files import atomic_write, with_name, write_json
from emotionart.quoting import override
from emotionart.run.folder import RunFolder
from emotionart.run.length import LENGTHS, reports_and_steps
from emotionart.run.stored import read_result
from emotionart.terminal import write_rows

_COPIED = ("provenance.json", "checkpoints", "rounds", "samples")
"""Files and folders of a run from which its extension continues."""


def extended_keys(before: Mapping[str, Any], after: Mapping[str, Any], folder: RunFolder) -> list[str]:
    """The keys of `run.length.LENGTHS` that were raised.

    Args:
        before, after: resolved configurations.
        folder: run folder, for messages.

    Raises:
        UserError: if anything else would change, or the run would be shorter.
    """
    changes = {text.partition(": ")[0]: text for text in difference(before, after)}
    keys = [key for key in LENGTHS if key in changes]
    others = "; ".join(text for key, text in changes.items() if key not in LENGTHS)
    if others and not keys:
        raise UserError(
            f"A run is resumed as it was started, and this would change it: {others}",
            where=str(folder.config),
            fix=f"{folder.resume_command}   (or a new run, without resume)",
        )
    if others:
        raise UserError(
            "More than the length of this run would change (a schedule may depend on it), so that a longer run would "
            f"have been different from the start: {others}",
            where=str(folder.config),
            fix=f"a new run that starts from these weights: {folder.start_command} …",
        )
    old, new = flat(before), flat(after)
    if "model.images" in keys:
        _require_same_reports(old, new, folder)
    for key in keys:
        if old[key] is None or new[key] is None or new[key] < old[key]:
            raise UserError(
                f"A run can be extended, not shortened: {changes[key]}.", where=key, fix=f"more than {old[key]}"
            )
    return keys


def extend(folder: RunFolder, config: RunConfig, keys: Sequence[str], into: str | None) -> RunFolder:
    """The folder in which an extended run continues: its own if it is unfinished, else `into`, or a new one beside it.

    Args:
        folder: run folder.
        config: configuration of the extended run.
        keys: keys of `run.length.LENGTHS` that were raised.
        into: path of the new folder; None for the default.

    Raises:
        UserError: if the run has stopped early, the new folder exists, or another process is working in the run's own.
    """
    if folder.result.exists():
        require_whole(folder, keys)
        return _copy(folder, config, _new_path(folder, config, keys, into))
    with folder.lock(resume=True):  # a process that trains there would end after the old length
        folder.freeze(config.resolved(), config.choices, config.overrides)
    return folder


def is_trained(folder: RunFolder) -> bool:
    """Whether anything was trained in a finished run: a zero-shot classifier only predicts."""
    return read_result(folder.result).get("epochs") != 0


def require_whole(folder: RunFolder, keys: Sequence[str]) -> None:
    """Checks that a finished run has not stopped early, since it would stop there again.

    Raises:
        UserError: if it has, or if nothing is trained in it.
    """
    config, result = folder.frozen().config, read_result(folder.result)
    if not is_trained(folder):
        raise UserError("Nothing is trained in this run, so it cannot be extended.", where=", ".join(keys))
    for key in keys:
        planned, done = OmegaConf.select(config, key), result[LENGTHS[key]]
        if done < planned:
            raise UserError(
                f"This run ended by itself after {done:,} of {planned:,} {LENGTHS[key]}, and would stop there again.",
                where=key,
                fix=start_instead(folder),
            )


def start_instead(folder: RunFolder) -> str:
    """What helps if a run cannot be extended."""
    return f"{folder.start_command} …   for a new run that starts from its weights"


def _require_same_reports(old: Mapping[str, Any], new: Mapping[str, Any], folder: RunFolder) -> None:
    """Refuses a number of images that would change the number of steps between two reports."""
    every, batch = old["model.report_every"], old["batch_size"]
    old_steps, new_steps = (reports_and_steps(one["model.images"], every, batch)[1] for one in (old, new))
    if old_steps != new_steps:
        whole = reports_and_steps(every, every, batch)[1] == old_steps
        raise UserError(
            "With so many images, the reports of a run from the start would have come at other moments.",
            where=f"model.images={new['model.images']}",
            fix=f"a multiple of model.report_every={every}" if whole else start_instead(folder),
        )


def _new_path(folder: RunFolder, config: RunConfig, keys: Sequence[str], into: str | None) -> Path:
    lengths = (f"{OmegaConf.select(config.config, key)}-{LENGTHS[key]}" for key in keys)
    own = with_name(folder.path)
    path = Path(into) if into else own.with_name("-".join([own.name, *lengths]))
    if into and path.exists():
        raise UserError("This folder exists already.", where=f"hydra.run.dir={into}", fix="another folder")
    if path.exists():
        raise UserError("This run has already been extended.", where=str(path), fix=override("resume", str(path)))
    return path


def _copy(folder: RunFolder, config: RunConfig, path: Path) -> RunFolder:
    """A new folder with the state of a finished run and the configuration of its extension."""
    with atomic_write(path) as partial:
        partial.mkdir()
        for name in _COPIED:
            if (folder.path / name).is_dir():
                shutil.copytree(folder.path / name, partial / name)
            elif (folder.path / name).exists():
                shutil.copy2(folder.path / name, partial / name)
        new = RunFolder(partial)
        new.freeze(config.resolved(), config.choices, config.overrides)
        write_json(new.status_file, {"status": "interrupted", "parent": str(folder.path)})
    write_rows(
        f"The extended run has its own folder: {path}",
        "It is tested on the same artworks again; which of the two runs to use is for validation to say.",
    )
    return RunFolder(path)
