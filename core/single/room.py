"""The empty room of a scene of one photo, as its project remembers it: for meshes of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.capture.reconstruction import Reconstruction
from core.geometry.planes import Plane
from core.scene.fill.faces import Face
from core.segment.labels import BACKGROUND, Role, SceneObject

KEY = "room"  # in the details of a reconstruction


@dataclass(frozen=True, eq=False)
class Room:
    """`planes`: the floor and then walls, capture frame, their normals to the camera; none where
    depth was told, for then its surfaces are where that has them.

    `floor`: the object that is the floor, or None.
    """

    planes: tuple[Plane, ...]
    floor: int | None = None

    @property
    def ids(self) -> frozenset[int]:
        """The objects that are parts of it."""
        return frozenset({BACKGROUND} if self.floor is None else {BACKGROUND, self.floor})


def remembered(faces: Sequence[Face]) -> dict[str, object]:
    """What a reconstruction of one photo says of its room, for `Reconstruction.details`.

    `faces`: the floor and walls that all lies on, none where depth was told.
    """
    return {KEY: [[*face.plane.normal.tolist(), float(face.plane.offset)] for face in faces]}


def room_of(reconstruction: Reconstruction | None, objects: Iterable[SceneObject]) -> Room | None:
    """The room that `reconstruction` remembers; None of one that is of more than one photo, or of
    an older version."""
    told = None if reconstruction is None else reconstruction.details.get(KEY)
    if not isinstance(told, list):
        return None
    try:
        rows = np.array(told, np.float64).reshape(len(told), 4)
    except (ValueError, TypeError):
        return None
    floor = next((each.id for each in objects if each.role is Role.FLOOR), None)
    return Room(tuple(Plane(row[:3], float(row[3])) for row in rows), floor)
