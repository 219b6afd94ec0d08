"""What a scene in training shows from a new place, beside the photos nearest to it."""

from collections.abc import Sequence

import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.prior.protocol import Draft, PosedPhoto
from core.prior.visibility import Sight, surface, visibility_picture
from core.render.rasterize import rasterize

SHOWN = 0.75  # of a pixel's light: with less there is a hole


def shown(draft: Draft) -> Tensor:
    """[H, W] bool: where `draft` shows anything."""
    return draft.alpha >= SHOWN


def draft_of(
    scene: Gaussians,
    sight: Sight,
    view: View,
    views: Sequence[View],
    photos: Sequence[Tensor],
    ignored: Sequence[Tensor | None] = (),
) -> Draft:
    """`scene` from `view`, with `photos` [H, W, 3] in [0, 1], the nearest first, and their `views`.

    `sight`: of these very views, in this order, and so is `ignored`: where one [H, W] bool says
    that a photo's pixels do not count, the scene stands in their place, and no surface is known.
    """
    with torch.no_grad():
        render = rasterize(scene, view, features=sight.visible[:, None])
        shown = tuple(
            PosedPhoto(place, _counted(scene, place, photo.to(render.color), gone), depth)
            for place, photo, depth, gone in zip(
                views, photos, sight.depths, ignored or [None] * len(views), strict=True
            )
        )
    color, visibility = render.color.clamp(0, 1), visibility_picture(render)
    return Draft(view, color, render.alpha, surface(render), visibility, shown)


def _counted(scene: Gaussians, view: View, photo: Tensor, gone: Tensor | None) -> Tensor:
    """`photo`, where it is `gone` what the scene shows: nobody who walked by is imagined."""
    if gone is None:
        return photo
    drawn = rasterize(scene, view).color.clamp(0, 1)
    return torch.where(gone.to(photo.device)[..., None], drawn, photo)
