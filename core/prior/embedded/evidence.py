"""What photos say of a picture nobody took: brought into its view, and how well they fit."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import grid_sample, normalize

from core.geometry.camera import project, unproject
from core.prior.protocol import Draft, PosedPhoto
from core.render.render import NEAR

SAME_DEPTH = 0.05  # in proportion: so near to a photo's surface is on it
WIDE = 0.5  # rad between two rays: a unit of what is told of angles


@dataclass(frozen=True, eq=False)
class Evidence:
    """The pictures that a pixel can be taken from, and what speaks for each.

    `choices` [1 + K, 3, H, W] in [0, 1]: the draft, then K photos in its view, black where they
    do not show it. `valid` [K, H, W] in {0, 1}; `angle` [K, H, W] rad between the rays; `apart`
    [K, H, W]: how far the photo's surface is from the draft's, in proportion.
    """

    choices: Tensor
    valid: Tensor
    angle: Tensor
    apart: Tensor
    draft: Draft


def evidence(draft: Draft, count: int) -> Evidence:
    """Of `draft` and its `count` nearest photos; where there are fewer, nothing is shown."""
    points = unproject(draft.depth, draft.view)
    own = normalize(points - draft.view.centre().to(points), dim=-1)
    found = [_brought(draft, photo, points, own) for photo in draft.photos[:count]]
    blank = torch.zeros_like(draft.alpha)
    none = (blank.expand(3, *blank.shape), blank, blank, blank)
    found += [none] * (count - len(found))
    colors, valid, angle, apart = (torch.stack(column) for column in zip(*found, strict=True))
    choices = torch.cat([draft.color.permute(2, 0, 1)[None], colors])
    return Evidence(choices, valid, angle, apart, draft)


def _brought(
    draft: Draft, photo: PosedPhoto, points: Tensor, own: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Colours [3, H, W], where they count, angle and distance of surfaces [H, W]."""
    camera = photo.view.camera
    pixels, z = project(points, photo.view)
    size = torch.tensor([camera.width, camera.height]).to(pixels)
    there = 2 * pixels / size - 1
    inside = (z > NEAR) & (there.abs() < 1).all(dim=-1) & (draft.depth > 0)
    there = torch.where(inside[..., None], there, 0.0)
    apart = torch.zeros_like(z)
    if photo.depth is not None:
        shown = photo.depth[None, None]
        near = grid_sample(shown, there[None], mode="nearest", align_corners=False)[0, 0]
        apart = torch.where(inside & (near > 0), (z - near) / z, 0.0)
        inside = inside & (near > 0)
    valid = (inside & (apart.abs() < SAME_DEPTH)).to(z)
    picture = photo.color.permute(2, 0, 1)[None]
    color = grid_sample(picture, there[None], padding_mode="border", align_corners=False)[0]
    rays = normalize(points - photo.view.centre().to(points), dim=-1)
    angle = torch.arccos((rays * own).sum(dim=-1).clamp(-1, 1))
    return color * valid, valid, angle * valid, apart.clamp(-1, 1)
