"""Search for hyperparameters: trials that Optuna proposes, judged by the monitored validation metric.

By ask and tell, so that a trial is a run like any other. The study lives in a database; a search that was interrupted
goes on with its unfinished trials, and several processes can work on one study.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
from omegaconf import DictConfig, OmegaConf
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, Trial, TrialState

from emotionart.config.compose import best_is, compose, compose_with_errors, fingerprint
from emotionart.config.composed import Composed
from emotionart.config.validate import check
from emotionart.draws import draw_seed
from emotionart.errors import PrunedError, UserError, raise_together
from emotionart.pipeline import run
from emotionart.run.callbacks import Metrics
from emotionart.run.folder import RunFolder, RunLockedError
from emotionart.run.tracking.columns import Membership
from emotionart.sweeps.plan import as_override

log = logging.getLogger(__name__)

_SHOWN = 10


def search(config: DictConfig, given: Sequence[str], choice: str) -> int:
    """Runs trials until the study has as many as `config.search.trials`, and tells which is best.

    Args:
        config: of `sweep.py`, with the group `search`.
        given: overrides of every trial.
        choice: the option of the group `search`.

    Returns:
        Exit code: 0, or 1 if no trial came to its end.

    Raises:
        UserError: for a space that names unknown keys or has no values.
    """
    settings: dict[str, Any] = OmegaConf.to_container(config.search, resolve=True)  # type: ignore[assignment]
    space = dict(_distributions(settings["space"]))
    base = _checked(given, space)
    mark = fingerprint({**base.resolved(), "space": settings["space"]})
    name = config.name or "-".join([choice, base.choices["model"], base.choices["data"], mark])
    folder = Path(config.folder) / name
    if config.dry_run:
        log.info("%s: up to %d trials of %s", folder, settings["trials"], ", ".join(space))
        return 0
    study = _study(folder, name, settings, base.config.monitor)
    for unfinished in study.get_trials(states=[TrialState.RUNNING]):
        _carry_out(Trial(study, unfinished._trial_id), study, given, folder, name)
    while len(_ended(study)) < settings["trials"]:
        study.sampler = _sampler(settings, len(study.trials))
        _carry_out(study.ask(space), study, given, folder, name)
    study.trials_dataframe().to_csv(folder / "trials.csv", index=False)
    return _tell(study, given, folder)


def _distributions(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, BaseDistribution]]:
    """The dotted keys of a space, each with the values that it can take."""
    for name, values in tree.items():
        if isinstance(values, Mapping) and "low" not in values and "high" not in values:
            yield from _distributions(values, f"{prefix}{name}.")
        else:
            yield prefix + name, _distribution(prefix + name, values)


def _distribution(key: str, values: Any) -> BaseDistribution:
    if isinstance(values, list) and values:
        return CategoricalDistribution(values)
    if isinstance(values, Mapping) and {"low", "high"} <= values.keys() <= {"low", "high", "log"}:
        whole = isinstance(values["low"], int) and isinstance(values["high"], int)
        try:
            return (IntDistribution if whole else FloatDistribution)(**values)
        except ValueError as error:
            raise UserError(f"{error}.", where=f"search.space.{key}") from None
    raise UserError(
        f"{values!r} is neither a range nor a list of choices.",
        where=f"search.space.{key}",
        fix=f"search.space.{key}={{low: 1e-5, high: 1e-2, log: true}}",
    )


def _checked(given: Sequence[str], space: Mapping[str, BaseDistribution]) -> Composed:
    """The configuration without the space, after one point of the space has been checked."""
    point = [
        as_override(key, values.choices[0] if isinstance(values, CategoricalDistribution) else values.low)  # type: ignore[attr-defined]
        for key, values in space.items()
    ]
    composed, mistakes = compose_with_errors([*given, *point])
    raise_together(mistakes or check(composed))
    return compose(given)


def _study(folder: Path, name: str, settings: Mapping[str, Any], monitor: str) -> optuna.Study:
    folder.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    startup = settings["startup"]
    return optuna.create_study(
        storage=settings["storage"] or f"sqlite:///{folder / 'study.db'}",
        study_name=name,
        load_if_exists=True,
        direction="minimize" if best_is(monitor) == "min" else "maximize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=startup)
        if settings["prune"]
        else optuna.pruners.NopPruner(),
    )


def _sampler(settings: Mapping[str, Any], number: int) -> optuna.samplers.BaseSampler:
    """A sampler whose proposals depend on the study so far, not on how often it was interrupted."""
    seed = draw_seed(settings["seed"], number) % 2**32
    return optuna.samplers.TPESampler(seed=seed, n_startup_trials=settings["startup"], constant_liar=True)


def _ended(study: optuna.Study) -> list[FrozenTrial]:
    return study.get_trials(states=[TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL])


def _carry_out(trial: Trial, study: optuna.Study, given: Sequence[str], folder: Path, name: str) -> None:
    """Runs one trial, or goes on with it, and tells the study how it ended."""
    overrides = [*given, *(as_override(key, value) for key, value in trial.params.items())]
    place = RunFolder(folder / f"trial-{trial.number:04d}")
    place.path.mkdir(exist_ok=True)
    title = f"trial {trial.number}: {' '.join(overrides[len(given) :])}"
    try:
        result = _run(overrides, place, name, trial, study)
    except RunLockedError:
        return  # another process has it
    except PrunedError:
        study.tell(trial, state=TrialState.PRUNED)
        log.info("%s: ended early", title)
    except Exception as error:
        study.tell(trial, state=TrialState.FAIL)
        if isinstance(error, UserError) and not study.get_trials(states=[TrialState.COMPLETE, TrialState.PRUNED]):
            raise  # nothing has worked so far, and the same mistake would meet every trial
        log.error("%s: failed: %s", title, str(error).partition("\n")[0])
    else:
        study.tell(trial, result["monitor"]["value"])
        log.info("%s: %s %.4f", title, result["monitor"]["name"], result["monitor"]["value"])


def _run(overrides: Sequence[str], place: RunFolder, name: str, trial: Trial, study: optuna.Study) -> dict[str, Any]:
    composed = compose(overrides)
    raise_together(check(composed))
    if place.status():
        composed.config.resume = str(place.path)
    watch = _watch(trial, study, composed.config.monitor)
    membership = Membership(name, ", ".join(as_override(*item) for item in trial.params.items()))
    with _logged_in(place.path / "run.log"):
        return run(composed.config, composed.choices, overrides, place.path, membership=membership, watch=watch)


@contextmanager
def _logged_in(file: Path) -> Iterator[None]:
    """What a run says goes into its file; on the console a line a trial is enough."""
    handler = logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("emotionart")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        handler.close()


def _watch(trial: Trial, study: optuna.Study, monitor: str) -> Callable[[Metrics], None]:
    """Tells the study of each epoch, and ends the trial where it does not promise anything."""
    known = set(study.trials[trial.number].intermediate_values)

    def watch(row: Metrics) -> None:
        epoch = int(row["epoch"])
        if monitor not in row:
            return
        if epoch not in known:
            trial.report(row[monitor], epoch)
        if trial.should_prune():
            raise PrunedError(f"{monitor} of {row[monitor]:.4g} after epoch {epoch + 1} is worse than the median")

    return watch


def _tell(study: optuna.Study, given: Sequence[str], folder: Path) -> int:
    complete = sorted(study.get_trials(states=[TrialState.COMPLETE]), key=lambda trial: trial.value or 0.0)
    if study.direction is optuna.study.StudyDirection.MAXIMIZE:
        complete.reverse()
    counts = {state: len(study.get_trials(states=[state])) for state in (TrialState.PRUNED, TrialState.FAIL)}
    log.info(
        "%d complete · %d ended early · %d failed", len(complete), counts[TrialState.PRUNED], counts[TrialState.FAIL]
    )
    if not complete:
        return 1
    for trial in complete[:_SHOWN]:
        log.info("%12.4f  %s", trial.value, "  ".join(as_override(*item) for item in trial.params.items()))
    best = " ".join([*given, *(as_override(*item) for item in complete[0].params.items())])
    log.info(
        "chosen on validation; the test set decides nothing here. The best again, tested: python train.py %s", best
    )
    log.info("all trials: %s/trials.csv", folder)
    return 0
