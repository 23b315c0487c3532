"""Hand-crafted features of colour, texture and brightness as input representation."""

from __future__ import annotations

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
from torch import Tensor

from emotionart.cores import available_cores
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
from emotionart.inputs.feature_table import measure, require_sets
from emotionart.inputs.representation import PreparedInputs
from emotionart.inputs.stored import stored_inputs
from emotionart.networks.heads import Standardise
from emotionart.networks.input_transform import InputTransform

_BATCH = 64


class VectorRepresentation:
    """Named features of each picture, computed at its full size.

    Args:
        features: names of feature sets, such as ["cvfc13"] or ["cvfc13", "tamura"].
        similarity: similarity measure between a picture and the texture maps.
        hard_soft: source of the hard-soft value of texture features.
        colour_difference: colour difference between a picture's colours and landmark palettes.
        landmarks: names of the landmark palettes; None for all.
    """

    size = 64
    fit: Fit = "squash"  # for displayed pictures only

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
        """(D,), the number of features."""
        return (len(self.names),)

    def describe(self) -> dict[str, Any]:
        """Kind, names, version and settings; a run with features of an older version is refused."""
        settings = {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self.settings).items()
        }
        return {"kind": "features", "version": FEATURES_VERSION, "names": list(self.names), "settings": settings}

    def features(self) -> dict[str, Any]:
        """Kind, names, version and settings."""
        return self.describe()

    @contextmanager
    def prepare(
        self,
        artworks: Artworks,
        views: Sequence[str],
        random: Callable[..., Any] | None,
        cache: Path,
        devices: Sequence[torch.device] = (),
    ) -> Iterator[PreparedInputs]:
        """Stored features of all artworks, with missing ones computed from their files, on the CPU's cores.

        Raises:
            UserError: for random augmentation, since features are stored for a finite number of views.
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
            ThreadPoolExecutor(available_cores()) as pool,
        ):
            yield stored_inputs([store], artworks, views, list, [compute_batch], _BATCH)

    def input_transform(self) -> InputTransform:
        """Standardisation with statistics to be loaded."""
        return Standardise(torch.zeros(self.shape), torch.ones(self.shape))

    def encode(self, files: Sequence[bytes]) -> Tensor:
        """Features (B, D) of new pictures."""
        with ThreadPoolExecutor(available_cores()) as pool:
            rows = list(pool.map(lambda file: measure(file, self.sets, self.settings), files))
        return torch.from_numpy(np.stack(rows))
