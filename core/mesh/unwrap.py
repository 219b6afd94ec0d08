"""A surface cut open and laid flat, by xatlas: the only file that imports it."""

from dataclasses import dataclass

import numpy as np

from core.errors import Unavailable
from core.mesh.values import Floats, Surface

PADDING = 3  # texels between two pieces
COARSER = 0.3  # times as many texels along a length, for what is behind


@dataclass(frozen=True, eq=False)
class Flattened:
    """`surface` with vertices doubled along cuts, `uvs` [V, 2] in [0, 1], picture's size."""

    surface: Surface
    uvs: Floats
    width: int
    height: int


def flattened(surface: Surface, size: int, behind: Surface | None = None) -> Flattened:
    """Cut `surface` into pieces that lie flat in a picture about `size` texels wide.

    What is `behind` it becomes part of it, with coarser texels. Raises `Unavailable` where xatlas
    is missing.
    """
    try:
        import xatlas
    except ImportError as error:
        raise Unavailable(
            "Meshes cannot be textured: xatlas is not installed.",
            hint="Run: pip install xatlas. Until then, export splats (PLY, SPZ, GLB).",
        ) from error
    places = surface.vertices
    if behind is not None:
        places = np.concatenate([places, COARSER * behind.vertices])
        surface = surface.followed_by(behind)
    atlas = xatlas.Atlas()
    atlas.add_mesh(places, surface.faces.astype(np.uint32), surface.normals)
    packing = xatlas.PackOptions()
    packing.resolution = size
    packing.padding = PADDING
    packing.bilinear = True
    atlas.generate(xatlas.ChartOptions(), packing)
    source, faces, uvs = atlas[0]
    opened = Surface(surface.vertices[source], surface.normals[source], faces.astype(np.int32))
    return Flattened(opened, uvs.astype(np.float32), int(atlas.width), int(atlas.height))
