"""A scene of one photo whose depth is known: its floor, its walls, and everything where it is."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.geometry.camera import Pinhole, View, unproject
from core.geometry.planes import Plane
from core.scene.fill.faces import Face, find_faces, first_faces
from core.scene.floor import Floor, FloorSource, find_floor
from core.single.depth import Estimate
from core.single.diorama import Diorama, Marked
from core.single.outline import far_wall_ahead
from core.single.standing import Footing, Standing

BEHIND = 1.05  # times the farthest that is known: what closes the scene
LOWEST = 1.0  # percent of the points: below it they count as noise
FEWEST = 50  # pixels of floor whose normals tell which way is up
AGREED = 0.8  # length of the median of unit normals: a shorter one is of no plane


def floor_normal(estimate: Estimate, marked: Marked) -> NDArray[np.float64] | None:
    """The unit normal [3], camera frame, that a network tells of what masks call floor, or None."""
    if estimate.normals is None:
        return None
    own = estimate.normals[np.isin(marked.labels, marked.floors)].astype(np.float64)
    own = own[np.linalg.norm(own, axis=1) > 0.5]
    if len(own) < FEWEST:
        return None
    middle = np.median(own, axis=0)
    length = float(np.linalg.norm(middle))
    return np.asarray(middle / length) if length > AGREED else None


def relief(
    depth: NDArray[np.float32], marked: Marked, focal: float, up: NDArray[np.float64]
) -> Diorama:
    """Of a photo with z = `depth` [H, W], 0 where unknown; `up` [3], camera frame, is roughly up.

    The floor is fitted to what masks call floor, or else to the lowest large level plane; walls are
    upright planes. Pixels of unknown depth lie on these.
    """
    tall, wide = depth.shape
    camera = Pinhole(wide, tall, focal, focal, wide / 2, tall / 2)
    places = unproject(torch.from_numpy(depth).double(), View(camera, torch.eye(4))).numpy()
    known = depth > 0
    floor_pixels = np.isin(marked.labels, marked.floors)
    reach = float(np.median(depth[known]))
    some = places[known][:: max(1, int(known.sum()) // 40_000)]
    found = find_floor(some, places[known & floor_pixels], reach, up=up)
    if found.source is FloorSource.ASSUMED:  # no floor is seen: below all that is
        found = Floor(Plane(up, -float(np.percentile(some @ up, LOWEST))))
    world = np.eye(4)
    ground = found.capture_from_ground()
    world[:3, :3], world[:3, 3] = ground.rotation, ground.translation
    room = (places - ground.translation) @ ground.rotation
    things = np.isin(marked.labels, marked.things)
    rest = known & ~things
    centre = -world[:3, :3].T @ world[:3, 3]
    level = Floor(Plane(np.array([0.0, 1.0, 0.0]), 0.0))
    points = room[rest][:: max(1, int(rest.sum()) // 40_000)]
    faces = find_faces(points, np.zeros(len(points), np.int64), level, centre[None], reach)
    ahead = room[known] - centre
    view = world[2, :3] * [1, 0, 1]
    farthest = float(np.percentile(ahead @ (view / np.linalg.norm(view)), 99))
    faces = (*faces, Face(far_wall_ahead(view, BEHIND * farthest), 0))
    rays = unproject(
        torch.ones(tall, wide, dtype=torch.float64), View(camera, torch.eye(4))
    ).numpy()
    first, times = first_faces(faces, centre, (rays @ ground.rotation).reshape(-1, 3))
    shown = np.where(known, depth, times.reshape(tall, wide)).astype(np.float32)
    stood = {
        id_: Standing(
            id_,
            Footing.FLOOR,
            np.where(marked.labels == id_, shown, 0).astype(np.float32),
            np.zeros((0, 2), np.int64),
        )
        for id_ in marked.things
        if (marked.labels == id_).any()
    }
    face = first.reshape(tall, wide).astype(np.int64)
    return Diorama(world, faces, face, stood, frozenset(), floor_pixels, shown)
