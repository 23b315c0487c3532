"""`train.py resume=…`: continues a run with its own configuration, or extends it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from emotionart.config.overrides import override_key
from emotionart.errors import UserError, raise_together
from emotionart.quoting import unquote

if TYPE_CHECKING:
    from emotionart.config.run_config import RunConfig
    from emotionart.run.folder import RunFolder

log = logging.getLogger(__name__)

_AUTO = "auto"


def run_to_resume(overrides: Sequence[str]) -> RunFolder | None:
    """The run that `resume=RUN` names, or the one in `hydra.run.dir` for `resume=auto`; None for a new run.

    Raises:
        UserError: if the named folder holds no run, or for `resume=auto` without a fixed `hydra.run.dir`.
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
    if "${" in place:
        raise UserError(
            "A job that is started again finds its folder by a fixed name.",
            where=f"hydra.run.dir={place}",
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
    from emotionart.cli.extend import extend, is_trained

    automatic = _value(overrides, "resume") == _AUTO
    into = None if automatic else _value(overrides, "hydra.run.dir")
    changes = [text for text in overrides if override_key(text) not in ("resume", "hydra.run.dir")]
    config, longer = _change(folder, changes, automatic)
    to_new_folder = longer and folder.result.exists()
    if into is not None and not to_new_folder and Path(into).resolve() != folder.path.resolve():
        raise UserError(
            "A run is continued in its own folder; only a finished one that is extended may get another.",
            where=f"hydra.run.dir={into}",
            fix=folder.resume_command,
        )
    if longer:
        folder = extend(folder, config, longer, into)
    if not folder.result.exists():
        _continue(folder, config)
    elif automatic:
        log.warning("This run is done: %s", folder.path)
    else:
        raise UserError(
            "This run is done; there is nothing to resume.",
            where=str(folder.result),
            fix=_train_on(folder) if is_trained(folder) else None,
        )


def _value(overrides: Sequence[str], key: str) -> str | None:
    values = [unquote(text.partition("=")[2]) for text in overrides if override_key(text) == key]
    return values[-1] if values else None


def _change(folder: RunFolder, changes: Sequence[str], automatic: bool) -> tuple[RunConfig, list[str]]:
    """The configuration of a run with some keys changed, and the changed keys that make the run longer.

    Args:
        folder: run folder.
        changes: overrides.
        automatic: whether these include all overrides that the run was started with.

    Raises:
        UserError: for an override that is wrong, or that changes a result other than by a longer run.
    """
    from omegaconf import OmegaConf

    from emotionart.cli.extend import extended_keys
    from emotionart.config.compose import compose
    from emotionart.config.relevance import NEUTRAL
    from emotionart.config.validate import check

    frozen = folder.frozen()
    if not changes:
        return frozen, []
    changed = {override_key(text) for text in changes}
    kept = [] if automatic else [text for text in frozen.overrides if override_key(text) not in changed]
    before, after = compose(frozen.overrides), compose([*kept, *changes])
    raise_together(check(after))
    longer = extended_keys(before.resolved(), after.resolved(), folder)
    resolved = OmegaConf.create(after.resolved())
    for key in (*NEUTRAL, *longer):
        if (value := OmegaConf.select(resolved, key)) is not None:
            OmegaConf.update(frozen.config, key, value, merge=False)
    return replace(frozen, overrides=[*kept, *changes]), longer


def _train_on(folder: RunFolder) -> str:
    """The command that makes a finished run twice as long; if it cannot be extended so, that for a new run."""
    from emotionart.cli.extend import start_instead
    from emotionart.run.length import doubled_length
    from emotionart.run.state import is_gan
    from emotionart.run.stored import read_result

    result = read_result(folder.result)
    longer = doubled_length(folder.frozen().resolved(), result["images" if is_gan(result) else "epochs"])
    try:
        _change(folder, [longer] if longer else [], automatic=False)
    except UserError:
        longer = None
    return f"{folder.resume_command} {longer}   to train on" if longer else start_instead(folder)


def _continue(folder: RunFolder, config: RunConfig) -> None:
    from emotionart.pipeline import run
    from emotionart.run.log import log_to_file

    config.config.resume = str(folder.path)
    with log_to_file(folder.log, console=True):
        run(config, folder.path)
