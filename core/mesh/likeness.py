"""How alike two surfaces are: chamfer distance and F-score (Knapitsch et al., 2017)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.mesh.fuse import library
from core.mesh.values import Surface

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Likeness:
    """Distances in the unit of the surfaces.

    `accuracy`: from the surface made to the true one, on average; `completeness`: the other way.
    `precision` and `recall`: parts of both that are nearer than the threshold.
    """

    accuracy: float
    completeness: float
    precision: float
    recall: float

    @property
    def chamfer(self) -> float:
        """The mean of both ways."""
        return (self.accuracy + self.completeness) / 2

    @property
    def f_score(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def likeness(
    made: Surface, true: Surface, made_points: Array, true_points: Array, near: float
) -> Likeness:
    """How near `made_points` [M, 3] of `made` are to `true`, and `true_points` [N, 3] to `made`.

    `near`: the threshold. Raises `Unavailable` where open3d is missing.
    """
    there, back = distances(made_points, true), distances(true_points, made)
    return Likeness(
        float(there.mean()),
        float(back.mean()),
        float((there < near).mean()),
        float((back < near).mean()),
    )


def distances(points: Array, surface: Surface) -> Array:
    """How far each of `points` [N, 3] is from the nearest place of `surface`."""
    o3d = library()
    scene = o3d.t.geometry.RaycastingScene(nthreads=1)
    scene.add_triangles(
        o3d.core.Tensor(np.ascontiguousarray(surface.vertices, np.float32)),
        o3d.core.Tensor(np.ascontiguousarray(surface.faces.astype(np.uint32))),
    )
    found = scene.compute_distance(
        o3d.core.Tensor(np.ascontiguousarray(points, np.float32)), nthreads=1
    )
    return np.asarray(found.numpy(), np.float64)
