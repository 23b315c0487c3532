"""Search for works by a classifier's prediction, or by similarity to a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emotionart.errors import UserError, suggest
from emotionart.works.collection import Collection


class Hits(NamedTuple):
    """Results of a search, best first.

    Attributes:
        row: (m,) positions in the collection.
        score: (m,) probability of the class, or cosine of the features.
    """

    row: NDArray[np.intp]
    score: NDArray[np.float64]


def by_class(works: Collection, name: str, count: int) -> Hits:
    """At most `count` works to which the classifier assigns the highest probability of a class.

    Raises:
        UserError: for a class that the classifier does not have.
    """
    return _best(works.probabilities[:, find_class(works.classes, name)], count)


def find_class(classes: Sequence[str], name: str) -> int:
    """The index of a class, in whatever case its name is written.

    Raises:
        UserError: for a class that is not among them.
    """
    index = {own.casefold(): index for index, own in enumerate(classes)}.get(name.casefold())
    if index is None:
        raise UserError(
            f"This run has no class {name!r}; it has {', '.join(classes)}.",
            where=f"--class {name}",
            suggestions=suggest(name, classes),
        )
    return index


def by_likeness(works: Collection, features: NDArray[np.float32], count: int) -> Hits:
    """The works with the highest cosine similarity to these features.

    Args:
        works: collection to search.
        features: (D,) features of one picture, as in `works`.
        count: maximum number of results.

    Raises:
        UserError: for a classifier on pixels, which has no features.
    """
    if not works.features.shape[1]:
        raise no_features()
    return _best((works.features @ features).astype(np.float64), count)


def no_features() -> UserError:
    """The mistake that pictures are compared by a classifier on pixels."""
    return UserError(
        "This run was trained on pixels: it has no features to compare pictures by.",
        where="--like",
        fix="a run of model=transfer or model=cv_fc",
    )


def _best(score: NDArray[np.float64], count: int) -> Hits:
    row = np.argsort(-score, kind="stable")[:count]
    return Hits(row, score[row])
