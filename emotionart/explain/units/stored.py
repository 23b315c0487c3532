"""Mean answers that a run's feature store holds already."""

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
    """Mean answers (n, U) of a layer's units to works, in the precision of the store; None unless all are stored.

    They are for a run on frozen features of this very layer, however pooled. No store holds them for networks on
    pixels, for networks that are trained (their features change), and for other layers. No pooled feature tells where a
    unit is strongest, so that the works that are shown are looked at in any case.

    Args:
        layer: the layer.
        representation: of the run.
        artworks: of the run.
        rows: (n,) positions of the works.
        cache: folder of the stores.
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
    # Deviations follow the means.
    return means[:, : means.shape[1] // 2] if representation.pool == "mean+std" else means
