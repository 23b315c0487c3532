"""`train.py resume=…`: continues a run with its own configuration, or extends it."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emotionart.config.overrides import override_key
from emotionart.errors import UserError, raise_together
from emotionart.files import atomic_write, write_json
from emotionart.quoting import override, unquoted
from emotionart.terminal import write_lines

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from emotionart.config.composed import Composed
    from emotionart.run.folder import RunFolder

log = logging.getLogger(__name__)

LENGTHS = {"trainer.max_epochs": "epochs", "model.images": "images"}
"""The keys that extend a run, and the field of `result.json` that counts the same."""

_AUTO = "auto"
_COPIED = ("provenance.json", "checkpoints", "rounds", "samples")


def run_to_resume(overrides: Sequence[str]) -> RunFolder | None:
    """The run that `resume=RUN` names, or the one in `hydra.run.dir` for `resume=auto`; None for a new run.

    Raises:
        UserError: if the named folder holds no run, or for `resume=auto` without `hydra.run.dir`.
    """
    from emotionart.run.folder import RunFolder, no_run

    name = _value(overrides, "resume")
    if name in (None, "", "null"):
        return None
    if name != _AUTO:
        folder = RunFolder(Path(str(name)))
        if not folder.config.exists():
            raise no_run(folder.path)
        return folder
    place = _value(overrides, "hydra.run.dir")
    if place is None:
        raise UserError(
            "Which run? A job that is started again needs a folder of its own.",
            where="resume=auto",
            fix="resume=auto hydra.run.dir=outputs/runs/NAME",
        )
    folder = RunFolder(Path(place))
    return folder if folder.config.exists() else None


def without_auto(argv: Sequence[str]) -> list[str]:
    """The arguments without `resume=auto`, for a new run where there is none to continue."""
    return [text for text in argv if text != f"resume={_AUTO}"]


def resume(folder: RunFolder, overrides: Sequence[str]) -> None:
    """Continues a run under the configuration that it was started with.

    Args:
        folder: run folder.
        overrides: `resume`, and keys that cannot change a result or that extend the run. With `resume=auto`, also all
            overrides that the run was started with.

    Raises:
        UserError: for an override that changes anything else, or a run that cannot be extended.
    """
    from omegaconf import OmegaConf

    from emotionart.config.compose import NEUTRAL, compose

    automatic = _value(overrides, "resume") == _AUTO
    into = None if automatic else _value(overrides, "hydra.run.dir")
    changes = [text for text in overrides if override_key(text) not in ("resume", "hydra.run.dir")]
    frozen = folder.frozen()
    own = list(frozen.overrides)
    longer: list[str] = []
    if changes:
        before = compose(own)
        again = {override_key(text) for text in changes}
        own = changes if automatic else [*(text for text in own if override_key(text) not in again), *changes]
        after = compose(own)
        _require_sound(after)
        longer = _lengths(before.resolved(), after.resolved(), folder)
        plain = OmegaConf.create(after.resolved())
        for key in (*NEUTRAL, *longer):
            if (value := OmegaConf.select(plain, key)) is not None:
                OmegaConf.update(frozen.config, key, value, merge=False)
    new = longer and folder.result.exists()
    if into is not None and not new and Path(into).resolve() != folder.path.resolve():
        raise UserError(
            "A run is continued in its own folder; only a finished one that is extended may get another.",
            where=f"hydra.run.dir={into}",
            fix=folder.resume_command,
        )
    if longer:
        folder = _extend(folder, frozen.config, frozen.choices, own, longer, into)
    if folder.result.exists():
        if automatic:
            log.warning("This run is done: %s", folder.path)
            return
        onward = f"{folder.resume_command} {_longer(frozen.config)}   to train on"
        raise UserError(
            "This run is done; there is nothing to resume.",
            where=str(folder.result),
            fix=onward if _is_trained(folder) else None,
        )
    _carry_on(folder, frozen.config, frozen.choices, own)


def _value(overrides: Sequence[str], key: str) -> str | None:
    values = [unquoted(text.partition("=")[2]) for text in overrides if override_key(text) == key]
    return values[-1] if values else None


def _require_sound(composed: Composed) -> None:
    from emotionart.config.validate import check

    raise_together(check(composed))


def _lengths(before: Mapping[str, Any], after: Mapping[str, Any], folder: RunFolder) -> list[str]:
    """The keys of `LENGTHS` that were raised.

    Raises:
        UserError: if anything else would change, or the run would be shorter.
    """
    from emotionart.config.compose import difference
    from emotionart.config.composed import flat

    changes = {text.partition(": ")[0]: text for text in difference(before, after)}
    longer = [key for key in LENGTHS if key in changes]
    others = "; ".join(text for key, text in changes.items() if key not in LENGTHS)
    if others and not longer:
        raise UserError(
            f"A run is resumed as it was started, and this would change it: {others}",
            where=str(folder.config),
            fix=f"{folder.resume_command}   (or a new run, without resume)",
        )
    if others:
        raise UserError(
            f"This run cannot be extended: its schedule depends on its length, so a longer run "
            f"would have been different from the start: {others}",
            where=str(folder.config),
            fix=f"a new run that starts from these weights: {folder.start_command} …",
        )
    old, new = flat(before), flat(after)
    if "model.images" in longer:
        _require_same_reports(old, new)
    for key in longer:
        if old[key] is None or new[key] is None or new[key] < old[key]:
            raise UserError(
                f"A run can be extended, not shortened: {changes[key]}.", where=key, fix=f"more than {old[key]}"
            )
    return longer


def _require_same_reports(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Refuses a number of images that would change the number of steps between two reports."""
    from emotionart.gan.fit import reports_and_steps

    every, batch = old["model.report_every"], old["batch_size"]
    if (
        reports_and_steps(old["model.images"], every, batch)[1]
        != reports_and_steps(new["model.images"], every, batch)[1]
    ):
        raise UserError(
            "With so many images, the reports of a run from the start would have come at other moments.",
            where=f"model.images={new['model.images']}",
            fix=f"a multiple of model.report_every={every}",
        )


def _extend(
    folder: RunFolder,
    config: DictConfig,
    choices: Mapping[str, str],
    overrides: Sequence[str],
    longer: Sequence[str],
    into: str | None,
) -> RunFolder:
    """The folder in which an extended run continues: its own if it is unfinished, else `into`, or a new one beside it.

    Raises:
        UserError: if the run has stopped early, or the new folder exists.
    """
    from omegaconf import OmegaConf

    from emotionart.run.folder import RunFolder

    resolved: dict[str, Any] = OmegaConf.to_container(config, resolve=True)  # type: ignore[assignment]
    if not folder.result.exists():
        folder.freeze(resolved, choices, overrides)
        return folder
    _require_whole(folder, longer)
    lengths = (f"{OmegaConf.select(config, key)}-{LENGTHS[key]}" for key in longer)
    place = Path(into) if into else folder.path.with_name("-".join([folder.path.name, *lengths]))
    if into and place.exists():
        raise UserError("This folder exists already.", where=f"hydra.run.dir={into}", fix="another folder")
    if place.exists():
        raise UserError("This run has already been extended.", where=str(place), fix=override("resume", str(place)))
    with atomic_write(place) as partial:
        partial.mkdir()
        for name in _COPIED:
            if (folder.path / name).is_dir():
                shutil.copytree(folder.path / name, partial / name)
            elif (folder.path / name).exists():
                shutil.copy2(folder.path / name, partial / name)
        new = RunFolder(partial)
        new.freeze(resolved, choices, overrides)
        write_json(new.status_file, {"status": "interrupted", "parent": str(folder.path)})
    write_lines(f"The extended run has its own folder: {place}")
    return RunFolder(place)


def _require_whole(folder: RunFolder, longer: Sequence[str]) -> None:
    """Refuses to extend a run that stopped early, since it would stop there again."""
    from omegaconf import OmegaConf

    from emotionart.run.stored import read_result

    config, result = folder.frozen().config, read_result(folder.result)
    if not _is_trained(folder):
        raise UserError("Nothing is trained in this run, so it cannot be extended.", where=", ".join(longer))
    for key in longer:
        planned, done = OmegaConf.select(config, key), result[LENGTHS[key]]
        if done < planned:
            raise UserError(
                f"This run ended by itself after {done:,} of {planned:,} {LENGTHS[key]}, and would stop there again.",
                where=key,
                fix=f"{folder.start_command} …   for a new run that starts from its weights",
            )


def _is_trained(folder: RunFolder) -> bool:
    from emotionart.run.stored import read_result

    return read_result(folder.result).get("epochs") != 0


def _longer(config: DictConfig) -> str:
    """An override that makes a run twice as long."""
    from omegaconf import OmegaConf

    key = "model.images" if "generator" in config else "trainer.max_epochs"
    return f"{key}={2 * OmegaConf.select(config, key)}"


def _carry_on(folder: RunFolder, config: DictConfig, choices: Mapping[str, str], overrides: Sequence[str]) -> None:
    from emotionart.pipeline import run
    from emotionart.run.log import logged_to

    config.resume = str(folder.path)
    with logged_to(folder.log, console=True):
        run(config, choices, overrides, folder.path)
