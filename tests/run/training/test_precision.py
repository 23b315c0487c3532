from pathlib import Path

import pytest
import torch
from pytorch_lightning.plugins.precision import MixedPrecision, Precision
from torch import Tensor, nn
from torch.nn import functional as F

from emotionart.config.compose import compose
from emotionart.networks.gan.r3gan import Resample
from emotionart.run.folder import RunFolder
from emotionart.run.training.precision import CPUMixedPrecision, FastConvolutions
from emotionart.run.training.trainer import build_trainer

GRID = torch.randn(2, 6, 9, 9, generator=torch.Generator().manual_seed(0))


class Named(nn.Conv2d):
    def forward(self, grid: Tensor) -> Tensor:
        return F.conv2d(input=grid, weight=self.weight, bias=self.bias, stride=self.stride, groups=self.groups)


def in_mixed_precision(layer: nn.Module) -> tuple[Tensor, Tensor]:
    """The output of a layer and the gradient of its input, as a training step gets them."""
    grid = GRID.to(torch.bfloat16).requires_grad_()
    with CPUMixedPrecision("bf16-mixed", "cpu").forward_context():
        output = layer(grid)
    (gradient,) = torch.autograd.grad(output, grid, torch.ones_like(output))
    return output.detach(), gradient


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(6, 6, 3, stride=2, groups=6),
        nn.Conv2d(6, 12, 3, stride=(1, 2), padding=1, groups=6, bias=False),
        nn.ConvTranspose2d(6, 6, 3, stride=2, groups=6),
        Resample(up=True),
        Resample(up=False),
        Named(6, 6, 3, stride=2, groups=6),
    ],
    ids=["halved", "in one direction", "doubled", "doubled by R3GAN", "halved by R3GAN", "by named arguments"],
)
def test_strided_depthwise_convolutions_are_computed_in_float32(layer: nn.Module) -> None:
    rounded = GRID.to(torch.bfloat16)
    grid = rounded.float().requires_grad_()
    exact = layer(grid)
    output, gradient = in_mixed_precision(layer)
    assert output.dtype == gradient.dtype == torch.bfloat16
    assert torch.equal(output, exact.to(torch.bfloat16))
    (expected,) = torch.autograd.grad(exact, grid, torch.ones_like(exact))
    assert torch.equal(gradient, expected.to(torch.bfloat16))


@pytest.mark.parametrize(
    "layer",
    [nn.Conv2d(6, 6, 3, groups=6), nn.Conv2d(6, 4, 3, stride=2), nn.Conv2d(6, 6, 3, stride=2, groups=3)],
    ids=["no stride", "dense", "groups of two"],
)
def test_other_convolutions_are_computed_in_bfloat16(layer: nn.Module) -> None:
    expected = F.conv2d(
        GRID.to(torch.bfloat16), layer.weight.to(torch.bfloat16), layer.bias.to(torch.bfloat16),
        layer.stride, layer.padding, layer.dilation, layer.groups,
    )  # fmt: skip
    assert torch.equal(in_mixed_precision(layer)[0], expected)


def test_float64_stays_float64() -> None:
    layer = nn.Conv2d(6, 6, 3, stride=2, groups=6).double()
    with CPUMixedPrecision("bf16-mixed", "cpu").forward_context():
        assert torch.equal(layer(GRID.double()), F.conv2d(GRID.double(), layer.weight, layer.bias, 2, groups=6))


def test_nothing_changes_without_mixed_precision() -> None:
    layer = nn.Conv2d(6, 6, 3, stride=2, groups=6)
    with FastConvolutions():
        assert layer(GRID).dtype == torch.float32
        assert layer.to(torch.bfloat16)(GRID.to(torch.bfloat16)).dtype == torch.bfloat16


@pytest.mark.parametrize(("precision", "plugin"), [("bf16-mixed", CPUMixedPrecision), ("32-true", Precision)])
def test_a_run_on_the_cpu_trains_with_it(tmp_path: Path, precision: str, plugin: type) -> None:
    config = compose(["logger=none", "trainer.accelerator=cpu", f"trainer.precision={precision}"]).config
    trainer = build_trainer(config, RunFolder(tmp_path), [], lambda _: [])
    assert type(trainer.precision_plugin) is plugin
    assert isinstance(trainer.precision_plugin, MixedPrecision) == (precision == "bf16-mixed")
    assert trainer.precision == precision
