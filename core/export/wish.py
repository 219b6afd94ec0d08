"""What is to be written: the format, which objects, and about how much room that takes."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.mesh.values import MeshSettings
from core.scene.layout import Layout

# Of what SPZ holds before it is squeezed, that is left: 0.37 of a trained scene of degree 3, 0.8 of
# noise.
SQUEEZED = 0.55
CHUNK_BYTES, CHUNK = 72, 256  # of a compressed PLY
VERTEX_BYTES, VERTICES_A_TRIANGLE = 32, 1.2  # of meshes cut open to be laid flat
TEXEL_BYTES = 0.5  # of JPEG, the marks of what is made up included
HEADER = 4096


class Format(Enum):
    """Files that can be written; the value is their suffix."""

    PLY = ".ply"
    COMPRESSED = ".compressed.ply"
    SPZ = ".spz"
    GLB = ".glb"


@dataclass(frozen=True)
class Wish:
    """`objects`: their ids, None for all. `visible`: without what the layout hides.

    Of PLY: `extras`, our own columns, and `y_down`, turned by half about x, as programs take it
    that think of cameras. Of GLB: `splats` and `meshes`, one of them or both.
    """

    objects: frozenset[int] | None = None
    visible: bool = False
    extras: bool = True
    y_down: bool = False
    splats: bool = True
    meshes: MeshSettings | None = None


def format_of(path: Path) -> Format:
    """The format that the name of `path` asks for. Raises `UserError` where it asks for none."""
    name = path.name.lower()
    for form in (Format.COMPRESSED, Format.PLY, Format.SPZ, Format.GLB):
        if name.endswith(form.value):
            return form
    raise UserError(
        f'The suffix of {path.name} names no format: "{path.suffix}".',
        hint="Export a .ply, .compressed.ply, .spz, .glb or .mp4 file.",
    )


def amount(ids: NDArray[np.int32], layout: Layout, wish: Wish) -> tuple[int, tuple[int, ...]]:
    """How many Gaussians, and which objects, `wish` asks for of those with these object `ids` [N].

    Copies count as often as they stand somewhere; what was erased is not known here and counts too.
    """
    there, counts = np.unique(ids, return_counts=True)
    rows, objects = 0, []
    for id_, count in zip(there.tolist(), counts.tolist(), strict=True):
        if wish.objects is not None and id_ not in wish.objects:
            continue
        copies = [each for each in layout.of_objects([id_]) if each.visible or not wish.visible]
        rows += count * len(copies)
        objects += [id_] if copies else []
    return rows, tuple(objects)


def estimated_bytes(
    form: Format, wish: Wish, rows: int, degree: int, object_ids: Collection[int]
) -> int:
    """About how long the file of `rows` Gaussians of colours of `degree` will be.

    `object_ids`: what is among them. Right to a few bytes for PLY and for Gaussians in GLB, to a
    third for SPZ; of meshes the most that it can be.
    """
    rest = 3 * ((degree + 1) ** 2 - 1)
    if form is Format.PLY:
        extras = (4 if any(object_ids) else 0) + 5 if wish.extras else 0
        return HEADER // 2 + rows * (4 * (17 + rest) + extras)
    if form is Format.COMPRESSED:
        return HEADER // 2 + rows * (16 + rest) + -(-rows // CHUNK) * CHUNK_BYTES
    if form is Format.SPZ:
        return HEADER // 2 + int(SQUEEZED * rows * (20 + rest))
    parts = len(object_ids)
    total = HEADER * (1 + parts)
    if wish.splats:
        total += rows * (12 + 4 + 16 + 12 + 4 + 4 * (3 + rest))
    if wish.meshes is not None:
        triangle = 12 + VERTEX_BYTES * VERTICES_A_TRIANGLE
        each = wish.meshes.triangles * triangle + wish.meshes.texture**2 * TEXEL_BYTES
        total += int(parts * each)
    return total
