"""Where a surface has gaps, as photos show: what is behind would be seen through them."""

from dataclasses import replace

import cv2
import numpy as np
import torch

from core.geometry.camera import unproject
from core.mesh.depths import ROUGH, DepthView
from core.mesh.looking import first_hits
from core.mesh.values import Floats, Surface

RIM = 2  # pixels around a gap that belong to it


def missed(seen: DepthView, depth: Floats, surface: Surface) -> DepthView:
    """Of what is `seen` at `depth` [H, W] what `surface` does not have; with its rim."""
    camera = seen.view.camera
    start = seen.view.centre().numpy()
    ends = unproject(torch.ones(camera.height, camera.width), seen.view).numpy()
    there = first_hits(surface, start, (ends - start).reshape(-1, 3)).reshape(depth.shape)
    gap = (depth > 0) & ~(there < (1 + ROUGH) * depth)
    near = cv2.dilate(gap.astype(np.uint8), np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8))
    return replace(seen, depth=depth * near)
