"""One run: data, training, one evaluation on the test set, and all files in the run's folder."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path

from hydra.utils import get_class

from emotionart.classifier.evaluation.tested import TestedClassifier, load_tested
from emotionart.classifier.training.train import train_classifier, validate_classifier
from emotionart.config.checks.devices import device_count
from emotionart.config.run_config import RunConfig
from emotionart.errors import Failure, PrunedError, UserError, interruption
from emotionart.files import failure_of, read_json, write_json, write_text
from emotionart.gan.module import GAN
from emotionart.gan.train import train_gan
from emotionart.gan.trained import load_trained
from emotionart.run.context import RunContext
from emotionart.run.devices.launcher import ensure_start_method
from emotionart.run.folder import RunFolder
from emotionart.run.outcome import Outcome, Result, run_steps
from emotionart.run.page import PAGE
from emotionart.run.provenance import now
from emotionart.run.sharing.card import CARD, write_card
from emotionart.run.state import is_gan
from emotionart.run.stored import read_provenance, read_result
from emotionart.run.tracking.artifacts import log_files
from emotionart.run.tracking.columns import Membership, flat_columns
from emotionart.run.tracking.logger import Logger
from emotionart.run.tracking.session import open_logger, reopen_logger
from emotionart.run.training.callbacks import Metrics
from emotionart.run.training.trainer import require_accelerator, set_threads
from emotionart.terminal import DETAIL

log = logging.getLogger(__name__)

LOGGER, EXPLANATION = "W&B", "explanation"
"""Names of steps after the result that, like figures, `CARD` and `PAGE`, may fail and be made up for later."""


def run(
    config: RunConfig,
    path: Path,
    *,
    cores: int | None = None,
    membership: Membership | None = None,
    on_epoch: Callable[[Metrics], None] = lambda row: None,
) -> Result:
    """Carries out one run in `path`, or resumes the run there if the key `resume` is set.

    Args:
        config: validated configuration, such as that of `compose`.
        path: the run's folder.
        cores: number of CPU cores for this run if `trainer.threads` is not set; None for all.
        membership: the run's place in a sweep or multirun; None for a single run, or as recorded in the folder.
        on_epoch: called with the metrics of each epoch; it may raise `PrunedError`.

    Returns:
        The content of `result.json`.

    Raises:
        UserError: for a mistake in the data or the configuration, or a folder in use.
        Failure: if the disk is full.
        PrunedError: if `on_epoch` has ended the run.
    """
    with _open_context(config, path, cores, membership, on_epoch) as context:
        figures = context.config.figures
        defer = figures == "later" or (figures == "auto" and membership is not None)
        result = _execute(context, defer)
    if (path / PAGE).exists():
        log.info("report: %s", path / PAGE)
    return result


def validate(
    config: RunConfig,
    path: Path,
    *,
    membership: Membership | None = None,
    on_epoch: Callable[[Metrics], None] = lambda row: None,
) -> float:
    """Trains a classifier in `path`, or resumes its training, without testing it: a trial of a search.

    `python train.py resume=PATH` tests it afterwards.

    Args:
        config, path, membership, on_epoch: as for `run`.

    Returns:
        The monitored validation metric of the best epoch.

    Raises:
        UserError, Failure, PrunedError: as for `run`.
    """
    folder = RunFolder(path)
    if not folder.validation.exists():
        with _open_context(config, path, None, membership, on_epoch) as context:
            with _timed(folder):
                fitted = validate_classifier(context)
            monitor = context.config.monitor
            context.logger.update_summary({"best/epoch": fitted.epoch, f"best/{monitor}": fitted.monitored})
            write_json(folder.validation, {"name": monitor, "value": fitted.monitored, "epoch": fitted.epoch})
            folder.update({"status": "validated"})
    return float(read_json(folder.validation)["value"])


@contextmanager
def _open_context(
    config: RunConfig,
    path: Path,
    cores: int | None,
    membership: Membership | None,
    on_epoch: Callable[[Metrics], None],
) -> Iterator[RunContext]:
    """Context of a run: its folder locked, its logger open, the cause of any failure recorded in the folder."""
    ensure_start_method()
    folder = RunFolder(path)
    trainer = config.config.trainer
    with folder.lock(resume=config.config.resume is not None), ExitStack() as stack:
        resolved = config.resolved()
        before = folder.status()
        if membership is None and "membership" in before:  # resumed by itself, it stays in its sweep
            membership = Membership(**before["membership"])
        with _record_failure(folder):
            columns = flat_columns(resolved, config.choices, config.overrides, membership)
            logger = stack.enter_context(
                open_logger(
                    resolved["logger"],
                    path,
                    id=before.get("wandb_id"),
                    config={**columns, "config": resolved},
                    group=membership.group if membership else None,
                    name=membership.name if membership and membership.name else path.name,
                )
            )
        with _record_failure(folder):  # inside the logger's context, as closing it may take half a minute
            if not before:
                folder.freeze(resolved, config.choices, config.overrides)
            folder.update({"status": "running"} | ({"membership": asdict(membership)} if membership else {}))
            threads = set_threads(trainer.threads, cores, device_count(trainer))
            require_accelerator(config.config)
            yield RunContext(config.config, config.choices, folder, logger, threads, resolved, on_epoch)


def _execute(context: RunContext, defer_figures: bool) -> Result:
    folder = context.folder
    generates = issubclass(get_class(context.config.model._target_), GAN)
    with _timed(folder):
        outcome: Outcome = train_gan(context) if generates else train_classifier(context)
    write_json(folder.result, outcome.result)
    folder.update({"status": "done"})
    steps = _follow_up_steps(outcome, folder, context.logger, context.config.explain, trust=True)
    due = {name: step for name, step in steps.items() if not (defer_figures and _is_deferrable(name, outcome))}
    run_steps(due, folder)
    headlines = outcome.headlines()
    for line in outcome.lines():
        log.info(line, extra=None if line in headlines else DETAIL)
    log.info("folder: %s", folder.path)
    return outcome.result


@contextmanager
def _timed(folder: RunFolder) -> Iterator[None]:
    """Adds the block's duration and end time to the run's provenance."""
    clock = time.monotonic()
    yield
    origin = read_provenance(folder.provenance)
    seconds = round(origin["seconds"] + time.monotonic() - clock, 1)  # summed over all sessions that ended normally
    write_json(folder.provenance, {**origin, "finished": now(), "seconds": seconds})


def _is_deferrable(step: str, outcome: Outcome) -> bool:
    """Whether a step can be left to `emotionart figures`; figures of GANs cannot, as a sweep shows their samples."""
    return step == PAGE or (step.startswith("figures/") and isinstance(outcome, TestedClassifier))


def complete(path: Path, trust: bool = False) -> list[str]:
    """Redraws the figures of a finished run and makes everything else that is missing beside its result.

    Args:
        path: the run's folder.
        trust: whether to execute code that the run names and that is not known to be harmless.

    Returns:
        Names of the steps that failed again.

    Raises:
        UserError: if the run has no result or cannot be loaded.
    """
    folder = RunFolder(path)
    if not folder.result.exists():
        raise UserError("This run has no result, so there is nothing to draw.", where=str(path))
    outcome: Outcome = load_trained(folder, trust) if is_gan(read_result(folder.result)) else load_tested(folder, trust)
    missing = folder.status().get("missing", [])
    with folder.lock(resume=True), reopen_logger(folder) if LOGGER in missing else nullcontext(Logger()) as logger:
        steps = _follow_up_steps(outcome, folder, logger, EXPLANATION in missing, trust)
        due = {
            name: step
            for name, step in steps.items()
            if name.startswith("figures/") or name in (CARD, PAGE) or name in missing
        }
        return run_steps(due, folder)


def _follow_up_steps(
    outcome: Outcome, folder: RunFolder, logger: Logger, explains: bool, trust: bool
) -> dict[str, Callable[[], object]]:
    """Steps that follow a result, by name."""

    def send() -> None:
        outcome.send(logger, folder)
        log_files(logger, folder)
        if logger.failure:
            raise Failure(logger.failure)

    steps: dict[str, Callable[[], object]] = {
        f"figures/{name}": partial(write, folder.figures / name) for name, write in outcome.figures().items()
    }
    steps[CARD] = lambda: write_card(folder, outcome.lines())
    steps[LOGGER] = send
    if explains and isinstance(outcome, TestedClassifier):
        from emotionart.explain.explain import Options, explain

        steps[EXPLANATION] = partial(explain, folder.path, Options(trust=trust), logger, outcome)
    steps[PAGE] = partial(outcome.write_page, folder)  # last, as it shows all of the above
    return steps


@contextmanager
def _record_failure(folder: RunFolder) -> Iterator[None]:
    """Context that records the cause of a failure in the folder, as `error.txt` and as the status."""
    folder.error.unlink(missing_ok=True)
    try:
        yield
    except PrunedError:
        folder.update({"status": "pruned"})
        raise
    except BaseException as error:
        if folder.result.exists():
            log.warning("The result is there; what is missing beside it: %s", folder.figures_command)
            raise
        stopped = interruption(error)
        again = folder.resume_command if folder.resumable else "the same command"
        status = "interrupted" if stopped else "failed"
        try:
            write_text(folder.error, f"{error}\n\n{traceback.format_exc()}")
            folder.update({"status": status})
        except OSError:
            log.warning("The cause of the failure could not be written to %s", folder.path)
        if stopped:
            log.warning("Interrupted; to go on: %s", again, extra=DETAIL)
            stopped.add_note(f"to go on: {again}")  # which `guarded` shows last
            raise stopped from None
        if isinstance(error, OSError):
            raise failure_of(error, again) from error
        if not isinstance(error, UserError):
            log.error("The run failed; its folder keeps what was done, and the cause in error.txt: %s", folder.path)
        raise
