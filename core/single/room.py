"""The empty room of a scene of one photo, as its project remembers it: for meshes of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.capture.reconstruction import Reconstruction
from core.geometry.planes import Plane
from core.scene.fill.faces import Face
from core.segment.labels import BACKGROUND, Role, SceneObject
from core.single.standing import Footing, Standing

KEY, STANDING = "room", "standing"  # in the details of a reconstruction
ON_FLOOR = (Footing.FLOOR, Footing.BEHIND, Footing.CUT)  # where feet are, seen or not


@dataclass(frozen=True, eq=False)
class Room:
    """`planes`: the floor and then walls, capture frame, their normals to the camera; none where
    depth was told, for then its surfaces are where that has them.

    `floor`: the object that is the floor, or None. `standing`: those that stand on it, though
    their feet may be hidden.
    """

    planes: tuple[Plane, ...]
    floor: int | None = None
    standing: frozenset[int] = frozenset()

    @property
    def ids(self) -> frozenset[int]:
        """The objects that are parts of it."""
        return frozenset({BACKGROUND} if self.floor is None else {BACKGROUND, self.floor})


def remembered(faces: Sequence[Face], things: Iterable[Standing]) -> dict[str, object]:
    """What a reconstruction of one photo says of its room, for `Reconstruction.details`.

    `faces`: the floor and walls that all lies on, `things` what stands there; none where depth was
    told.
    """
    planes = [[*face.plane.normal.tolist(), float(face.plane.offset)] for face in faces]
    return {KEY: planes, STANDING: [each.object_id for each in things if each.footing in ON_FLOOR]}


def room_of(reconstruction: Reconstruction | None, objects: Iterable[SceneObject]) -> Room | None:
    """The room that `reconstruction` remembers; None of one that is of more than one photo, or of
    an older version."""
    details = {} if reconstruction is None else reconstruction.details
    told, standing = details.get(KEY), details.get(STANDING, [])
    if not isinstance(told, list) or not isinstance(standing, list):
        return None
    try:
        rows = np.array(told, np.float64).reshape(len(told), 4)
        ids = frozenset(int(each) for each in standing)
    except (ValueError, TypeError):
        return None
    floor = next((each.id for each in objects if each.role is Role.FLOOR), None)
    return Room(tuple(Plane(row[:3], float(row[3])) for row in rows), floor, ids)
