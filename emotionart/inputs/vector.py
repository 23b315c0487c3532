"""Hand-engineered features of colour, texture and brightness as what a model eats."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from emotionart.data.artworks import Artworks
from emotionart.data.pictures.decode import MEMORY, load_picture
from emotionart.data.pictures.fit import Fit
from emotionart.data.pictures.store import Key, open_store
from emotionart.data.pictures.views import parse_view
from emotionart.errors import UserError
from emotionart.features.colour import LANDMARKS, ColourDifference
from emotionart.features.texture import HardSoft, Similarity
from emotionart.features.vectors import (
    FEATURES_VERSION,
    FeatureSettings,
    compute,
    describe_extractor,
    feature_names,
)
from emotionart.inputs.feature_table import require_sets
from emotionart.inputs.representation import PreparedInputs
from emotionart.inputs.stored import stored_inputs
from emotionart.networks.heads import Standardise

_BATCH = 64


class VectorRepresentation:
    """Named numbers of each picture, computed from the whole of it, whatever the size that it is shown at.

    Args:
        features: names of feature sets, such as ["cvfc13"] or ["cvfc13", "tamura"].
        similarity: of a picture to the texture maps.
        hard_soft: where the hard-soft value of a texture feature comes from.
        colour_difference: between a picture's colours and a landmark palette.
        landmarks: palettes; None takes all.
    """

    size = 64
    fit: Fit = "squash"  # of the pictures that are shown

    def __init__(
        self,
        features: Sequence[str],
        similarity: Similarity,
        hard_soft: HardSoft,
        colour_difference: ColourDifference,
        landmarks: Sequence[str] | None,
    ) -> None:
        require_sets(features, "model.features")
        self.sets = list(features)
        chosen = tuple(landmarks) if landmarks is not None else tuple(LANDMARKS)
        self.settings = FeatureSettings(similarity, hard_soft, colour_difference, chosen)
        self.names = feature_names(self.sets, self.settings)

    @property
    def shape(self) -> tuple[int, ...]:
        """(number of features,)."""
        return (len(self.names),)

    def describe(self) -> dict[str, Any]:
        """Kind, names, and how they are computed; a run on an older version's numbers is refused by them."""
        settings = {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self.settings).items()
        }
        return {"kind": "features", "version": FEATURES_VERSION, "names": list(self.names), "settings": settings}

    def features(self) -> dict[str, Any]:
        """Names, and how they are computed."""
        return self.describe()

    @contextmanager
    def prepare(
        self, artworks: Artworks, views: Sequence[str], random: Callable[..., Any] | None, cache: Path
    ) -> Iterator[PreparedInputs]:
        """Stored features of all artworks, computed from their files where they are missing.

        Raises:
            UserError: for random augmentation, since features are computed once for each of a finite list of views.
        """
        if random is not None:
            raise UserError(
                "Features are computed once, so views must be finite: no random augmentation.",
                where="augment.random",
                fix="augment=none",
            )
        image = dict(zip(artworks.picture, artworks.image, strict=True))
        view_of = {view: parse_view(view) for view in views}

        def one(keys: list[Key]) -> list[NDArray[np.float32]]:
            with MEMORY.held():
                picture = load_picture(Path(image[keys[0][0]]))
                return [compute(view_of[view](picture), self.sets, self.settings) for _, view in keys]

        def compute_batch(keys: Sequence[Key]) -> list[NDArray[np.float32]]:
            by_picture = [list(same) for _, same in groupby(keys, key=itemgetter(0))]
            return [np.stack([row for rows in pool.map(one, by_picture) for row in rows])]

        with (
            open_store(cache, "-".join(self.sets), describe_extractor(self.sets, self.settings), self.shape) as store,
            ThreadPoolExecutor(os.cpu_count()) as pool,
        ):
            yield stored_inputs([store], artworks, views, compute_batch, _BATCH)

    def input_transform(self) -> nn.Module:
        """Standardisation with statistics that are still to be loaded."""
        return Standardise(torch.zeros(self.shape), torch.ones(self.shape))

    def encode(self, files: Sequence[bytes]) -> Tensor:
        """Features (B, D) of new pictures."""

        def one(file: bytes) -> NDArray[np.float32]:
            with MEMORY.held():
                return compute(load_picture(file), self.sets, self.settings)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            rows = list(pool.map(one, files))
        return torch.from_numpy(np.stack(rows))
