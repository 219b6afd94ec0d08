"""What a scene in training shows from a new place, beside the photos nearest to it."""

from collections.abc import Sequence

import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.prior.protocol import Draft, PosedPhoto
from core.prior.visibility import Sight, surface, visibility_picture
from core.render.rasterize import rasterize


def draft_of(
    scene: Gaussians, sight: Sight, view: View, views: Sequence[View], photos: Sequence[Tensor]
) -> Draft:
    """`scene` from `view`, with `photos` [H, W, 3] in [0, 1], the nearest first, and their `views`.

    `sight`: of these very views, in this order.
    """
    with torch.no_grad():
        render = rasterize(scene, view, features=sight.visible[:, None])
    shown = tuple(
        PosedPhoto(place, photo.to(render.color), depth)
        for place, photo, depth in zip(views, photos, sight.depths, strict=True)
    )
    color, visibility = render.color.clamp(0, 1), visibility_picture(render)
    return Draft(view, color, render.alpha, surface(render), visibility, shown)
