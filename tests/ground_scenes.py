"""The sample capture's room as points and Gaussians with true labels, read from what drew it."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.geometry.rotation import quat_facing
from core.geometry.sh import sh_from_color

Array = NDArray[np.float64]
Ids = NDArray[np.int64]
SAMPLE = Path(__file__).resolve().parents[1] / "resources" / "sample"
DEPTH = 2.4  # metres from the cameras to the table, about the median of what they see
SEED = 7  # of the sample's room
COARSER = 2.0  # than the texels of the sample's light: points some 3 cm apart


@cache
def surfaces() -> tuple[Array, Array, Ids, Array]:
    """Points [P, 3] on all that stands in the room, metres, normals, ids, colours [P, 3]."""
    from resources.room.light import spread
    from resources.room.scene import furnished

    patches = furnished(SEED).patches
    texels = spread(patches, COARSER)
    labels = np.array([patch.label for patch in patches])
    colors = np.stack([patch.material.picture.reshape(-1, 3).mean(axis=0) for patch in patches])
    own = texels.owner
    points, normals = texels.points.astype(np.float64), texels.normals.astype(np.float64)
    return points, normals, labels[own], colors[own] / 255


def names() -> dict[str, int]:
    """The ids of the room's objects."""
    listed = json.loads((SAMPLE / "objects.json").read_text(encoding="utf-8"))
    return {name: int(label) for label, name in listed.items()}


def cameras(width: int = 160) -> list[View]:
    """The twelve true places of the sample's photos, through a lens that does not bend."""
    facts = json.loads((SAMPLE / "cameras.json").read_text(encoding="utf-8"))
    fx, fy, cx, cy = facts["lens"]["params"][:4]
    camera = Pinhole(640, 480, fx, fy, cx, cy).resized(width, width * 3 // 4)
    poses = [torch.tensor(each["camera_from_scene"]) for each in facts["photos"]]
    return [View(camera, pose.float()) for pose in poses]


def discs(chosen: NDArray[np.bool_], wide: float = 0.02) -> Gaussians:
    """Opaque discs of `wide` metres on the `chosen` points of the room's surfaces."""
    points, normals, ids, colors = (column[chosen] for column in surfaces())
    n = len(points)
    sh = torch.zeros(n, 1, 3)
    sh[:, 0] = sh_from_color(torch.from_numpy(colors).float())
    return Gaussians(
        means=torch.from_numpy(points).float(),
        quats=quat_facing(torch.from_numpy(normals).float()),
        log_scales=torch.tensor([wide, wide, 0.1 * wide]).log().repeat(n, 1),
        logit_opacity=torch.full((n,), 4.0),
        sh=sh,
        object_id=torch.from_numpy(ids),
    )
