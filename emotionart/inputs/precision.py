"""Numerical precision of networks."""

from __future__ import annotations

from typing import Literal

import torch

Precision = Literal["auto", "float32", "bfloat16"]


def resolve_precision(precision: Precision) -> Literal["float32", "bfloat16"]:
    """The precision to use; "auto" is bfloat16 if the GPU, or without one the processor, supports it.

    Older GPUs, which only emulate it, would be slower in it than in float32.
    """
    if precision != "auto":
        return precision
    if torch.cuda.is_available():
        able = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        able = torch.cpu._is_avx512_bf16_supported()
    return "bfloat16" if able else "float32"
