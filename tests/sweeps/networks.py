"""Networks that cannot be made, or that give no logits."""

import signal
from typing import NoReturn

from torch import nn


def raises(in_shape: tuple[int, ...], num_classes: int, hidden: object, dropout: float) -> NoReturn:
    raise RuntimeError("this network is broken")


def exhausts(in_shape: tuple[int, ...], num_classes: int, hidden: object, dropout: float) -> NoReturn:
    raise MemoryError("no memory for this network")


def stops(in_shape: tuple[int, ...], num_classes: int, hidden: object, dropout: float) -> None:
    signal.raise_signal(signal.SIGTERM)


class Unchanged(nn.Identity):
    def __init__(self, **parameters: object) -> None:
        super().__init__()
