"""Networks that cannot be made."""

from typing import NoReturn


def raises(in_shape: tuple[int, ...], num_classes: int, hidden: object, dropout: float) -> NoReturn:
    raise RuntimeError("this network is broken")


def exhausts(in_shape: tuple[int, ...], num_classes: int, hidden: object, dropout: float) -> NoReturn:
    raise MemoryError("no memory for this network")
