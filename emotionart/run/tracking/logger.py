"""What a run tells while it lasts: to Weights & Biases, and to TensorBoard."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emotionart.config.compose import best_is
from emotionart.figures.plots import MOST_CLASSES
from emotionart.run.tracking.media import cell_image, figure_image
from emotionart.run.tracking.tensorboard import TensorBoard

if TYPE_CHECKING:
    import wandb

log = logging.getLogger(__name__)


class Logger:
    """What a run sends to W&B and to TensorBoard while it lasts; without either it keeps nothing.

    A failure of theirs is a warning and never the run's: after the first one nothing more is sent.

    Args:
        open_run: starts the run of W&B, when `start` is called or something is sent; None for `logger.mode=disabled`.
        open_board: begins the events of TensorBoard, when something is shown; None for none.

    Attributes:
        place: where the run is to be seen, once it is started.
        failure: why nothing more is sent; None while all is well.
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
        """Of the run in W&B; None before its start."""
        return self._run.id if self._run else None

    @property
    def started(self) -> bool:
        """Whether there is a run of W&B."""
        return self._run is not None

    def address(self, id: str) -> str:
        """Where another run of the same project is to be seen: "" where a run that is offline does not know its owner.

        Args:
            id: of that run.
        """
        project = self._run.settings.project_url if self._run else ""
        return f"{project}/runs/{id}" if project else ""

    def start(self) -> None:
        """Starts the run of W&B, unless that has been done, and says where it is to be seen.

        Raises:
            UserError: for names that W&B does not take.
        """
        if self._run is not None or self._open_run is None:
            return
        self._run = run = self._open_run()
        for line in self._lines:
            self.write(line)
        # W&B's own step starts from 0 when an offline run is resumed; these axes do not.
        for axis, names in (("epoch", ("train/*", "lr")), ("gan/images", ("gan/*",))):
            run.define_metric(axis)
            for name in names:
                run.define_metric(name, step_metric=axis)
        run.define_metric("val/*", step_metric="epoch", summary="none")  # the best values are its summary
        self.place = _place(run)
        log.info("W&B: %s", self.place)

    def write(self, line: str) -> None:
        """Adds a line to what W&B shows as the run's console; one from before the run's start comes with it."""
        if self._run is None:
            self._lines.append(line)
        else:
            self._send(lambda run: run.write_logs(line))

    def tag(self, name: str) -> None:
        """Adds a word by which runs are found."""

        def add(run: wandb.Run) -> None:
            run.tags = (*(run.tags or ()), name)

        self._send(add)

    def log(self, row: Mapping[str, float]) -> None:
        """Adds the metrics of one epoch to the history, and keeps the best of each validation metric as its summary.

        Args:
            row: with `epoch` and `trainer/global_step`, or `gan/images`.
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
        """Sets final values, as the runs table shows them."""
        self._show(lambda board: board.log_summary(values))
        self._send(lambda run: run.summary.update(dict(values)))

    def log_image(self, name: str, figure: Path, **axis: float) -> None:
        """Logs a picture.

        Args:
            name: under which it is shown; pictures of one name make a slider.
            figure: file of the picture.
            axis: where on it the picture lies.
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
        """Logs W&B's own confusion matrix and precision-recall curves of tested artworks; none of very many classes.

        Args:
            truth: (n,) numbers of the true classes.
            probabilities: (n, K) predicted.
            classes: names of the K classes.
        """
        if len(classes) > MOST_CLASSES:
            return

        def add(run: wandb.Run) -> None:
            import wandb

            predicted = probabilities.argmax(axis=1).tolist()
            matrix = wandb.plot.confusion_matrix(y_true=list(truth), preds=predicted, class_names=list(classes))
            curves = wandb.plot.pr_curve(list(truth), probabilities.tolist(), labels=list(classes))
            run.log({"test/confusion_matrix": matrix, "test/precision_recall": curves})

        self._send(add)

    def log_artifact(self, kind: str, name: str, files: Sequence[Path]) -> None:
        """Logs files, which nobody changes any more, as one artifact that this run has made."""
        self._send(lambda run: run.log_artifact(_artifact(kind, name, files)))

    def use_artifact(self, kind: str, name: str, files: Sequence[Path]) -> None:
        """Logs files as an artifact that this run has used; one with the same name and content is the same artifact."""
        # `run.use_artifact` does this and waits for the server, so that it refuses offline runs.
        self._send(
            lambda run: run._log_artifact(_artifact(kind, name, files), is_user_created=True, use_after_commit=True)
        )

    def finish(self, exit_code: int, *, preempted: bool = False) -> None:
        """Ends the run in W&B, after half a minute whatever has not arrived."""

        def end(run: wandb.Run) -> None:
            if preempted:
                run.mark_preempting()
            run.finish(exit_code=exit_code)

        self._send(end, always=True)

    def close_board(self) -> None:
        """Ends the events of TensorBoard, if there are any."""
        if self._board:
            self._show(lambda board: board.close())

    def _show(self, action: Callable[[TensorBoard], object]) -> None:
        if self._open_board is None:
            return
        try:
            self._board = self._board or self._open_board()
            action(self._board)
        except Exception as error:  # as of W&B
            self._open_board = None
            log.warning("TensorBoard fails (%s): nothing more is shown in it; the run does without.", error)

    def _send(self, action: Callable[[wandb.Run], object], always: bool = False) -> None:
        self.start()
        if self._run is None or (self.failure is not None and not always):
            return
        try:
            action(self._run)
        except Exception as error:  # W&B documents none, and no result may depend on them
            self.failure = f"{type(error).__name__}: {error}".partition("\n")[0]
            log.warning("W&B fails (%s): nothing more is sent to it; the run does without.", self.failure)


def _artifact(kind: str, name: str, files: Sequence[Path]) -> wandb.Artifact:
    import wandb

    artifact = wandb.Artifact(name, type=kind)
    for file in files:
        artifact.add_file(str(file), policy="immutable")  # without a copy of it
    return artifact


def _place(run: wandb.Run) -> str:
    """The address of a run, or the folder of one that is offline and the command that sends it."""
    if run.settings.mode != "offline":
        return str(run.url)
    folder = Path(run.settings.sync_dir).parent
    return f"offline, in {folder}; to send this run: wandb sync {folder}/offline-run-*-{run.id}"
