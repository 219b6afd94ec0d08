"""The back of an object that photos show from one side: its mirror image, as photos allow it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import UserError
from core.gaussians.arrays import SplatArrays
from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.geometry.pose import Pose
from core.progress import Progress
from core.render.rasterize import rasterize
from core.scene.additions import Addition, Kind
from core.scene.bodies import body_points
from core.scene.fill.holes import views_of
from core.scene.symmetry import Witness, completed, symmetry_plane

ALIKE = 0.6  # of an object's points with a partner: fewer, and it is not symmetric
WITHIN = 0.1  # of a pixel, that is the object: there its mirror image may be seen
FEWEST = 10


def back_completed(
    scene: Gaussians, object_id: int, views: Sequence[View], ground: Pose
) -> Iterator[Progress | Addition]:
    """What the object lacks, the `Addition` last; of no Gaussians where photos allow none.

    `scene`: capture frame; `views`: of photos; `ground`: leads to the frame whose y is up. Raises
    `UserError` where the object is not alike on both sides.
    """
    scene = scene.map(torch.Tensor.detach)
    own = scene.object_id == object_id
    thing = scene.rows(own)
    points = body_points(SplatArrays.from_gaussians(thing))
    plane, share = symmetry_plane(points, ground.rotation.T @ np.array([0.0, 1.0, 0.0]))
    if len(points) < FEWEST or share < ALIKE:
        raise UserError(
            "This object is not alike on both sides, as far as photos show it.",
            hint="Its back can be told by one more photo from there.",
        )
    photos = []
    chosen = views_of(thing.means, views)
    for k, view in enumerate(chosen):
        photos.append(witness(scene, own, view))
        yield Progress("Completing", k + 1, len(chosen) + 1)
    added = completed(thing, plane, photos)
    added = replace(added, origin=torch.full_like(added.origin, Origin.IMAGINED))
    yield Addition(Kind.BACK, (object_id,), SplatArrays.from_gaussians(added))


def witness(scene: Gaussians, own: torch.Tensor, view: View) -> Witness:
    """What a photo from `view` says of the rows `own` [N] bool of `scene`."""
    with torch.no_grad():
        render = rasterize(scene, view, features=own[:, None].to(scene.means))
    assert render.features is not None
    mask: NDArray[np.bool_] = (render.features[..., 0] > WITHIN).numpy()
    return Witness(view, mask, torch.where(render.alpha > 0.5, render.depth, 0.0))
