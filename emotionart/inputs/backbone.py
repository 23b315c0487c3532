"""Pretrained networks as input representations: frozen with stored features, or fine-tuned."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from emotionart.data.artworks import Artworks
from emotionart.data.pictures.decode import load_batch
from emotionart.data.pictures.fit import Fit
from emotionart.data.pictures.store import FeatureStore, Key, open_store
from emotionart.data.pictures.views import parse_view
from emotionart.errors import UserError
from emotionart.inputs.precision import Precision, resolve_precision
from emotionart.inputs.pretrained import freeze_before, load_pretrained, needed_tensors
from emotionart.inputs.representation import PreparedInputs, pixel_inputs
from emotionart.inputs.stored import stored_inputs
from emotionart.networks.backbone import Backbone, by_modules
from emotionart.networks.depth import weights_by_layer
from emotionart.networks.fine_tuning import TrainedBackbone
from emotionart.networks.heads import Standardise
from emotionart.networks.input_transform import InputTransform
from emotionart.networks.layers import choose_layers
from emotionart.networks.normalise import NormalisePixels
from emotionart.networks.pooling import Pool, as_pool
from emotionart.networks.pretrained.libraries import InputFormat, input_format, published_weights
from emotionart.networks.pretrained.weights import weights_digest
from emotionart.ranges import Channels, Deviations, Side

_VERSION = 4  # version of the computation of features: a change invalidates stored ones
_CALIBRATING = 256  # training artworks, about, on which the features of a trained network are standardised

BATCH = 32
"""Pictures that a frozen network computes at a time; always the same, since the number affects the last bits."""


class BackboneRepresentation:
    """Features of a network of torchvision or timm.

    Args:
        name: name of the network; of timm also with a tag (vit_base_patch16_clip_224.openai), which names its weights,
            or hf_hub:OWNER/NAME.
        source: library of the network.
        weights: "auto" (published weights, or random ones with a warning if they are unavailable), "imagenet"
            (published weights or an error), the library's name of weights (IMAGENET1K_FEATURES), "random", or the path
            of a `.safetensors` or `.pth` file, which may lack weights after the layer; None if a checkpoint with all
            weights will be loaded.
        layer: layer whose output is taken, or several, whose outputs are concatenated; "pyramid" for the last grid at
            each of the strides 4 to 32; None for the last grid, or a transformer's pooled tokens.
        pool: pooling of grids: "mean" over space (or True), "mean+std", or "grid" for none (or False).
        size: side of the picture in pixels; None for the library's default, as for `mean` and `std`.
        mean, std: mean and standard deviation of the channels, after division by `scale`.
        scale: divisor of the pixels (0 to 255).
        precision: precision in which features are computed; "auto" is bfloat16 if the processor supports it.
        fit: how to make a new picture square.
        freeze: "all" computes features once and stores them; "none" trains the whole network; "until:<layer>" trains
            the layer and all layers after it.
    """

    def __init__(
        self,
        name: str,
        source: Literal["torchvision", "timm"],
        weights: str | None,
        layer: str | Sequence[str] | None,
        pool: Pool | bool,
        size: Side | None,
        mean: Channels | None,
        std: Deviations | None,
        scale: Annotated[float, Field(gt=0)],
        precision: Precision,
        freeze: str,
        fit: Fit,
    ) -> None:
        self.freeze = freeze
        self.pool = as_pool(pool)
        self.scale, self.fit = float(scale), fit
        self.precision = resolve_precision(precision)
        loaded = load_pretrained(name, source, weights, "model.backbone", layer, size)
        self.name, self.source = loaded.name, source
        self.loaded, self.digest, self._used_digest = loaded.weights, loaded.digest, loaded.used_digest
        network = self._whole = loaded.network if freeze == "all" else copy.deepcopy(loaded.network)
        named = loaded.weights if loaded.weights in published_weights(self.name, source) else None
        explicit = bool(size and mean and std)
        own = InputFormat(224, (0.0,) * 3, (1.0,) * 3) if explicit else input_format(self.name, source, network, named)
        self.size = size or own.size
        self.mean, self.std = ([float(value) for value in values] for values in (mean or own.mean, std or own.std))
        try:
            self.layers = choose_layers(network, layer, self.size)
            self.network = Backbone(network, source, self.layers, self.pool).eval()
        except ValueError as error:
            raise UserError(f"{self.name}: {error}.", where="model.backbone.layer") from None

    def by_modules(self, backbone: Backbone) -> Backbone:
        """A copy of `network`, or of one that is trained, in which every layer can be hooked: see `by_modules`."""
        return by_modules(backbone, self._whole, self.size)

    @property
    def in_bfloat16(self) -> bool:
        """Whether classifiers see features in bfloat16: stored ones, from a frozen network."""
        return self.freeze == "all" and self.precision == "bfloat16"

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Shape of the features of one picture: (C, h, w) or (D,)."""
        try:
            return self.network.output_shape(self.size)
        except ValueError as error:
            raise UserError(
                f"{self.name}: {error}.",
                where="model.backbone.layer",
                fix="model.backbone.layer=null   for the last grid alone, or model.backbone.pool=mean",
            ) from None

    def describe(self) -> dict[str, Any]:
        """The resolved settings: network, weights, layers, size, precision; and the version of the computation."""
        frozen = self.freeze == "all"
        return {
            "kind": "frozen backbone" if frozen else "trained backbone",
            **self.features(),
            "weights": self.loaded,
            "weights_digest": self.digest,
            "precision": self.precision,
            "version": _VERSION,
            "shape": list(self.shape),
            "frozen_parameters": sum(weight.numel() for weight in self.network.parameters()) if frozen else 0,
        }

    def features(self) -> dict[str, Any]:
        """Network, weights, layers and input format."""
        return self._features_of(list(self.layers) if len(self.layers) > 1 else next(iter(self.layers), None))

    def _features_of(self, layer: str | list[str] | None) -> dict[str, Any]:
        return {
            "name": self.name,
            "source": self.source,
            "weights": self._used_digest,
            "layer": layer,
            "pool": self.pool,
            "size": self.size,
            "fit": self.fit,
            "mean": self.mean,
            "std": self.std,
            "scale": self.scale,
        }

    def extractors(self) -> list[dict[str, Any]]:
        """For each layer, everything besides picture and view that its stored features depend on.

        This includes only the weights up to the layer, so it does not depend on which other layers are used.
        """
        return [
            {
                **self._features_of(layer),
                "weights": weights_digest(self._whole, needed_tensors(self.name, self.source, layer)),
                "precision": self.precision,
                "version": _VERSION,
            }
            for layer in self.layers or (None,)
        ]

    @contextmanager
    def prepare(
        self,
        artworks: Artworks,
        views: Sequence[str],
        random: Callable[..., Any] | None,
        cache: Path,
        devices: Sequence[torch.device] = (),
    ) -> Iterator[PreparedInputs]:
        """Stored features of all artworks, with missing ones computed; or pictures, if the network is trained.

        Raises:
            UserError: for random augmentation with a frozen backbone, which needs a finite number of views.
        """
        if self.freeze != "all":
            yield PreparedInputs(*pixel_inputs(artworks, views, random), self._to_train(artworks))
            return
        if random is not None:
            raise UserError(
                "A frozen backbone's features are computed once, so its views must be finite: no random augmentation.",
                where="augment.random",
                fix="augment=study   or model.freeze=none",
            )
        row = dict(zip(artworks.picture, artworks.row, strict=True))
        view_of = {view: parse_view(view) for view in views}

        def read(batch: Sequence[Key]) -> NDArray[np.uint8]:
            return np.stack([view_of[view](artworks.pixels[row[picture]]) for picture, view in batch])

        first, *others = devices or (_default_device(),)
        networks = [(self.network, first), *((self._copy(), device) for device in others)]
        computes = [partial(self._extract, network, device) for network, device in networks]
        with self.open_stores(cache) as stores:
            yield stored_inputs(stores, artworks, views, read, computes, BATCH)

    @contextmanager
    def open_stores(self, cache: Path) -> Iterator[list[FeatureStore]]:
        """Opens the store of each layer, which is shared by all runs that use the layer."""
        shapes = self.network.output_shapes(self.size)
        with ExitStack() as opened:
            yield [
                opened.enter_context(open_store(cache, self.name, extractor, shape, self.precision))
                for extractor, shape in zip(self.extractors(), shapes, strict=True)
            ]

    def input_transform(self) -> InputTransform:
        """Standardisation with statistics to be loaded, or the network if it is trained."""
        standardise = Standardise(torch.zeros(self.shape[0]), torch.ones(self.shape[0]))
        if self.freeze == "all":
            return standardise
        return TrainedBackbone(
            NormalisePixels(self.mean, self.std, self.scale),
            self.network,
            standardise,
            [] if self.freeze == "none" else freeze_before(self._whole, self.freeze.removeprefix("until:")),
            self._layers(),
        )

    def _to_train(self, artworks: Artworks) -> InputTransform:
        """The network to train; the features of several layers are standardised on some training artworks.

        Layers differ in scale by orders of magnitude, so that a random head would hear only the loudest.
        """
        transform = self.input_transform()
        if not (isinstance(transform, TrainedBackbone) and transform.trained_layers()):
            what = f"Nothing would be trained: the features are those of {', '.join(self.layers) or 'the last layer'}."
            raise UserError(what, where=f"model.freeze={self.freeze}", fix="an earlier layer, or model.freeze=none")
        if len(self.layers) > 1:
            rows = artworks.row[artworks.indices("train")]
            rows = rows[:: max(len(rows) // _CALIBRATING, 1)]
            network = self._copy()  # inference turns weights into tensors without gradients
            batches = np.split(rows, range(BATCH, len(rows), BATCH))
            parts = [self._extract(network, _default_device(), artworks.pixels[batch]) for batch in batches]
            transform.standardise = Standardise.of(_joined(parts))
        return transform

    def _copy(self) -> Backbone:
        return copy.deepcopy(self.network).eval()  # a copy of what torch.fx has traced is in training mode

    def _layers(self) -> list[list[nn.Parameter]]:
        """The weights that the features depend on, by layer from the input."""
        used = needed_tensors(self.name, self.source, self.layers or None)
        unused = {id(weight) for name, weight in self._whole.named_parameters() if not used.get(name, True)}
        return [[weight for weight in layer if id(weight) not in unused] for layer in weights_by_layer(self._whole)]

    def encode(self, files: Sequence[bytes]) -> Tensor:
        """Features of new pictures, in batches of the same size as for stored ones; or pictures, if it is trained."""
        pictures = load_batch(files, self.size, self.fit)
        if self.freeze != "all":
            return torch.from_numpy(pictures)
        parts = [self.extract(pictures[start : start + BATCH]) for start in range(0, len(pictures), BATCH)]
        return _joined(parts)

    def extract(self, pictures: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """Features (n, *shape) of each layer for n pictures, at most one batch, which is padded to its full size."""
        return self._extract(self.network, _default_device(), pictures)

    @torch.inference_mode()
    def _extract(
        self, network: Backbone, device: torch.device, pictures: NDArray[np.uint8]
    ) -> list[NDArray[np.float32]]:
        normalise = NormalisePixels(self.mean, self.std, self.scale).to(device)
        network = network.to(device).to(memory_format=torch.channels_last)
        padded = np.zeros((BATCH, *pictures.shape[1:]), dtype=np.uint8)
        padded[: len(pictures)] = pictures
        batch = torch.from_numpy(padded)
        if device.type == "cuda":
            batch = batch.pin_memory()
        with torch.autocast(device.type, torch.bfloat16, enabled=self.precision == "bfloat16"):
            features = network.by_layer(
                normalise(batch.to(device, non_blocking=True)).contiguous(memory_format=torch.channels_last)
            )
        # Some layers (layer normalisation) still output float32; stored and fresh features must be equal.
        dtype = getattr(torch, self.precision)
        return [part[: len(pictures)].to(dtype).float().cpu().numpy() for part in features]


def _default_device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _joined(batches: Sequence[Sequence[NDArray[np.float32]]]) -> Tensor:
    """(n, C, ...) features of n pictures in batches, with the channels of all layers."""
    return torch.from_numpy(np.concatenate([np.concatenate(layers, axis=1) for layers in batches]))
