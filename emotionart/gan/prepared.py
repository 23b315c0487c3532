"""What a GAN's training starts from: artworks, the untrained networks, and what they are measured on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from emotionart.config.trust import own_sources
from emotionart.data.artworks import Artworks
from emotionart.data.datamodule import EndlessBatches
from emotionart.draws import artwork_keys, draw
from emotionart.gan.build import build_gan, build_optimizers
from emotionart.gan.evaluate import require_enough
from emotionart.gan.features import Features, build_features, mark_leaks
from emotionart.gan.generation.sampler import read_gan
from emotionart.gan.health.observe import RealPictures
from emotionart.gan.module import GAN
from emotionart.gan.reference import ReferenceClassifier, load_reference_classifier, require_classes
from emotionart.gan.start import start_from
from emotionart.inputs.representation import Representation
from emotionart.run.context import RunContext
from emotionart.run.data import build_endless_data, build_generated, build_inputs, build_representation
from emotionart.run.length import reports_and_steps
from emotionart.run.training.checkpoint import LAST, Description

_HELD_OUT, _TRAINING = 256, 2_048  # maximum numbers of pictures that the GAN's are compared with


@dataclass(frozen=True)
class Prepared:
    """The prepared parts of a GAN's run.

    Attributes:
        representation: representation of the pictures.
        artworks: artworks of all parts.
        data: training batches.
        gan: untrained GAN.
        real, heldout: some pictures of the training and of the validation split.
        judge: classifier that labels generated pictures; None for none.
        features: features on which generated and real pictures are compared; None for none.
        reports: number of reports.
    """

    representation: Representation
    artworks: Artworks
    data: EndlessBatches
    gan: GAN
    real: RealPictures
    heldout: RealPictures
    judge: ReferenceClassifier | None
    features: Features | None
    reports: int

    @property
    def selection_features(self) -> Features | None:
        """The features that select the best checkpoint; None without any, or if they leak."""
        return None if self.features is None or self.features.leaks else self.features


@contextmanager
def prepare(context: RunContext) -> Iterator[Prepared]:
    """Prepares a run; its inputs are open in the block.

    Raises:
        UserError: if data, judge, features or networks do not fit together.
    """
    config = context.config
    judge = load_reference_classifier(config)  # a mistake in its folder is told before any data are read
    if config.start is not None and not (context.folder.checkpoints / LAST).exists():
        read_gan(Path(config.start))
    representation = build_representation(config)
    artworks = build_generated(config, representation.size)
    context.record_data(artworks)
    with build_inputs(config, representation, artworks) as inputs:
        reports, steps = reports_and_steps(config.model.images, config.model.report_every, config.batch_size)
        data = build_endless_data(config, artworks, inputs, steps)
        counts = None
        if config.model.condition is not None:
            counts = np.bincount(artworks.label[artworks.indices("train")], minlength=len(artworks.classes)).tolist()
        if judge and counts:
            require_classes(judge, artworks.classes)
        features = build_features(config) or (judge.features() if judge else None)
        if features:
            require_enough(config, [len(artworks.indices(part)) for part in ("test", "train")])
        real, heldout = (
            some_pictures(artworks, part, most, counts)
            for part, most in (("train", _TRAINING), ("validation", _HELD_OUT))
        )
        gan = build_gan(config, inputs.input_transform, counts, build_optimizers(config))
        if config.start is not None and not (context.folder.checkpoints / LAST).exists():
            start_from(gan, Path(config.start))
        gan.calibrate(torch.from_numpy(real.pixels[:_HELD_OUT]))
        gan.description = Description(
            kind="gan",
            config=context.resolved,
            representation=representation.describe(),
            features=representation.features(),
            sources=own_sources(context.resolved),
            classes=tuple(artworks.classes) if counts else (),
            counts=tuple(counts or ()),
        )
        if features:
            frozen = gan.seen_through.digest if gan.seen_through else None
            features = mark_leaks(features, frozen, chosen=bool(config.model.features))
        yield Prepared(representation, artworks, data, gan, real, heldout, judge, features, reports)


def some_pictures(
    artworks: Artworks, part: str, count: int | None, counts: Sequence[int] | None = None
) -> RealPictures:
    """At most `count` pictures of a part (None: all), chosen by their ids; with classes if there are class counts."""
    members = artworks.indices(part)
    chosen = members[np.argsort(draw(artwork_keys(artworks.id[members]), 0))][:count]
    return RealPictures(artworks.pixels[artworks.row[chosen]], artworks.label[chosen] if counts else None)
