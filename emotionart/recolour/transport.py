"""Optimal transport between two palettes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from emotionart.features.colour import Palette


def transport_plan(palette: Palette, target: NDArray[np.float64]) -> NDArray[np.float64]:
    """(k, m): shares T_ji moved from colour j to colour i of the target, minimising Σ T_ji |c_j − p_i|² in CIELAB.

    Each target colour receives the same share, 1/m (Kantorovich's linear program; for the colours of two pictures:
    Pitié et al. 2007).

    Args:
        palette: k colours c_j with shares.
        target: (m, 3), CIELAB colours p_i.
    """
    k, m = len(palette.lab), len(target)
    cost = np.square(palette.lab[:, None] - target[None]).sum(axis=-1)
    leaving = np.kron(np.eye(k), np.ones(m))  # sums over destinations
    arriving = np.kron(np.ones(k), np.eye(m))  # sums over origins
    shares = np.concatenate([palette.weights, np.full(m, 1 / m)])
    # The last constraint follows from the others; with it, rounding could make the program infeasible.
    solved = linprog(cost.ravel(), A_eq=np.vstack([leaving, arriving])[:-1], b_eq=shares[:-1])
    plan: NDArray[np.float64] = solved.x.reshape(k, m)
    return plan


def transported(palette: Palette, target: NDArray[np.float64]) -> NDArray[np.float64]:
    """(k, 3), CIELAB: each colour's destination, the mean of its target colours (barycentric projection)."""
    plan = transport_plan(palette, target)
    moved: NDArray[np.float64] = plan @ target / plan.sum(axis=1, keepdims=True)
    return moved
