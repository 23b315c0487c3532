"""Reproducible noise: a random generator for each purpose."""

from __future__ import annotations

from enum import IntEnum

import torch

from emotionart.draws import draw_seed


class Purpose(IntEnum):
    """Purposes of a run's noise, so that no two share their draws. Each value is part of the results: keep it."""

    SAMPLES = 0
    MONITOR = 1
    INTERPOLATIONS = 2
    EVALUATION = 3
    QUALITY = 4
    DIRECTION = 5
    CENTRE = 1 << 31


def noise_generator(seed: int, purpose: int) -> torch.Generator:
    """A random generator determined by a seed and a purpose.

    Args:
        seed: seed of a run, or of a series of pictures.
        purpose: a `Purpose` of the run; for a series, the number of the picture.
    """
    return torch.Generator().manual_seed(draw_seed(seed, purpose))
