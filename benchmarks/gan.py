"""A GAN's training step takes at most 1.05 times as long as in a bare PyTorch loop with the same networks.

Ours is the loop of a whole run: Lightning, the loader, fixed randomness, recorded losses. The bare loop has the same
networks, losses and optimisers on pictures in memory. Both alternate in one process, and CPU time is measured, so that
other load on the machine matters little.
"""

import logging
import resource
import statistics
import time

import numpy as np
import torch
from epoch import timed_epoch
from torch.nn import functional as F

from emotionart.config.compose import compose
from emotionart.data.datamodule import EndlessBatches
from emotionart.data.loader import ArtworkDataset, PixelInputs
from emotionart.data.pictures.views import parse_views
from emotionart.gan.build import build_gan, build_optimizers
from emotionart.gan.module import GAN
from emotionart.run.data import build_representation

SIZE, BATCH, STEPS, ROUNDS = 64, 32, 16, 7
WIDTHS = (16, 32, 64)


def gan(width: int) -> GAN:
    config = compose(["model=gan_study", f"generator.width={width}", f"discriminator.width={width}"]).config
    return build_gan(config, build_representation(config).input_transform(), optimizer=build_optimizers(config))


def our_steps(model: GAN, pixels: np.ndarray, steps: int) -> float:
    rows = np.arange(len(pixels))
    inputs = PixelInputs(pixels, rows, parse_views(["identity"]), None)
    one, zeros = np.ones((len(rows), 1), dtype=np.float32), np.zeros(len(rows), dtype=np.int64)
    dataset = ArtworkDataset(inputs, rows, map(str, rows), one, zeros, views=1, seed=0)
    return timed_epoch(model, EndlessBatches(dataset, BATCH, 0, 0, steps))


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


def main() -> None:
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    pixels = np.random.default_rng(0).integers(0, 256, (STEPS * BATCH, SIZE, SIZE, 3), dtype=np.uint8)
    print(f"{SIZE} px, batches of {BATCH}, deconv against cnn, {torch.get_num_threads()} threads")
    for width in WIDTHS:
        ours, bare = gan(width), gan(width)
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


if __name__ == "__main__":
    main()
