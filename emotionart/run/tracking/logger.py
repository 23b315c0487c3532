"""The logger of a run, to Weights & Biases and TensorBoard."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emotionart.config.resolvers import best_is
from emotionart.figures.classifier import MOST_CLASSES
from emotionart.run.tracking.media import cell_image, figure_image
from emotionart.run.tracking.tensorboard import TensorBoard

if TYPE_CHECKING:
    import wandb

log = logging.getLogger(__name__)

RANDOM_FEATURES = "random-features"
"""Tag of runs with a pretrained network's architecture and random weights."""


class Logger:
    """Logs a run to W&B and TensorBoard; without either it does nothing.

    Their failures are warnings and do not affect the run; after the first one, nothing more is sent.

    Args:
        open_run: starts the W&B run, on `start` or the first log entry; None for `logger.mode=disabled`.
        open_board: opens TensorBoard's event file, on the first entry; None for no TensorBoard.

    Attributes:
        place: URL of the run, or folder of an offline run, once it is started.
        failure: why nothing more is sent; None without failures.
    """

    def __init__(
        self, open_run: Callable[[], wandb.Run] | None = None, open_board: Callable[[], TensorBoard] | None = None
    ) -> None:
        self._open_run = open_run
        self._open_board = open_board
        self._board: TensorBoard | None = None
        self._run: wandb.Run | None = None
        self._best: dict[str, float] = {}
        self._lines: list[str] = []  # from before the start
        self.place = ""
        self.failure: str | None = None

    @property
    def id(self) -> str | None:
        """The id of the W&B run; None before its start."""
        return self._run.id if self._run else None

    @property
    def started(self) -> bool:
        """Whether the W&B run has been started."""
        return self._run is not None

    def address(self, id: str) -> str:
        """The URL of another run of the same project; "" for an offline run, which does not know its entity.

        Args:
            id: id of that run.
        """
        project = self._run.settings.project_url if self._run else ""
        return f"{project}/runs/{id}" if project else ""

    def start(self) -> None:
        """Starts the W&B run, unless it has been started, and logs its URL.

        Raises:
            UserError: for names that W&B refuses.
        """
        if self._run is not None or self._open_run is None:
            return
        self._run = run = self._open_run()
        for line in self._lines:
            self.write(line)
        self._send(_define_axes)
        self.place = _place(run)
        log.info("W&B: %s", self.place)

    def write(self, line: str) -> None:
        """Adds a line to the run's console log in W&B; lines from before the start are sent with it."""
        if self._run is None:
            self._lines.append(line)
        else:
            self._send(lambda run: run.write_logs(line))

    def tag(self, name: str) -> None:
        """Adds a tag to the run."""

        def add(run: wandb.Run) -> None:
            run.tags = (*(run.tags or ()), name)

        self._send(add)

    def log(self, row: Mapping[str, float]) -> None:
        """Logs the metrics of one epoch, and keeps the best value of each validation metric as its summary.

        Args:
            row: metrics, with `epoch` and `trainer/global_step`, or with `gan/images`.
        """
        for name, value in row.items():
            if name.startswith("val/") and math.isfinite(value):
                better = min if best_is(name) == "min" else max
                self._best[name] = better(value, self._best.get(name, value))

        def add(run: wandb.Run) -> None:
            run.log(dict(row))
            run.summary.update(self._best)

        self._send(add)
        self._show(lambda board: board.log(row))

    def update_summary(self, values: Mapping[str, Any]) -> None:
        """Sets final values, which the table of runs shows."""
        self._show(lambda board: board.log_summary(values))
        self._send(lambda run: run.summary.update(dict(values)))

    def log_image(self, name: str, figure: Path, **axis: float) -> None:
        """Logs a picture.

        Args:
            name: name of the picture; pictures with the same name form a slider.
            figure: picture file.
            axis: position on an axis, such as `gan/images`.
        """
        self._send(lambda run: run.log({name: figure_image(figure), **axis}))
        step = int(next(iter(axis.values()))) if axis else None
        self._show(lambda board: board.log_image(name, figure, step))

    def log_table(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Logs a table; cells that are arrays (h, w, 3) uint8 become pictures."""

        def add(run: wandb.Run) -> None:
            import wandb

            data: list[Any] = [
                [cell_image(cell) if isinstance(cell, np.ndarray) else cell for cell in row] for row in rows
            ]
            run.log({name: wandb.Table(columns=list(columns), data=data)})

        self._send(add)

    def log_charts(self, truth: Sequence[int], probabilities: NDArray[np.float64], classes: Sequence[str]) -> None:
        """Logs W&B's own confusion matrix and precision-recall curves of the test; none for very many classes.

        Args:
            truth: (n,) indices of the true classes.
            probabilities: (n, K) predicted probabilities.
            classes: names of the K classes.
        """
        if len(classes) > MOST_CLASSES:
            return

        def add(run: wandb.Run) -> None:
            import wandb

            predicted = probabilities.argmax(axis=1).tolist()
            matrix = wandb.plot.confusion_matrix(y_true=list(truth), preds=predicted, class_names=list(classes))
            # W&B takes the columns for those of the classes that occur.
            tested = probabilities[:, np.unique(truth)].tolist()
            curves = wandb.plot.pr_curve(list(truth), tested, labels=list(classes))
            run.log({"test/confusion_matrix": matrix, "test/precision_recall": curves})

        self._send(add)

    def log_artifact(self, kind: str, name: str, files: Sequence[Path]) -> None:
        """Logs final files as one output artifact of this run."""
        self._send(lambda run: run.log_artifact(_artifact(kind, name, files)))

    def use_artifact(self, kind: str, name: str, files: Sequence[Path]) -> None:
        """Logs files as an input artifact of this run; the same name and content give the same artifact."""
        # `run.use_artifact` does this too, but waits for the server and refuses offline runs.
        self._send(
            lambda run: run._log_artifact(_artifact(kind, name, files), is_user_created=True, use_after_commit=True)
        )

    def finish(self, exit_code: int, *, preempted: bool = False) -> None:
        """Ends the W&B run, after at most half a minute, even if not all data have arrived."""

        def end(run: wandb.Run) -> None:
            if preempted:
                run.mark_preempting()
            run.finish(exit_code=exit_code)

        self._send(end, always=True)

    def close_board(self) -> None:
        """Closes TensorBoard's event file, if there is one."""
        if self._board:
            self._show(lambda board: board.close())

    def _show(self, action: Callable[[TensorBoard], object]) -> None:
        if self._open_board is None:
            return
        try:
            self._board = self._board or self._open_board()
            action(self._board)
        except Exception as error:  # as for W&B
            self._open_board = None
            log.warning("TensorBoard fails (%s): nothing more is shown in it; the run does without.", error)

    def _send(self, action: Callable[[wandb.Run], object], always: bool = False) -> None:
        self.start()
        if self._run is None or (self.failure is not None and not always):
            return
        try:
            action(self._run)
        except Exception as error:  # W&B documents no exceptions, and no result may depend on them
            self.failure = f"{type(error).__name__}: {error}".partition("\n")[0]
            log.warning("W&B fails (%s): nothing more is sent to it; the run does without.", self.failure)


def _define_axes(run: wandb.Run) -> None:
    """Sets the axes of metrics: W&B's own step restarts from 0 when an offline run is resumed; these do not."""
    for axis, names in (("epoch", ("train/*", "lr")), ("gan/images", ("gan/*",))):
        run.define_metric(axis)
        for name in names:
            run.define_metric(name, step_metric=axis)
    run.define_metric("val/*", step_metric="epoch", summary="none")  # the summary holds the best values


def _artifact(kind: str, name: str, files: Sequence[Path]) -> wandb.Artifact:
    import wandb

    artifact = wandb.Artifact(name, type=kind)
    for file in files:
        artifact.add_file(str(file), policy="immutable")  # without copying the file
    return artifact


def _place(run: wandb.Run) -> str:
    """The URL of a run; for an offline run, its folder and the command that uploads it."""
    if run.settings.mode != "offline":
        return str(run.url)
    folder = Path(run.settings.sync_dir).parent
    return f"offline, in {folder}; to send this run: wandb sync {quote(str(folder))}/offline-run-*-{run.id}"
