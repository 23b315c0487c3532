"""Feature sets: their columns, names and computation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emotionart.features.brightness import hsp_brightness
from emotionart.features.colour import LANDMARKS, ColourDifference, landmark, palette_distances
from emotionart.features.colour_names import SHADES, colour_name_shares
from emotionart.features.composition import dynamics, level_of_detail, thirds
from emotionart.features.glcm import PROPERTIES, glcm_properties
from emotionart.features.hue import colourfulness, hue_statistics, saturation_and_luma
from emotionart.features.itten import CONTRASTS, itten_contrasts
from emotionart.features.picture import ReducedPicture
from emotionart.features.scales import SCALES, hard_soft, palette_scale, pleasure_arousal_dominance
from emotionart.features.tamura import coarseness, contrast, directionality
from emotionart.features.texture import HARD_SOFT, HardSoft, Similarity, texture_features
from emotionart.features.wavelet import CHANNELS, LEVELS, channel_details, depth_of_field, wavelet_energy

FEATURES_VERSION = 3
"""Must be increased with every change of a feature's values, as it is part of the store's key."""


@dataclass(frozen=True)
class FeatureSettings:
    """Settings of the vector `cvfc13`.

    Args:
        similarity: similarity to the texture maps, "stsim" or "ssim" (see `texture.similarities`).
        hard_soft: "map", "colour" or "separate" (see `texture.texture_features`).
        colour_difference: "ciede76" or "ciede2000".
        landmarks: names in `colour.LANDMARKS` of the palettes to measure distances to.

    Raises:
        ValueError: for another value, or if no palette is named or one is repeated.
    """

    similarity: Similarity = "stsim"
    hard_soft: HardSoft = "map"
    colour_difference: ColourDifference = "ciede76"
    landmarks: tuple[str, ...] = tuple(LANDMARKS)

    def __post_init__(self) -> None:
        for name, valid in (
            ("similarity", get_args(Similarity)),
            ("hard_soft", get_args(HardSoft)),
            ("colour_difference", get_args(ColourDifference)),
        ):
            if getattr(self, name) not in valid:
                raise ValueError(f"{name} is {getattr(self, name)!r}, not one of {', '.join(valid)}")
        unknown = [name for name in self.landmarks if name not in LANDMARKS]
        if unknown:
            raise ValueError(f"no landmark palette {', '.join(unknown)}; there are {', '.join(LANDMARKS)}")
        if not self.landmarks or len(set(self.landmarks)) < len(self.landmarks):
            raise ValueError("landmarks name at least one palette, each once")


@dataclass(frozen=True)
class FeatureGroup:
    """Features that are computed together.

    Attributes:
        description: one-line description.
        names: names of the columns, given the settings.
        compute: the features of a picture, in the same order.
    """

    description: str
    names: Callable[[FeatureSettings], Sequence[str]]
    compute: Callable[[ReducedPicture, FeatureSettings], ArrayLike]


def _texture_names(settings: FeatureSettings) -> list[str]:
    names = [f"texture_{name}" for name in HARD_SOFT]
    return [*names, "texture_hard_soft"] if settings.hard_soft == "separate" else names


def _texture(picture: ReducedPicture, settings: FeatureSettings) -> ArrayLike:
    hardness, _ = palette_scale(picture.palette, hard_soft)
    return texture_features(picture.luma, hardness, settings.similarity, settings.hard_soft)


def _colour(picture: ReducedPicture, settings: FeatureSettings) -> ArrayLike:
    landmarks = np.stack([landmark(name) for name in settings.landmarks])
    return palette_distances(picture.palette, landmarks, settings.colour_difference)


def _pad(picture: ReducedPicture, settings: FeatureSettings) -> ArrayLike:
    saturation, _, luma, _ = saturation_and_luma(picture.hsy)
    return pleasure_arousal_dominance(float(luma), float(saturation))


def _tamura(picture: ReducedPicture, settings: FeatureSettings) -> ArrayLike:
    return [coarseness(picture.grey), contrast(picture.luma), directionality(picture.luma)]


def _fixed(*names: str) -> Callable[[FeatureSettings], Sequence[str]]:
    return lambda settings: names


GROUPS: Mapping[str, FeatureGroup] = {
    "brightness": FeatureGroup(
        "perceived brightness (HSP)", _fixed("brightness"), lambda p, _: [hsp_brightness(p.fine)]
    ),
    "texture": FeatureGroup("similarity to four texture maps, soft to hard", _texture_names, _texture),
    "colour": FeatureGroup(
        "distance of the five dominant colours to landmark palettes",
        lambda settings: [f"palette_{name}" for name in settings.landmarks],
        _colour,
    ),
    "saturation_luma": FeatureGroup(
        "mean and standard deviation of saturation and luma",
        _fixed("saturation_mean", "saturation_sd", "luma_mean", "luma_sd"),
        lambda p, _: saturation_and_luma(p.hsy),
    ),
    "pad": FeatureGroup(
        "pleasure, arousal, dominance (Valdez and Mehrabian)", _fixed("pleasure", "arousal", "dominance"), _pad
    ),
    "hue": FeatureGroup(
        "circular mean of the hue, plain and weighted by saturation",
        _fixed(*(f"hue_{kind}_{part}" for kind in ("plain", "weighted") for part in ("cos", "sin", "length"))),
        lambda p, _: hue_statistics(p.hsy),
    ),
    "colourfulness": FeatureGroup(
        "colourfulness (Hasler and Süsstrunk)", _fixed("colourfulness"), lambda p, _: [colourfulness(p.fine)]
    ),
    "colour_names": FeatureGroup(
        "share of each of the eleven basic colour terms",
        _fixed(*(f"share_{name}" for name in SHADES)),
        lambda p, _: colour_name_shares(p.lab),
    ),
    "ou": FeatureGroup(
        "warm-cool, heavy-light, active-passive, hard-soft of the dominant colours (Ou et al.)",
        _fixed(*(f"ou_{name}_{statistic}" for name in SCALES for statistic in ("mean", "sd"))),
        lambda p, _: [value for scale in SCALES.values() for value in palette_scale(p.palette, scale)],
    ),
    "itten": FeatureGroup(
        "contrasts between the dominant colours (Itten)",
        _fixed(*(f"itten_{name}" for name in CONTRASTS)),
        lambda p, _: itten_contrasts(p.palette),
    ),
    "wavelet": FeatureGroup(
        "wavelet energy of hue, saturation and luma at three levels",
        _fixed(*(f"wavelet_{channel}_{level + 1}" for channel in CHANNELS for level in range(LEVELS))),
        lambda p, _: wavelet_energy(channel_details(p.hsy)),
    ),
    "tamura": FeatureGroup(
        "coarseness, contrast, directionality (Tamura)",
        _fixed("tamura_coarseness", "tamura_contrast", "tamura_directionality"),
        _tamura,
    ),
    "glcm": FeatureGroup(
        "co-occurrence of neighbouring grey levels (Haralick)",
        _fixed(*(f"glcm_{name}" for name in PROPERTIES)),
        lambda p, _: glcm_properties(p.grey),
    ),
    "detail": FeatureGroup(
        "level of detail: regions of one colour",
        _fixed("detail_regions", "detail_largest"),
        lambda p, _: level_of_detail(p.lab, p.palette),
    ),
    "depth_of_field": FeatureGroup(
        "low depth of field: share of the coarse detail in the middle",
        _fixed(*(f"depth_of_field_{channel}" for channel in CHANNELS)),
        lambda p, _: depth_of_field(channel_details(p.hsy)),
    ),
    "dynamics": FeatureGroup(
        "edges, and how many of them are slanted",
        _fixed("dynamics_edges", "dynamics_slanted"),
        lambda p, _: dynamics(p.luma),
    ),
    "thirds": FeatureGroup(
        "rule of thirds: colour of the middle third",
        _fixed("thirds_hue_cos", "thirds_hue_sin", "thirds_saturation", "thirds_luma"),
        lambda p, _: thirds(p.hsy),
    ),
}

_CVFC13 = ("brightness", "texture", "colour")

FEATURE_SETS: Mapping[str, tuple[str, ...]] = {
    "cvfc13": _CVFC13,
    "machajdik": tuple(name for name in GROUPS if name not in _CVFC13),
    **{name: (name,) for name in GROUPS},
}
"""Feature set -> its groups, for all names accepted by `compute`."""


def feature_groups(sets: Sequence[str]) -> tuple[str, ...]:
    """Names of the groups in these feature sets, in the given order, without repetition.

    Raises:
        ValueError: if a name is not in `FEATURE_SETS`, or none is given.
    """
    unknown = [name for name in sets if name not in FEATURE_SETS]
    if unknown:
        raise ValueError(f"no feature set {', '.join(unknown)}; there are {', '.join(FEATURE_SETS)}")
    if not sets:
        raise ValueError("no feature set is named")
    return tuple(dict.fromkeys(group for name in sets for group in FEATURE_SETS[name]))


def feature_names(sets: Sequence[str], settings: FeatureSettings = FeatureSettings()) -> tuple[str, ...]:
    """Names of the columns of `compute`; they are stable and unique.

    Raises:
        ValueError: as for `feature_groups`.
    """
    return tuple(name for group in feature_groups(sets) for name in GROUPS[group].names(settings))


def group_of(name: str) -> str:
    """The group of a column, for any settings.

    Raises:
        KeyError: if no group has such a column.
    """
    return _group_of_columns()[name]


@cache
def _group_of_columns() -> Mapping[str, str]:
    every = FeatureSettings(hard_soft="separate")
    return {column: group for group, about in GROUPS.items() for column in about.names(every)}


def describe_extractor(sets: Sequence[str], settings: FeatureSettings = FeatureSettings()) -> dict[str, object]:
    """Everything besides the picture that the result of `compute` depends on, as plain values."""
    return {"names": list(feature_names(sets, settings)), "settings": repr(settings), "version": FEATURES_VERSION}


def compute(
    picture: NDArray[np.uint8], sets: Sequence[str], settings: FeatureSettings = FeatureSettings()
) -> NDArray[np.float32]:
    """(len(feature_names(sets, settings)),) float32: features of one picture, always finite.

    On the same machine, the same picture gives bit-identical features. Mirrored horizontally or vertically, it gives
    the same features: brightness and colour exactly or up to the last bit, texture within 1e-5, except with "ssim".

    Args:
        picture: (h, w, 3) uint8, sRGB, of any size.
        sets: keys of `FEATURE_SETS`, such as ["cvfc13", "tamura"].
        settings: settings of the vector `cvfc13`.

    Raises:
        ValueError: for a picture of another shape or type, or as for `feature_groups`.
    """
    groups = feature_groups(sets)
    reduced = ReducedPicture(picture)
    return np.concatenate([np.asarray(GROUPS[g].compute(reduced, settings), np.float32) for g in groups])
