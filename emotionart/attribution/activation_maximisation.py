"""Class model visualisation (Simonyan, Vedaldi and Zisserman 2013): the picture that maximises a class's logit."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.transforms.functional import gaussian_blur

from emotionart.attribution.network import undisturbed

_RATE = 0.05  # learning rate of Adam, in log odds of the picture


@dataclass(frozen=True)
class Regularisers:
    """Regularisers that keep a class visualisation from becoming noise.

    Args:
        l2: λ of the penalty λ ‖I − mean‖², in logits per mean squared pixel (0 to 1).
        jitter: maximum random shift in pixels, drawn in each step.
        scale: maximum random enlargement or reduction, 0.1 for 10 %.
        rotate: maximum random rotation in degrees.
        blur: standard deviation in pixels of the Gaussian that smooths each step.
        fourier: whether to optimise Fourier coefficients with equalised frequencies instead of pixels (Olah,
            Mordvintsev and Schubert 2017).
    """

    l2: float = 5.0
    jitter: int = 4
    scale: float = 0.1
    rotate: float = 5.0
    blur: float = 0.5
    fourier: bool = True


NONE = Regularisers(l2=0.0, jitter=0, scale=0.0, rotate=0.0, blur=0.0, fourier=False)
ALL = Regularisers()


def ablations() -> dict[str, Regularisers]:
    """No regulariser, each one alone, and all of them."""
    alone = {name: replace(NONE, **{name: getattr(ALL, name)}) for name in vars(ALL)}
    return {"none": NONE, **alone, "all": ALL}


def class_model_visualisation(
    network: nn.Module,
    classes: Tensor,
    mean: Tensor,
    size: int,
    regularisers: Regularisers = ALL,
    steps: int = 128,
    advance: Callable[[int], None] = lambda _: None,
    start: Tensor | None = None,
) -> Tensor:
    """Pictures (T, 3, size, size) in 0..1 that maximise the logit of each class minus λ ‖I − mean‖².

    All classes form one batch. In evaluation mode pictures are independent, and the random transformations are drawn
    once per step with a fixed seed, so each picture is the same as if computed alone.

    Args:
        network: maps pictures (B, 3, H, W) in 0..1 to logits (B, K); it is not changed.
        classes: (T,) class indices.
        mean: (3, 1, 1) mean of the data.
        size: side in pixels.
        regularisers: see `Regularisers`.
        steps: steps of Adam.
        advance: called with 1 after each step.
        start: (T, 3, size, size) initial pictures in 0..1; None for the mean.
    """
    generator = torch.Generator().manual_seed(0)
    initial = torch.logit((mean if start is None else start).clamp(0.02, 0.98))
    canvas = (_Fourier if regularisers.fourier else _Pixels)(len(classes), size, mean)
    optimiser = torch.optim.Adam([canvas.values], lr=_RATE)
    with undisturbed(network):
        for _ in range(steps):
            pictures = torch.sigmoid(initial + _smoothed(canvas(), regularisers.blur))
            logits = network(_transformed(pictures, regularisers, generator)).gather(1, classes[:, None])
            penalty = regularisers.l2 * ((pictures - mean) ** 2).mean((1, 2, 3))
            (canvas.values.grad,) = torch.autograd.grad(penalty.sum() - logits.sum(), canvas.values)
            optimiser.step()
            advance(1)
    return torch.sigmoid(initial + _smoothed(canvas(), regularisers.blur)).detach()


class _Pixels:
    """Pictures (T, 3, size, size) parametrised by their pixels, initially zero."""

    def __init__(self, count: int, size: int, like: Tensor) -> None:
        self.values = like.new_zeros(count, 3, size, size).requires_grad_()

    def __call__(self) -> Tensor:
        return self.values


class _Fourier:
    """Pictures (T, 3, size, size) parametrised by Fourier coefficients, scaled by 1/f like natural spectra."""

    def __init__(self, count: int, size: int, like: Tensor) -> None:
        self.size = size
        rows, columns = torch.fft.fftfreq(size)[:, None].to(like), torch.fft.rfftfreq(size).to(like)
        # Scaled so that a step changes a pixel about as much as in `_Pixels`.
        self.weight = math.sqrt(size) / torch.hypot(rows, columns).clamp_min(1 / size)
        self.values = like.new_zeros(count, 3, size, size // 2 + 1, 2).requires_grad_()

    def __call__(self) -> Tensor:
        spectrum = torch.view_as_complex(self.values) * self.weight
        picture: Tensor = torch.fft.irfft2(spectrum, s=(self.size, self.size))
        return picture


def _smoothed(values: Tensor, blur: float) -> Tensor:
    if not blur:
        return values
    width = 2 * math.ceil(3 * blur) + 1
    smooth: Tensor = gaussian_blur(values, [width, width], [blur, blur])
    return smooth


def _transformed(pictures: Tensor, regularisers: Regularisers, generator: torch.Generator) -> Tensor:
    """The pictures shifted, scaled and rotated at random, with reflection at the borders."""

    def draw() -> float:
        return float(2 * torch.rand((), generator=generator) - 1)

    size = pictures.shape[-1]
    right, down = (round(regularisers.jitter * draw()) * 2 / size for _ in range(2))
    zoom, turn = 1 + regularisers.scale * draw(), math.radians(regularisers.rotate * draw())
    if (right, down, zoom, turn) == (0, 0, 1, 0):
        return pictures
    cos, sin = math.cos(turn) / zoom, math.sin(turn) / zoom
    matrix = pictures.new_tensor([[cos, -sin, right], [sin, cos, down]]).expand(len(pictures), 2, 3)
    grid = F.affine_grid(matrix, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)


def total_variation(pictures: Tensor) -> Tensor:
    """(n,) mean absolute difference of neighbouring pixels: 0 for a flat picture, about 1/3 for noise."""
    down = (pictures[..., 1:, :] - pictures[..., :-1, :]).abs().mean((1, 2, 3))
    right = (pictures[..., :, 1:] - pictures[..., :, :-1]).abs().mean((1, 2, 3))
    return (down + right) / 2
