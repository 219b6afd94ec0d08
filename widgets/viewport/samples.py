"""A fair sample of what there is to see: enough to tell how far it reaches."""

import numpy as np
from numpy.typing import NDArray

from widgets.viewport.eye import Eye

Array = NDArray[np.float64]

MOST = 20_000
EDGES = (2, 98)  # percentiles: a few splats always lie far off
NOTHING: Array = np.zeros((0, 3))


def sample(positions: NDArray[np.floating] | None) -> Array:
    """At most MOST of `positions` [N, 3], those that are numbers."""
    if positions is None:
        return NOTHING
    some = positions[:: max(1, -(-len(positions) // MOST))].astype(np.float64)
    return np.asarray(some[np.isfinite(some).all(axis=1)])


def reach(samples: Array) -> float:
    """Half the diagonal of the box that holds most of `samples`; 1 for none, or all in a place."""
    if not len(samples):
        return 1.0
    low, high = np.percentile(samples, EDGES, axis=0)
    return float(np.linalg.norm(high - low)) / 2 or 1.0


def depth_range(samples: Array, eye: Eye) -> tuple[float, float]:
    """z between which most of `samples` lie that `eye` has in its picture."""
    pixels, z = eye.project(samples)
    inside = (z > eye.near) & (pixels >= 0).all(axis=1)
    inside &= (pixels <= (eye.width, eye.height)).all(axis=1)
    if not inside.any():
        return 0.0, 1.0
    near, far = np.percentile(z[inside], EDGES)
    return float(near), float(max(far, near * 1.001))
