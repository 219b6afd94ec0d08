"""The photos and their views at the size that training is at: small ones first."""

from collections.abc import Sequence

import cv2
import torch
from torch import Tensor

from core.geometry.camera import View

SMALLEST = 96  # pixels on the longer side, which shrinking leaves


class Pyramid:
    """Photos [H, W, 3] uint8 with their views, at their own size or shrunk."""

    def __init__(self, views: Sequence[View], photos: Sequence[Tensor]) -> None:
        self._views, self._photos = views, photos

    def at(self, index: int, shrink: int) -> tuple[View, Tensor]:
        """Photo `index`, its sides divided by `shrink`: each pixel the mean of what it covers."""
        view, photo = self._views[index], self._photos[index]
        shrink = min(shrink, max(photo.shape[:2]) // SMALLEST)
        if shrink <= 1:
            return view, photo
        width = max(1, round(view.camera.width / shrink))
        height = max(1, round(view.camera.height / shrink))
        # Each time anew: a hundredth of an iteration, where keeping them takes a quarter of the
        # photos' memory.
        pixels = cv2.resize(photo.cpu().numpy(), (width, height), interpolation=cv2.INTER_AREA)
        return view.resized(width, height), torch.from_numpy(pixels).to(photo.device)
