"""On a GPU, no training step may wait for a number that Python reads back."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from emotionart.config.compose import compose
from emotionart.gan.build import build_gan, build_optimizers
from emotionart.gan.step.discriminator_input import DiscriminatorInput
from emotionart.run.data import build_representation
from tests.gan.test_build import pair


class Waits(TorchDispatchMode):
    """Counts the operations for which a GPU would have to wait: numbers that Python reads from tensors."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        if func.overloadpacket.__name__ in ("_local_scalar_dense", "nonzero", "is_nonzero", "equal"):
            self.seen.append(str(func))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    ("model", "generator", "discriminator", "more"),
    [
        ("gan", "resize_conv", "cnn", ["model.r2=0.1", "model.adaptive=true"]),
        ("gan", "resize_conv", "cnn", ["model.r2=0.1", "model.loss=relativistic"]),
        ("gan_projected", "fastgan", "projected", ["generator.noise=true"]),
        ("gan_projected", "fastgan", "projected", ["model.loss=relativistic"]),
        ("acgan", "resize_conv", "cnn", []),
        ("acgan", "fastgan", "projected", ["model.r1=0", "model.loss=hinge", "model.condition.projection=true"]),
        ("acgan", "r3gan", "r3gan", ["model.r2=0.1", "model.loss=relativistic"]),
        ("r3gan", "r3gan", "r3gan", []),
    ],
)
def test_no_step_waits_for_a_number(model: str, generator: str, discriminator: str, more: list[str]) -> None:
    size = ["model.representation.size=16", "model.latent=8"]
    config = compose([f"model={model}", *size, *pair(generator, discriminator), *more]).config
    counts = [3, 5] if model == "acgan" else None
    gan = build_gan(config, build_representation(config).input_transform(), counts, build_optimizers(config))
    optimizers = gan.configure_optimizers()
    real = DiscriminatorInput(torch.randn(4, 3, 16, 16), torch.tensor([0, 1, 1, 0]) if counts else None)
    images = 10_000
    with Waits() as waits:
        if gan.schedule:
            gan.schedule.steer(optimizers, images)
        value, logits = gan.discriminator_loss(real, gan.generate(4), images, penalised=True)
        value.backward()
        if gan.adaptive:
            gan._adapt(logits)
        value = gan.generator_loss(real, images)
        value.backward()
        weights = [weight.grad for weight in gan.generator.parameters() if weight.grad is not None]
        gan.record.add("g", value, torch.nn.utils.get_total_norm(weights))
        gan._update_average(4, images)
    assert waits.seen == []
    with waits:
        float(value.detach())
    assert len(waits.seen) == 1
