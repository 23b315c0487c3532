"""Hyperparameter search: Optuna proposes trials, which are compared by the monitored validation metric.

The ask-and-tell interface makes a trial a run like any other. The study is kept in a database: an interrupted search
continues with its unfinished trials, and several processes can work on one study.
"""

from __future__ import annotations

import json
import logging
import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from filelock import FileLock, Timeout
from hydra.utils import get_class
from omegaconf import DictConfig, OmegaConf
from optuna.distributions import CategoricalDistribution
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, Trial, TrialState

from emotionart.classifier.module import Classifier
from emotionart.config.compose import compose, compose_with_errors
from emotionart.config.composed import Composed
from emotionart.config.relevance import difference, fingerprint
from emotionart.config.resolvers import best_is
from emotionart.config.validate import check, check_with
from emotionart.draws import draw_seed
from emotionart.errors import PrunedError, UserError, first_line, raise_together
from emotionart.pipeline import validate
from emotionart.run.folder import RunFolder, RunLockedError
from emotionart.run.log import log_to_file
from emotionart.run.tracking.columns import Membership
from emotionart.run.training.callbacks import Metrics
from emotionart.sweeps.plan import as_override
from emotionart.sweeps.settings import OptunaSettings, SearchSettings, check_settings
from emotionart.sweeps.space import Space, read_space

log = logging.getLogger(__name__)

_SHOWN = 10
_SEARCHED = "configuration"  # attribute of a study


def search(config: DictConfig, overrides: Sequence[str], choice: str) -> int:
    """Runs trials until the study has `config.search.trials` of them, and reports the best.

    Args:
        config: configuration of the command, with the group `search`.
        overrides: overrides of every trial.
        choice: chosen option of the group `search`.

    Returns:
        Exit code: 0, or 1 if no trial was completed.

    Raises:
        UserError: for a wrong setting, a space that names unknown keys, has no values or varies what an override sets,
            and for a study of another configuration.
    """
    settings = _settings(config)
    space = read_space(settings["space"], overrides)
    base = _compose_base([*overrides, *_fold_overrides(settings["folds"], 0)], space)
    searched = {**base.resolved(), "space": settings["space"]}
    name = config.name or "-".join([choice, base.choices["model"], base.choices["data"], fingerprint(searched)])
    folder = Path(config.folder) / name
    if config.dry_run:
        log.info("%s: up to %d trials of %s", folder, settings["trials"], ", ".join(space))
        return 0
    study = _study(folder, name, settings, base.config.monitor)
    _require_same(study, searched, folder)
    runner = _Search(study, overrides, folder, name, base.config.monitor, settings["folds"])
    for unfinished in study.get_trials(states=[TrialState.RUNNING]):
        runner.run_trial(Trial(study, unfinished._trial_id))
    while len(_finished_trials(study)) < settings["trials"]:
        study.sampler = _sampler(settings, len(study.trials))
        runner.run_trial(study.ask(space))
    study.trials_dataframe().to_csv(folder / "trials.csv", index=False)
    return runner.report_best()


def _settings(config: DictConfig) -> dict[str, Any]:
    """The checked settings of the group `search`."""
    every: dict[str, Any] = OmegaConf.to_container(config, resolve=True)  # type: ignore[assignment]
    raise_together(check_settings(every, SearchSettings))
    settings: dict[str, Any] = every["search"]
    raise_together(check_settings(settings, OptunaSettings, "search."))
    return settings


def _compose_base(overrides: Sequence[str], space: Space) -> Composed:
    """The configuration without the search space, once one point of the space has been checked."""
    base = compose(overrides)
    if not issubclass(get_class(base.config.model._target_), Classifier):
        raise UserError(
            "Hyperparameters are searched for classifiers, by a metric on validation.",
            where=f"model={base.choices['model']}",
            fix="python sweep.py sweep=gan_grid",
        )
    point = [
        as_override(key, values.choices[0] if isinstance(values, CategoricalDistribution) else values.low)  # type: ignore[attr-defined]
        for key, values in space.items()
    ]
    composed, mistakes = compose_with_errors([*overrides, *point])
    raise_together(check_with(mistakes, composed))
    return base


def _fold_overrides(folds: int | None, fold: int) -> list[str]:
    """The overrides that hold out one fold of the training data for validation."""
    return [] if folds is None else [f"data.validation_folds={folds}", f"data.validation_fold={fold}"]


def _study(folder: Path, name: str, settings: Mapping[str, Any], monitor: str) -> optuna.Study:
    folder.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    startup = settings["startup"]
    return optuna.create_study(
        storage=_storage(settings["storage"] or f"sqlite:///{folder / 'study.db'}"),
        study_name=name,
        load_if_exists=True,
        direction="minimize" if best_is(monitor) == "min" else "maximize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=startup)
        if settings["prune"]
        else optuna.pruners.NopPruner(),
    )


def _storage(address: str) -> RDBStorage:
    try:
        return RDBStorage(address)
    except Exception as error:  # of SQLAlchemy, or of any database's driver
        raise UserError(f"Optuna cannot use this database: {first_line(error)}", where=address) from None


def _require_same(study: optuna.Study, searched: Mapping[str, Any], folder: Path) -> None:
    """Records the configuration of a new study, or refuses another one: its trials would not be comparable."""
    before = study.user_attrs.get(_SEARCHED)
    if before is None:
        study.set_user_attr(_SEARCHED, searched)
    elif changes := difference(before, json.loads(json.dumps(searched))):
        raise UserError(
            f"The search of this name is of another configuration: {'; '.join(changes)}",
            where=str(folder),
            fix="name=ANOTHER, or no name: each configuration has one of its own",
        )


def _sampler(settings: Mapping[str, Any], number: int) -> optuna.samplers.BaseSampler:
    """A sampler whose proposals depend on the trials so far, not on interruptions."""
    seed = draw_seed(settings["seed"], number) % 2**32
    return optuna.samplers.TPESampler(seed=seed, n_startup_trials=settings["startup"], constant_liar=True)


def _finished_trials(study: optuna.Study) -> list[FrozenTrial]:
    return study.get_trials(states=[TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL])


@dataclass(frozen=True)
class _Search:
    """A study and the settings that its trials share.

    Attributes:
        study: Optuna study.
        overrides: overrides of every trial.
        folder: folder of the search.
        name: name of the search.
        monitor: validation metric by which trials are compared.
        folds: number of folds of the training data, each held out once; None for a single validation split.
    """

    study: optuna.Study
    overrides: Sequence[str]
    folder: Path
    name: str
    monitor: str
    folds: int | None

    def run_trial(self, trial: Trial) -> None:
        """Runs or resumes a trial and tells the study its outcome; skips one that another process holds."""
        with suppress(Timeout), FileLock(f"{self._path(trial.number)}.lock", blocking=False):
            if not self.study.trials[trial.number].state.is_finished():  # another process may have finished it
                self._run_trial(trial)

    def _run_trial(self, trial: Trial) -> None:
        drawn = [as_override(key, value) for key, value in trial.params.items()]
        title = f"trial {trial.number}: {' '.join(drawn)}"
        try:
            value = self._validate(trial, [*self.overrides, *drawn])
        except RunLockedError:
            return  # another process has it
        except PrunedError:
            self.study.tell(trial, state=TrialState.PRUNED)
            log.info("%s: ended early", title)
        except Exception as error:
            self.study.tell(trial, state=TrialState.FAIL)
            if isinstance(error, UserError) and not self._trials(TrialState.COMPLETE, TrialState.PRUNED):
                raise  # nothing has worked so far; every trial would fail alike
            log.error("%s: failed: %s", title, first_line(error))
        else:
            self.study.tell(trial, value)
            log.info("%s: %s %.4f", title, self.monitor, value)

    def _validate(self, trial: Trial, overrides: Sequence[str]) -> float:
        """The monitored validation metric, or its mean over folds; pruning compares trials after each fold."""
        path = self._path(trial.number)
        if self.folds is None:
            return self._run(overrides, path, trial, lambda row: self._report_epoch(trial, row))
        values: list[float] = []
        for fold in range(self.folds):
            values.append(self._run([*overrides, *_fold_overrides(self.folds, fold)], path / f"fold-{fold}", trial))
            self._report(trial, fold, sum(values) / len(values))
        return sum(values) / len(values)

    def _run(
        self, overrides: Sequence[str], path: Path, trial: Trial, on_epoch: Callable[[Metrics], None] = lambda row: None
    ) -> float:
        composed = compose(overrides)
        raise_together(check(composed))
        folder = RunFolder(path)
        if folder.status():
            composed.config.resume = str(path)
        path.mkdir(parents=True, exist_ok=True)
        membership = Membership(self.name, ", ".join(as_override(*item) for item in trial.params.items()))
        with log_to_file(folder.log, "emotionart"):  # the console shows one line per trial
            return validate(composed, path, membership=membership, on_epoch=on_epoch)

    def _report_epoch(self, trial: Trial, row: Metrics) -> None:
        """Reports an epoch to the study, and prunes an unpromising trial."""
        if self.monitor in row:
            self._report(trial, int(row["epoch"]), row[self.monitor])

    def _report(self, trial: Trial, step: int, value: float) -> None:
        if step not in self.study.trials[trial.number].intermediate_values:
            trial.report(value, step)
        if trial.should_prune():
            raise PrunedError(f"{value:.4g} at step {step + 1} is worse than the median of earlier trials")

    def report_best(self) -> int:
        """Reports the best trial; exit code 0, or 1 if none was completed."""
        complete = sorted(self._trials(TrialState.COMPLETE), key=lambda trial: trial.value or 0.0)
        if self.study.direction is optuna.study.StudyDirection.MAXIMIZE:
            complete.reverse()
        pruned, failed = len(self._trials(TrialState.PRUNED)), len(self._trials(TrialState.FAIL))
        log.info("%d complete · %d ended early · %d failed", len(complete), pruned, failed)
        if not complete:
            return 1
        for trial in complete[:_SHOWN]:
            log.info("%12.4f  %s", trial.value, "  ".join(as_override(*item) for item in trial.params.items()))
        best = complete[0]
        anew = shlex.join([*self.overrides, *(as_override(*item) for item in best.params.items())])
        again = RunFolder(self._path(best.number)).resume_command if self.folds is None else f"python train.py {anew}"
        log.info("chosen on validation; nothing was tested. To test the best: %s", again)
        log.info("all trials: %s/trials.csv", self.folder)
        return 0

    def _trials(self, *states: TrialState) -> list[FrozenTrial]:
        return self.study.get_trials(states=list(states))

    def _path(self, number: int) -> Path:
        return self.folder / f"trial-{number:04d}"
