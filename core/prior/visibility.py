"""What the photos saw of each Gaussian, in closed form, and of what any view shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View, project
from core.render.rasterize import rasterize
from core.render.render import NEAR, Render
from core.train.evidence import shares_seen

# Of the depth: what lies no deeper behind the surface belongs to it. With 0.01 the photos of a
# trained drawn room would have seen 77 % of what they show, with 0.04 95 %, with 0.08 98 %.
SKIN = 0.04
SHARPNESS = 5.0  # on the surface visibility is 0.993, two skins behind it 0.007
COVERED = 0.5  # of a pixel's light: with less there is no surface


@dataclass(frozen=True, eq=False)
class Sight:
    """What views saw of N Gaussians.

    `visible` [N] in [0, 1]. `depths`: by view, z [H, W] of the surface, 0 where there is none.
    """

    visible: Tensor
    depths: tuple[Tensor, ...]


def sight(scene: Gaussians, views: Sequence[View], ignored: Sequence[Tensor | None] = ()) -> Sight:
    """How much the best of `views` saw of each Gaussian: two pictures and a gradient a view.

    DP-Recon (Ni et al., CVPR 2025, section 3.2) fits a grid G to max(T - G, 0) over all photos'
    rays; the minimum is the greatest transmittance T with which any photo reached the place.
    For Gaussians that is the share of each that a photo shows (`shares_seen`), or, since the
    many that make up one surface hide each other, the transmittance up to the surface:
    sigmoid(SHARPNESS (D + s - z) / s) for one at depth z where the photo shows the depth D,
    s = `SKIN` D. `ignored`, one [H, W] bool a view or none: pixels that saw nothing.
    """
    scene = _plain(scene)
    blind = ignored or [None] * len(views)
    visible, depths = torch.zeros_like(scene.logit_opacity), []
    with torch.no_grad():
        for view, gone in zip(views, blind, strict=True):
            depth = surface(rasterize(scene, view))
            if gone is not None:
                depth = torch.where(gone.to(depth.device), 0.0, depth)
            reached = _reached(scene.means, view, depth)
            with torch.enable_grad():
                shares = shares_seen(scene, view, None if gone is None else ~gone)
            visible = torch.maximum(visible, torch.maximum(reached, shares))
            depths.append(depth)
    return Sight(visible, tuple(depths))


def surface(render: Render) -> Tensor:
    """z [H, W] of what `render` shows, 0 where it shows mostly nothing."""
    return torch.where(render.alpha >= COVERED, render.depth, 0.0)


def visibility_picture(render: Render) -> Tensor:
    """[H, W] in [0, 1] from a `render` whose only feature is `Sight.visible`.

    V = sum of T alpha v along each ray, as in DP-Recon: 0 also where there is nothing.
    """
    assert render.features is not None
    return render.features[..., 0].clamp(0, 1)


def landed(pixels: Tensor, depth: Tensor, view: View) -> tuple[Tensor, Tensor, Tensor]:
    """Column and row [...] of `pixels` [..., 2] in the picture, and whether they lie in it.

    `depth` [...] is their z: what is nearer than anything drawn is not in the picture.
    """
    width, height = view.camera.width, view.camera.height
    x, y = pixels.unbind(-1)
    inside = (depth > NEAR) & (x >= 0) & (y >= 0) & (x < width) & (y < height)
    column = torch.where(inside, x, 0.0).long()
    return column, torch.where(inside, y, 0.0).long(), inside


def _plain(scene: Gaussians) -> Gaussians:
    """`scene` without gradients, of one grey: only its shape counts."""
    return replace(scene.map(Tensor.detach), sh=torch.zeros_like(scene.sh[:, :1]))


def _reached(means: Tensor, view: View, depth: Tensor) -> Tensor:
    """[N] in [0, 1]: whether the ray of `view` to each of `means` ends no sooner than there."""
    pixels, z = project(means, view)
    column, row, inside = landed(pixels, z, view)
    found = depth[row, column]
    skin = SKIN * found
    before = torch.sigmoid(SHARPNESS * (found + skin - z) / skin.clamp_min(1e-9))
    return torch.where(inside & (found > 0), before, 0.0)
