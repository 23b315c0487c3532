"""Experiments on the emotion that art evokes.

From Python: `emotionart.load_run(folder).predict(images)`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emotionart.classifier.predictor import load_run

__all__ = ["load_run"]


def __getattr__(name: str) -> Any:
    # Imported when asked for: it brings torch, which takes seconds.
    if name == "load_run":
        from emotionart.classifier.predictor import load_run

        return load_run
    raise AttributeError(f"module 'emotionart' has no attribute {name!r}")
