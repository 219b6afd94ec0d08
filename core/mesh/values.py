"""Meshes as they are asked for, made and written."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Faces = NDArray[np.int32]


@dataclass(frozen=True)
class MeshSettings:
    """`triangles`: the most of one object; `texture`: the most texels a side."""

    triangles: int = 20_000
    texture: int = 1024


def triangle_areas(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """[F] of triangles with `corners` [F, 3, 3], in their unit squared."""
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return np.asarray(0.5 * np.linalg.norm(across, axis=1))


@dataclass(frozen=True, eq=False)
class Surface:
    """Triangles of one object, anticlockwise as seen from outside; without colours."""

    vertices: Floats  # [V, 3] scene frame
    normals: Floats  # [V, 3] unit length
    faces: Faces  # [F, 3] rows of `vertices`

    def __len__(self) -> int:
        return len(self.faces)

    @property
    def areas(self) -> NDArray[np.float64]:
        """[F], squared scene units."""
        return triangle_areas(self.vertices[self.faces].astype(np.float64))

    def followed_by(self, other: "Surface") -> "Surface":
        """Both as one, not connected; `other`'s vertices and faces come last."""
        return Surface(
            np.concatenate([self.vertices, other.vertices]),
            np.concatenate([self.normals, other.normals]),
            np.concatenate([self.faces, other.faces + np.int32(len(self.vertices))]),
        )


@dataclass(frozen=True, eq=False)
class TexturedMesh:
    """A surface with a picture on it.

    Vertices are doubled along the seams of the picture. u and v in [0, 1], from the upper left
    corner of the picture to the right and down, as glTF has them.
    """

    surface: Surface
    uvs: Floats  # [V, 2]
    texture: NDArray[np.uint8]  # [H, W, 3] sRGB
    unseen: NDArray[np.bool_]  # [H, W]: texels that no photo shows, whose colours are made up
