"""Made-up scenes that load the rasterizer as a trained scene does; the same on every machine."""

import math

import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.geometry.sh import sh_from_color

NEAREST, FARTHEST = 1.5, 12.0  # scene units
ON_SURFACE = 0.6  # of the rows lie close to one surface that fills the picture
ROWS_AT_SIZE = 50_000  # rows for which FOOTPRINT holds
FOOTPRINT = 0.0042  # median standard deviation over z: about 70 pairs a pixel at 270 x 480


def trained_scene(rows: int, seed: int = 0) -> Gaussians:
    """`rows` Gaussians of SH degree 3, all before `scene_view`'s camera and in its picture.

    Like a trained scene's: widths spread over an order of magnitude, thin and long
    shapes, many faint rows and some opaque ones, a surface with clutter before and
    behind it. With four times the rows each covers half the area.
    """
    generator = torch.Generator().manual_seed(seed)
    across, down = (torch.rand(2, rows, generator=generator) * 2 - 1).unbind(0)
    depth = _depths(across, down, generator)
    camera = scene_view(270, 480).camera
    means = torch.stack(
        [
            across * depth * camera.cx / camera.fx,
            down * depth * camera.cy / camera.fy,
            depth,
        ],
        dim=1,
    )
    size = FOOTPRINT * (ROWS_AT_SIZE / rows) ** 0.25
    widths = torch.exp(0.6 * torch.randn(rows, generator=generator)) * size * depth
    flatness = torch.rand(rows, 2, generator=generator) * torch.tensor([0.8, 0.25])
    shape = torch.cat([torch.ones(rows, 1), flatness + torch.tensor([0.2, 0.05])], dim=1)
    quats = torch.randn(rows, 4, generator=generator)
    return Gaussians(
        means=means,
        quats=torch.nn.functional.normalize(quats, dim=1),
        log_scales=torch.log(widths[:, None] * shape),
        logit_opacity=1.8 * torch.randn(rows, generator=generator) - 1.2,
        sh=_colors(rows, generator),
        object_id=torch.zeros(rows, dtype=torch.int64),
    )


def scene_view(width: int, height: int) -> View:
    """The camera at the origin, upright, 62 degrees high like a phone's held upright."""
    focal = 0.5 * height / math.tan(math.radians(31))
    camera = Pinhole(width, height, focal, focal, width / 2, height / 2)
    return View(camera, torch.eye(4))


def photo(width: int, height: int, seed: int = 1) -> Tensor:
    """A picture [H, W, 3] uint8 to train on: smooth, with a little noise."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 9, 7, generator=generator)
    smooth = torch.nn.functional.interpolate(
        coarse, (height, width), mode="bilinear", align_corners=True
    )[0]
    noisy = smooth + 0.02 * torch.randn(3, height, width, generator=generator)
    return (noisy.clamp(0, 1) * 255).to(torch.uint8).permute(1, 2, 0).contiguous()


def _depths(across: Tensor, down: Tensor, generator: torch.Generator) -> Tensor:
    """Most rows near a wavy surface, the others anywhere between it and the limits."""
    waves = torch.sin(3 * across) * torch.cos(2 * down)
    near = 4.0 * torch.exp(0.35 * waves + 0.03 * torch.randn(len(across), generator=generator))
    spread = torch.rand(len(across), generator=generator)
    anywhere = NEAREST * (FARTHEST / NEAREST) ** spread
    on_surface = torch.rand(len(across), generator=generator) < ON_SURFACE
    return torch.where(on_surface, near, anywhere)


def _colors(rows: int, generator: torch.Generator) -> Tensor:
    """Coefficients [rows, 16, 3], smaller from band to band."""
    sh = torch.randn(rows, 16, 3, generator=generator)
    sh[:, 1:4] *= 0.1
    sh[:, 4:9] *= 0.05
    sh[:, 9:] *= 0.03
    sh[:, 0] = sh_from_color(torch.rand(rows, 3, generator=generator))
    return sh
