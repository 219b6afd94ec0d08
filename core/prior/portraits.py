"""Pictures of one object alone: what shape it has, and what it looks like."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.geometry.rotation import matrix_from_quat
from core.render.rasterize import rasterize
from core.render.render import Render

# From the camera of CONVENTIONS to the usual one of normals: y up, z towards the eye.
TO_THE_EYE = (1.0, -1.0, -1.0)


@dataclass(frozen=True, eq=False)
class Portrait:
    """One object from one view. `picture` [1, C, H, W] in [-1, 1], with gradients.

    `sight` [2, H, W]: V as splatted, and alpha, without gradients.
    """

    picture: Tensor
    sight: Tensor
    render: Render
    view: View

    def visibility(self, side: int) -> Tensor:
        """[1, 1, side, side] in [0, 1]: how much the photos saw of what is in each pixel.

        In proportion to alpha: where an object ends V itself is low, however well it was seen.
        0 where nothing is.
        """
        seen, alpha = sized(self.sight[None], side)[0]
        share: Tensor = seen / alpha.clamp_min(1e-6)
        return share.clamp(0, 1)[None, None]


def shape_portrait(rows: Gaussians, visible: Tensor, view: View) -> Portrait:
    """Normals and alpha of `rows` [N] as four channels, of which the photos saw `visible` [N].

    As in DP-Recon (section 3.2) and Fantasia3D: normals in the camera's frame, in [0, 1] over
    black, and opacity, taken to [-1, 1]. Gradients reach means, quats, scales and opacity alone.
    """
    plain = replace(rows, sh=torch.zeros_like(rows.sh[:, :1]))
    features = torch.cat([0.5 + 0.5 * facing_normals(rows, view), visible[:, None]], dim=1)
    render = rasterize(plain, view, features=features)
    assert render.features is not None
    channels = torch.cat([render.features[..., :3], render.alpha[..., None]], dim=2)
    return _portrait(channels, render, view)


def color_portrait(
    rows: Gaussians, visible: Tensor, view: View, background: Tensor | None = None
) -> Portrait:
    """Colours of `rows` [N], of which the photos saw `visible` [N], over `background` [3].

    Gradients reach the constant coefficients of colour alone.
    """
    still = rows.map(Tensor.detach)
    sh = torch.cat([rows.sh[:, :1], still.sh[:, 1:]], dim=1)
    render = rasterize(
        replace(still, sh=sh), view, background=background, features=visible[:, None]
    )
    return _portrait(render.color, render, view)


def facing_normals(rows: Gaussians, view: View) -> Tensor:
    """[N, 3] of unit length: the shortest axis of each, on the side that `view` sees.

    x right, y up, z towards the camera.
    """
    shortest = rows.log_scales.detach().argmin(dim=1)
    axes = matrix_from_quat(rows.quats)
    normal = axes[torch.arange(len(rows), device=shortest.device), :, shortest]
    world = view.camera_from_scene.to(normal)
    turned = normal @ world[:3, :3].T
    with torch.no_grad():
        seen = rows.means @ world[:3, :3].T + world[:3, 3]
        away = (turned * seen).sum(dim=1, keepdim=True) > 0
    return torch.where(away, -turned, turned) * torch.tensor(TO_THE_EYE).to(turned)


def sized(pictures: Tensor, side: int) -> Tensor:
    """`pictures` [B, C, H, W] at `side` x `side` pixels, with gradients."""
    if pictures.shape[2:] == (side, side):
        return pictures
    return interpolate(pictures, (side, side), mode="bilinear", align_corners=False)


def _portrait(channels: Tensor, render: Render, view: View) -> Portrait:
    assert render.features is not None
    sight = torch.stack([render.features[..., -1], render.alpha]).detach()
    return Portrait((2 * channels - 1).permute(2, 0, 1)[None], sight, render, view)
