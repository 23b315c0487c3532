"""A training epoch of `train.py` takes at most 1.10 times as long as a bare PyTorch loop over the same pictures.

Both train the same shallow network on the same uint8 pictures in the same batches, without random augmentation. The
difference is Lightning, the loader and the metrics. Epochs of both alternate in one process, and CPU time is measured,
so that other load on the machine matters little.
"""

import logging
import statistics
import time
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.plugins.precision import Precision
from torch.nn import functional as F

from emotionart.classifier.build import build_classifier
from emotionart.classifier.module import Classifier
from emotionart.config.compose import compose
from emotionart.config.instantiate import instantiate
from emotionart.data.loader import ArtworkDataset, PixelInputs, load_batches
from emotionart.data.pictures.views import parse_views
from emotionart.draws import draw_seed
from emotionart.run.data import build_representation
from emotionart.run.training.callbacks import StepwiseSeed
from emotionart.run.training.checkpoint import Description

ARTWORKS, SIZE, BATCH, ROUNDS = 4_000, 64, 32, 7


def classifier() -> Classifier:
    config = compose([]).config
    pixels = build_representation(config)
    return build_classifier(
        config,
        pixels.shape,
        pixels.input_transform(),
        Description("classifier", {}, {}, {}, {}, tuple("abcd"), (1_000,) * 4),
        optimizer=instantiate(config.optimizer),
        scheduler=instantiate(config.scheduler),
    )


def lightning_epoch(model: Classifier, pixels: np.ndarray, labels: np.ndarray) -> float:
    ids = [str(number) for number in range(len(pixels))]
    one_hot = np.eye(4, dtype=np.float32)[labels]
    rows = np.arange(len(pixels))
    inputs = PixelInputs(pixels, rows, parse_views(["identity"]), None)
    dataset = ArtworkDataset(inputs, rows, ids, one_hot, labels, views=1, seed=0)
    return timed_epoch(model, load_batches(dataset, BATCH, seed=0, workers=0))


class Clock(pl.Callback):
    """Measures the CPU seconds of an epoch without the trainer's set-up."""

    seconds = 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.start = time.process_time()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.seconds = time.process_time() - self.start


def timed_epoch(model: pl.LightningModule, batches: Any, precision: Precision | None = None) -> float:
    """CPU seconds of an epoch in a run's trainer, without files and progress bars; None stands for float32."""
    trainer = pl.Trainer(
        max_epochs=1,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[StepwiseSeed(0), clock := Clock()],
        plugins=[precision] if precision else [],
    )
    trainer.fit(model, batches)
    return clock.seconds


def bare_epoch(model: Classifier, pixels: torch.Tensor, labels: torch.Tensor) -> float:
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-4)
    model.train()
    start = time.process_time()
    order = torch.randperm(len(pixels), generator=torch.Generator().manual_seed(draw_seed(0)))
    for rows in order.split(BATCH):
        loss = F.cross_entropy(model(pixels[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return time.process_time() - start


def main() -> None:
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (ARTWORKS, SIZE, SIZE, 3), dtype=np.uint8)
    labels = generator.integers(0, 4, ARTWORKS)
    ours, bare = classifier(), classifier()
    times = [
        (lightning_epoch(ours, pixels, labels), bare_epoch(bare, torch.from_numpy(pixels), torch.from_numpy(labels)))
        for _ in range(ROUNDS)
    ]
    ratio = statistics.median(mine / other for mine, other in times[1:])
    print(f"epoch of {ARTWORKS} pictures at {SIZE} px, batches of {BATCH}, {torch.get_num_threads()} threads")
    print(
        f"ours {statistics.median(t[0] for t in times):.2f} s, bare loop {statistics.median(t[1] for t in times):.2f} s"
    )
    print(f"ratio {ratio:.2f} (aim: at most 1.10), median of {ROUNDS - 1} alternating pairs")


if __name__ == "__main__":
    main()
