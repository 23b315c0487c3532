"""The units of a split: an artist's works and copies of a picture, which are kept together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from emotionart.data.tables.names import artists_of, fold_name


@dataclass(frozen=True)
class SplitKeys:
    """What keeps n artworks together in a split.

    A unit is a group, or an artwork without one; units that share near-duplicates are merged, as are the groups of
    artists with that of a list of them ("Rubens; Brueghel").

    Attributes:
        id: (n,) names of the artworks.
        group: (n,) groups to keep together, compared without case and accents; "" for none.
        cluster: (n,) numbers of near-duplicate clusters.
    """

    id: NDArray[np.object_]
    group: NDArray[np.object_]
    cluster: NDArray[np.intp]

    def take(self, rows: NDArray[np.intp]) -> SplitKeys:
        """The keys of the artworks at these positions."""
        return SplitKeys(self.id[rows], self.group[rows], self.cluster[rows])

    def units(self) -> NDArray[np.intp]:
        """(n,) numbers from 0 of the units that a split keeps together and intervals treat as one."""
        return np.unique(self._join()[0], return_inverse=True)[1].astype(np.intp)

    def named_units(self, seed: int) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
        """(n,) unit of each artwork, from 0, and (U,) name of each unit: that of its members with the smallest hash."""
        unit, names, members = self._join()
        name = np.empty(len(names), dtype=object)
        # Later assignments win, so each unit gets the name with the smallest hash.
        for index in np.argsort([-unit_hash(seed, "member", one) for one in names], kind="stable"):
            name[members[index]] = names[index]
        units, number = np.unique(unit, return_inverse=True)
        return number.astype(np.intp), name[units]

    def _join(self) -> tuple[NDArray[np.intp], list[str], NDArray[np.intp]]:
        """Joins groups and artworks that share a cluster, and groups that share an artist (`artists_of`).

        Returns:
            Unit of each artwork, distinct keys, and unit of each key.
        """
        keys = [f"group\0{fold_name(who)}" if who else f"id\0{id}" for id, who in zip(self.id, self.group, strict=True)]
        names, key = np.unique(np.array(keys, dtype=str), return_inverse=True)
        clusters, of = np.unique(self.cluster, return_inverse=True)
        count = len(names)
        groups = [
            (row, name.removeprefix("group\0")) for row, name in enumerate(names.tolist()) if name.startswith("group\0")
        ]
        artists = artists_of(name for _, name in groups)
        having = [(row, artist) for row, name in groups for artist in artists[name]]
        distinct = dict.fromkeys(who for _, who in having)
        number = {artist: count + len(clusters) + index for index, artist in enumerate(distinct)}
        rows = np.array([row for row, _ in having], dtype=np.intp)
        whose = np.array([number[artist] for _, artist in having], dtype=np.intp)
        ends = np.concatenate([key, rows]), np.concatenate([count + of, whose])
        links = coo_array((np.ones(len(ends[0])), ends), shape=(count + len(clusters) + len(number),) * 2)
        component = connected_components(links, directed=False)[1]
        return component[key], names.tolist(), component[:count]


def unit_hash(seed: int, purpose: str, name: str) -> float:
    """A number in [0, 1) from a seed, a purpose and the name of a unit (BLAKE2b)."""
    digest = hashlib.blake2b(f"{seed}\0{purpose}\0{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") / 2**64
