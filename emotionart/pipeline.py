"""One run: data, training, one look at the test set, and everything it leaves in its folder."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from hydra.utils import get_class
from omegaconf import DictConfig, OmegaConf

from emotionart.classifier.result import summary_lines
from emotionart.classifier.train import train_classifier
from emotionart.errors import PrunedError, UserError
from emotionart.files import failure_of, read_json, write_json, write_text
from emotionart.gan.module import GAN
from emotionart.gan.train import last_lines as describe_gan
from emotionart.gan.train import train_gan
from emotionart.run.callbacks import Metrics
from emotionart.run.context import Result, RunContext
from emotionart.run.folder import RunFolder
from emotionart.run.logger import Logger, open_logger
from emotionart.run.provenance import now
from emotionart.run.trainer import require_accelerator, set_threads

log = logging.getLogger(__name__)


def run(
    config: DictConfig,
    choices: Mapping[str, str],
    overrides: Sequence[str],
    path: Path,
    *,
    cores: int | None = None,
    sweep: str | None = None,
    watch: Callable[[Metrics], None] = lambda row: None,
) -> Result:
    """Carries out one run in `path`, or goes on with the one that is there if `config.resume` is set.

    Args:
        config: composed and checked.
        choices: which option of each config group was taken.
        overrides: what was asked for on the command line.
        path: the run's folder.
        cores: of the CPU that are this run's, where it names no `trainer.threads` itself; None for all.
        sweep: the sweep that it belongs to, if any.
        watch: called with the metrics of each epoch; it may raise `PrunedError`.

    Returns:
        What `result.json` holds.

    Raises:
        UserError: for a mistake in the data or the configuration, or a folder that is taken.
        Failure: where the disk is full.
        PrunedError: where `watch` has ended the run.
    """
    folder = RunFolder(path)
    with folder.lock(resume=config.resume is not None):
        resolved: dict[str, Any] = OmegaConf.to_container(config, resolve=True)  # type: ignore[assignment]
        before = folder.status()
        with _recorded(folder), _tracked(config, choices, resolved, folder, before.get("wandb_id"), sweep) as logger:
            if not before:
                write_text(folder.config, yaml.safe_dump(resolved, sort_keys=False, allow_unicode=True))
                write_text(folder.overrides, yaml.safe_dump({"overrides": list(overrides), "choices": dict(choices)}))
            folder.update({"status": "running", "wandb_id": logger.id})
            threads = set_threads(config.trainer.threads or cores)
            return _execute(RunContext(config, choices, folder, logger, threads, resolved, watch))


def _execute(context: RunContext) -> Result:
    require_accelerator(context.config)
    clock = time.monotonic()
    carry_out, last_lines = _kind(context.config)
    result = carry_out(context)
    if context.config.explain:
        from emotionart.explain.explain import Options, explain

        explain(context.folder.path, Options(trust=True), context.logger)
    origin = read_json(context.folder.provenance)
    seconds = round(origin["seconds"] + time.monotonic() - clock, 1)  # of all processes that finished their part
    write_json(context.folder.provenance, {**origin, "finished": now(), "seconds": seconds})
    write_json(context.folder.result, result)
    context.folder.update({"status": "done"})
    for line in last_lines(result, context.folder.path):
        log.info(line)
    return result


def _kind(config: DictConfig) -> tuple[Callable[[RunContext], Result], Callable[[Result, Path], Sequence[str]]]:
    """What a run of this model does, and what it says at its end."""
    task = get_class(config.model._target_)
    return (train_gan, describe_gan) if issubclass(task, GAN) else (train_classifier, summary_lines)


@contextmanager
def _tracked(
    config: DictConfig,
    choices: Mapping[str, str],
    resolved: dict[str, Any],
    folder: RunFolder,
    wandb_id: str | None,
    sweep: str | None,
) -> Iterator[Logger]:
    headline = {
        "model": choices["model"],
        "head": choices.get("model/head"),
        "data": choices["data"],
        "seed": config.seed,
        "sweep": sweep,
    }
    settings = {key: resolved["logger"][key] for key in ("mode", "project", "entity", "tags")}
    with open_logger(
        **settings,
        folder=folder.path,
        config={**headline, "config": resolved},
        group=sweep,
        job_type="train",
        resume_id=wandb_id,
    ) as logger:
        yield logger


@contextmanager
def _recorded(folder: RunFolder) -> Iterator[None]:
    """Leaves the cause of a failure in the folder, as `error.txt` and as the status."""
    folder.error.unlink(missing_ok=True)
    try:
        yield
    except PrunedError:
        folder.update({"status": "pruned"})
        raise
    except BaseException as error:
        # Lightning turns the first Ctrl-C into an exit.
        interrupted = isinstance(error, KeyboardInterrupt | SystemExit)
        status = "interrupted" if interrupted else "failed"
        try:
            write_text(folder.error, f"{error}\n\n{traceback.format_exc()}")
            folder.update({"status": status})
        except OSError:
            log.warning("The cause of the failure could not be written to %s", folder.path)
        if isinstance(error, OSError):
            raise failure_of(error, f"python train.py resume={folder.path}") from error
        if interrupted:
            log.warning("Interrupted; to go on: python train.py resume=%s", folder.path)
        elif not isinstance(error, UserError):
            log.exception("The run failed; its folder keeps what was done: %s", folder.path)
        raise
