"""Every generator can play against every discriminator."""

import itertools

import pytest
import torch

from emotionart.config.compose import compose
from emotionart.config.validate import check
from emotionart.errors import UserError
from emotionart.gan.build import build_gan
from emotionart.gan.step.discriminator_input import DiscriminatorInput
from emotionart.run.data import build_representation

SMALL = {
    "fc": ["{player}.width=1"],
    "deconv": ["{player}.width=2"],
    "resize_conv": ["{player}.width=2"],
    "cnn": ["{player}.width=2"],
    "fastgan": ["{player}.width=2"],
    "r3gan": ["{player}.width=2", "{player}.group_width=2", "{player}.blocks=1"],
    "projected": [
        "{player}.width=4", "{player}.channels=[4,4,4,4]", "{player}.backbone.name=test_resnet",
        "{player}.backbone.weights=random", "{player}.backbone.size=64",
    ],
}  # fmt: skip
"""Overrides that make a player small."""

GENERATORS = ["fc", "deconv", "resize_conv", "fastgan", "r3gan"]
DISCRIMINATORS = ["fc", "cnn", "projected", "r3gan"]


def pair(generator: str, discriminator: str) -> list[str]:
    """Overrides of a small pair."""
    players = {"generator": generator, "discriminator": discriminator}
    return [
        *(f"{player}={name}" for player, name in players.items()),
        *(override.format(player=player) for player, name in players.items() for override in SMALL[name]),
    ]


@pytest.mark.parametrize(
    ("model", "generator", "discriminator"),
    [
        *(("gan", *names) for names in itertools.product(GENERATORS, DISCRIMINATORS)),
        ("acgan", "fastgan", "projected"),
        ("acgan", "r3gan", "r3gan"),
        ("acgan", "fc", "projected"),
    ],
)
def test_every_pair_learns_from_a_batch(model: str, generator: str, discriminator: str) -> None:
    more = ["model.condition.projection=true"] if model == "acgan" else []
    asked = [f"model={model}", "model.representation.size=16", "model.latent=8", "model.r1=0", *more]
    composed = compose([*asked, *pair(generator, discriminator)])
    assert not check(composed)
    config = composed.config
    counts = [3, 5] if model == "acgan" else None
    gan = build_gan(config, build_representation(config).input_transform(), counts)
    torch.manual_seed(0)
    stored = torch.randint(0, 256, (4, 16, 16, 3), dtype=torch.uint8)
    gan.calibrate(stored)
    real = DiscriminatorInput(gan.pictures(stored), torch.tensor([0, 1, 1, 0]) if counts else None)
    with torch.no_grad():
        fake = gan.generate(4)
    gan.discriminator_loss(real, fake, 100_000, penalised=False)[0].backward()
    learnt = [weight for name, weight in gan.discriminator.named_parameters() if not name.endswith(("bias", "0"))]
    assert any(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in learnt)
    assert all(
        torch.isfinite(weight.grad).all() for weight in gan.discriminator.parameters() if weight.grad is not None
    )
    gan.discriminator.zero_grad()
    gan.discriminator.requires_grad_(False)
    gan.generator_loss(real, 100_000).backward()
    assert sum(weight.grad.abs().sum() for weight in gan.generator.parameters() if weight.grad is not None) > 0
    assert all(weight.grad is None or not weight.grad.any() for weight in gan.discriminator.parameters())


def test_the_presets_are_what_they_are_named_for() -> None:
    config = compose(["model=gan_projected"]).config
    assert (config.model.loss, config.model.cutout, config.model.r1, config.model.ema_ramp) == ("hinge", 0.2, 0, 0.05)
    assert (config.optimizer.lr_generator, config.optimizer.lr_discriminator) == (2e-4, 2e-4)
    assert config.discriminator.backbone.name == "tf_efficientnet_lite0"
    assert config.generator.skip_excitation
    config = compose(["model=gan_projected", "generator=resize_conv", "optimizer=adam_gan"]).config
    assert (config.generator.upsampling, config.optimizer.lr_generator) == ("resize", 1e-3)
    config = compose(["model=r3gan", "batch_size=64"]).config
    assert (config.model.loss, config.model.penalty_every) == ("relativistic", 1)
    assert config.model.r1 == config.model.r2 == pytest.approx(0.0002 * 64 * 64 / 64)


def test_what_the_frozen_network_cannot_be_is_told() -> None:
    for overrides, message in (
        (["discriminator.backbone.name=test_resnett"], "discriminator.backbone.name"),
        (["discriminator.backbone.weights=nowhere.pth"], "discriminator.backbone.weights=nowhere.pth"),
        (["discriminator.backbone.layers=[layer9]"], "the network has no layer 'layer9', but layer4, layer3, layer2"),
        (["model.r1=1"], "model.r1=0 model.r2=0"),
    ):
        config = compose(["model=gan_projected", *pair("fastgan", "projected"), *overrides]).config
        with pytest.raises(UserError) as caught:
            build_gan(config, build_representation(config).input_transform())
        assert message in str(caught.value)
