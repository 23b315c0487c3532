"""Numerical precision of networks."""

from __future__ import annotations

from typing import Literal

import torch

Precision = Literal["auto", "float32", "bfloat16"]


def resolve_precision(precision: Precision) -> Literal["float32", "bfloat16"]:
    """The precision to use; "auto" is bfloat16 if the GPU, or without one the processor, supports it."""
    if precision != "auto":
        return precision
    able = torch.cuda.is_bf16_supported() if torch.cuda.is_available() else torch.cpu._is_avx512_bf16_supported()
    return "bfloat16" if able else "float32"
