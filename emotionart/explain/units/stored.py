"""Mean activations from a run's feature store."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emotionart.attribution.unit_layer import UnitLayer
from emotionart.data.artworks import Artworks
from emotionart.inputs.backbone import BackboneRepresentation
from emotionart.inputs.representation import Representation


def stored_means(
    layer: UnitLayer, representation: Representation, artworks: Artworks, rows: NDArray[np.intp], cache: Path
) -> NDArray[np.float64] | None:
    """(n, U) mean activations of a layer's units on works, in the store's precision; None unless all are stored.

    Only a run on frozen features of this layer, pooled or not, has stored them. Means do not tell where a unit is
    strongest.

    Args:
        layer: layer of the units.
        representation: representation of the run.
        artworks: artworks of the run.
        rows: (n,) positions of the works.
        cache: cache folder of the run.
    """
    if not isinstance(representation, BackboneRepresentation) or representation.freeze != "all":
        return None
    names = representation.layers
    same = [layer.title == name for name in names] if len(names) > 1 else [layer.name == "trunk"]
    if not any(same):
        return None
    keys = [(picture, "identity") for picture in artworks.picture[rows]]
    with representation.open_stores(cache) as stores:
        store = stores[same.index(True)]
        if store.missing(keys):
            return None
        features = store.read(keys).astype(np.float64)
    means = features.mean(axis=(2, 3)) if features.ndim == 4 else features
    # With "mean+std", standard deviations follow the means.
    return means[:, : means.shape[1] // 2] if representation.pool == "mean+std" else means
