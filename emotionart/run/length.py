"""The length of a run: the epochs of a classifier, or the images that a GAN sees."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from emotionart.config.composed import flat

LENGTHS = {"trainer.max_epochs": "epochs", "model.images": "images"}
"""The keys that extend a run, and the field of `result.json` that counts the same."""


def reports_and_steps(images: int, report_every: int, batch_size: int) -> tuple[int, int]:
    """The number of reports in a GAN's run of `images` images, and the training steps between two of them."""
    reports = max(1, round(images / report_every))
    return reports, math.ceil(images / (reports * batch_size))


def doubled_length(config: Mapping[str, Any], done: int) -> str | None:
    """An override that makes a finished run twice as long.

    None where a longer run would not go on as it began: its length is in steps, nothing was trained, it stopped early
    and would stop there again, a schedule ends with it, or the reports of a GAN would have come at other moments.

    Args:
        config: resolved configuration.
        done: epochs, or images, that were trained.
    """
    values = flat(config)
    key = "model.images" if "model.images" in values else "trainer.max_epochs"
    planned = values[key]
    if not planned or done < planned:
        return None
    schedules = [value for name, value in values.items() if name.startswith(("scheduler.", "model.schedule."))]
    if any(type(value) is int and value == planned for value in schedules):
        return None
    if key == "model.images":
        every, batch = values["model.report_every"], values["batch_size"]
        if len({reports_and_steps(images, every, batch)[1] for images in (planned, 2 * planned)}) > 1:
            return None
    return f"{key}={2 * planned}"
