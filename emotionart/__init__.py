"""Experiments on the emotion that art evokes.

From Python: `emotionart.load_run(folder).predict(images)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from emotionart.classifier.ensemble import Ensemble
    from emotionart.classifier.predictor import Predictor

__all__ = ["load_run"]


@overload
def load_run(folder: str | Path, trust: bool = False) -> Predictor: ...  # type: ignore[overload-overlap]
@overload
def load_run(folder: Sequence[str | Path], trust: bool = False) -> Ensemble: ...
def load_run(folder: str | Path | Sequence[str | Path], trust: bool = False) -> Predictor | Ensemble:
    """The classifier trained by a run, or the ensemble of several runs, which averages probabilities.

    Args:
        folder: run folder, or a list of run folders.
        trust: whether to execute code that a run names and that is not known to be harmless.

    Raises:
        emotionart.errors.UserError: if a run cannot be loaded, names other code without `trust`, or has other classes
            than the first.
    """
    # Imported here because they import torch, which takes seconds.
    from emotionart.classifier import ensemble, predictor

    if isinstance(folder, str | Path):
        return predictor.load_run(folder, trust)
    return ensemble.load_ensemble(folder, trust)
