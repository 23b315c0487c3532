"""Time and memory of a GAN's training step.

    python benchmarks/gan.py             # all of it
    python benchmarks/gan.py overhead    # one of: overhead, precision, memory

1. Overhead: a step takes at most 1.05 times as long as in a bare PyTorch loop with the same networks. Ours is the loop
   of a whole run: Lightning, the loader, fixed randomness, recorded losses. The bare loop has the same networks, losses
   and optimisers on pictures in memory.
2. Precision: each generator against each discriminator in bfloat16 with channels last, relative to float32.
3. Memory: activations that `experiment=portraits_gpu` keeps for the backward pass, counted on the CPU.

What is compared alternates in one process, and CPU time is measured, so that other load on the machine matters little.
"""

import argparse
import itertools
import logging
import resource
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from epoch import timed_epoch
from pytorch_lightning.plugins.precision import Precision
from torch import Tensor
from torch.nn import functional as F

from emotionart.config.compose import compose
from emotionart.data.datamodule import EndlessBatches
from emotionart.data.loader import ArtworkDataset, PixelInputs
from emotionart.data.pictures.views import parse_views
from emotionart.gan.build import build_gan, build_optimizers
from emotionart.gan.module import GAN
from emotionart.gan.step.discriminator_input import DiscriminatorInput
from emotionart.run.data import build_representation
from emotionart.run.training.precision import CPUMixedPrecision

SIZE, BATCH, STEPS, ROUNDS = 64, 32, 16, 7
WIDTHS = (16, 32, 64)
GENERATORS = ("fc", "deconv", "resize_conv", "fastgan", "r3gan")
DISCRIMINATORS = ("fc", "cnn", "projected", "r3gan")
PRECISIONS = {"32-true": Precision, "bf16-mixed": lambda: CPUMixedPrecision("bf16-mixed", "cpu")}
PAIR_STEPS, PAIR_ROUNDS = 2, 4


def gan(*overrides: str) -> GAN:
    config = compose(list(overrides)).config
    return build_gan(config, build_representation(config).input_transform(), optimizer=build_optimizers(config))


def batches(pixels: np.ndarray, steps: int) -> EndlessBatches:
    rows = np.arange(len(pixels))
    inputs = PixelInputs(pixels, rows, parse_views(["identity"]), None)
    one, zeros = np.ones((len(rows), 1), dtype=np.float32), np.zeros(len(rows), dtype=np.int64)
    dataset = ArtworkDataset(inputs, rows, map(str, rows), one, zeros, views=1, seed=0)
    return EndlessBatches(dataset, BATCH, 0, 0, steps)


def our_steps(model: GAN, pixels: np.ndarray, steps: int, precision: Callable[[], Precision] = Precision) -> float:
    return timed_epoch(model, batches(pixels, steps), precision())


def bare_steps(model: GAN, pixels: torch.Tensor, steps: int) -> float:
    generator, discriminator = model.generator.train(), model.discriminator.train()
    players = model.players
    g_adam = players.algorithm(generator.parameters(), lr=players.lr_generator)
    d_adam = players.algorithm(discriminator.parameters(), lr=players.lr_discriminator)
    start = time.process_time()
    for rows in torch.randperm(len(pixels))[: steps * BATCH].split(BATCH):
        real = pixels[rows].permute(0, 3, 1, 2) / 127.5 - 1
        discriminator.requires_grad_(True)
        with torch.no_grad():
            fake = generator(torch.randn(BATCH, model.latents.size))
        loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake)).mean()
        d_adam.zero_grad()
        loss.backward()
        d_adam.step()
        discriminator.requires_grad_(False)
        loss = F.softplus(-discriminator(generator(torch.randn(BATCH, model.latents.size)))).mean()
        g_adam.zero_grad()
        loss.backward()
        g_adam.step()
    return time.process_time() - start


def overhead(pixels: np.ndarray) -> None:
    """Compares a run's loop with the bare loop."""
    print(f"{SIZE} px, batches of {BATCH}, deconv against cnn, {torch.get_num_threads()} threads")
    for width in WIDTHS:
        ours, bare = (
            gan("model=gan_study", f"generator.width={width}", f"discriminator.width={width}") for _ in range(2)
        )
        steps = STEPS * WIDTHS[0] // width
        times = [
            (our_steps(ours, pixels, steps), bare_steps(bare, torch.from_numpy(pixels), steps)) for _ in range(ROUNDS)
        ]
        ratio = statistics.median(mine / other for mine, other in times[1:])
        rate, plain = (steps * BATCH / statistics.median(column) for column in zip(*times[1:], strict=True))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"width {width}: {rate:,.0f} images in a processor second, bare loop {plain:,.0f}; ratio {ratio:.3f} "
            f"(aim: at most 1.05), median of {ROUNDS - 1} alternating pairs; memory so far {memory:,.0f} MB"
        )


def precision(pixels: np.ndarray) -> None:
    """Compares bfloat16 with float32 for each pair, without penalties, and for R3GAN's recipe, with both."""
    recipes = {
        f"{generator} against {discriminator}": ["model=gan", "model.r1=0", *players(generator, discriminator)]
        for generator, discriminator in itertools.product(GENERATORS, DISCRIMINATORS)
    }
    print(f"{SIZE} px, batches of {BATCH}, images in a processor second, {torch.get_num_threads()} threads")
    for name, overrides in {**recipes, "model=r3gan, with R1 and R2": ["model=r3gan"]}.items():
        models = {mode: gan(*overrides) for mode in PRECISIONS}
        models["bf16-mixed"].to(memory_format=torch.channels_last)  # as `fit_gan` does
        times = [
            [our_steps(model, pixels, PAIR_STEPS, PRECISIONS[mode]) for mode, model in models.items()]
            for _ in range(PAIR_ROUNDS)
        ]
        ratio = statistics.median(full / half for full, half in times[1:])
        rates = [PAIR_STEPS * BATCH / statistics.median(column) for column in zip(*times[1:], strict=True)]
        print(f"{name}: 32-true {rates[0]:,.0f}, bf16-mixed {rates[1]:,.0f}; {ratio:.2f} times as fast", flush=True)


def players(generator: str, discriminator: str) -> list[str]:
    """Overrides of a pair; the time of a frozen network does not depend on its weights."""
    random = ["discriminator.backbone.weights=random"] if discriminator == "projected" else []
    return [f"generator={generator}", f"discriminator={discriminator}", *random]


def memory() -> None:
    """Counts what both players' steps keep for the backward pass, per picture of a batch."""
    model = gan("experiment=portraits_gpu", "data.path=-", "discriminator.backbone.weights=random")
    weights = [sum(weight.numel() for weight in part.parameters()) for part in (model.generator, model.discriminator)]
    print(f"experiment=portraits_gpu: {weights[0]:,} weights in the generator, {weights[1]:,} in the heads")
    for mode in PRECISIONS:
        few, more = kept(model, 2, mode), kept(model, 4, mode)
        generator, discriminator = ((after - before) / 2 / 1e6 for before, after in zip(few, more, strict=True))
        print(f"{mode}: {generator:.0f} MB per picture in the generator's step, {discriminator:.0f} in the other")


def kept(model: GAN, count: int, mode: str) -> tuple[int, int]:
    """Bytes that the generator's and the discriminator's step keep for `count` pictures."""
    storages: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        storages[tensor.untyped_storage().data_ptr()] = tensor  # kept alive: addresses are not used twice
        return tensor

    def total() -> int:
        found = sum(tensor.untyped_storage().nbytes() for tensor in storages.values())
        storages.clear()
        return found

    with torch.no_grad():
        fake = model.generate(count)
    real = DiscriminatorInput(torch.randn_like(fake.pictures), None)
    half = torch.autocast("cpu", torch.bfloat16, enabled=mode == "bf16-mixed")
    with half, torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model.discriminator.requires_grad_(False)
        model.generator_loss(real, 0)
        generator = total()
        model.discriminator.requires_grad_(True)
        model.discriminator_loss(real, fake, 0, penalised=False)
        return generator, total()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=[], help="overhead, precision, memory (default: all)")
    asked = parser.parse_args().parts or ["overhead", "precision", "memory"]
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    pixels = np.random.default_rng(0).integers(0, 256, (STEPS * BATCH, SIZE, SIZE, 3), dtype=np.uint8)
    if "overhead" in asked:
        overhead(pixels)
    if "precision" in asked:
        precision(pixels)
    if "memory" in asked:
        memory()


if __name__ == "__main__":
    main()
