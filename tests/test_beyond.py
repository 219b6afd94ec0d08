"""What is painted beyond the edges of a lone photo."""

from dataclasses import replace

import numpy as np
import torch

from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.geometry.planes import Plane
from core.geometry.sh import sh_from_color
from core.render.rasterize import rasterize
from core.scene.fill.faces import Face
from core.single.beyond import beyond
from core.single.lift import lifted


def test_what_is_painted_beyond_the_photo_shows_no_dots() -> None:
    """A slanted wall of one colour stays so, and closed, where a texel takes many pixels; and the
    photo's own view hardly knows of it."""
    camera = Pinhole(64, 48, 60.0, 60.0, 32.0, 24.0)
    view = View(camera, torch.eye(4))
    slope = (np.arange(64) + 0.5 - 32) / 60
    depth = np.tile((2.862 / (0.954 - 0.3 * slope)).astype(np.float32), (48, 1))
    ids = np.zeros((48, 64), np.int64)
    sure = np.ones((48, 64), np.float32)
    wall = lifted(torch.full((48, 64, 3), 0.7), depth, view, ids, ids, Origin.REGULARISED, sure)
    face = Face(Plane(np.array([0.3, 0.0, -0.954]), 2.862), 0)
    (*_, added) = beyond(wall, torch.zeros(len(wall), dtype=torch.bool), [view], [face])
    assert isinstance(added, Gaussians)
    aside = torch.eye(4)
    aside[:2, 3] = torch.tensor([0.0, -1.7])  # before what is beyond the lower edge
    seen = rasterize(added, View(Pinhole(64, 48, 600.0, 600.0, 32.0, 24.0), aside))
    assert float(seen.alpha.min()) > 0.98
    assert float(seen.color.std()) < 0.003
    black = replace(added, sh=sh_from_color(torch.zeros(len(added), 1, 3)))
    alone, both = (rasterize(each, view).color for each in (wall, wall.followed_by(black)))
    assert float((both - alone).abs().mean()) < 0.025
