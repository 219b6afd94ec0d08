"""Networks that tell the depth of one photo in metres, in folders and files of their own.

Depth Pro (Bochkovskii et al., 2024) and the metric Depth Anything V2 (Yang et al., 2024). Pictures
are prepared here, as the folder's own preprocessor_config.json says.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from core.errors import UserError
from core.prior.backends.files import downloaded
from core.segment.folders import loaded, model_type
from core.single.depth import UNTIL, DepthModel, Estimate, checked, read_depth
from core.single.moge import moge_file, open_moge

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALVES = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
PRO_SIDE, ANYTHING_SIDE, PATCH = 1536, 518, 14  # pixels, where the folder does not say


def depth_of(place: str, photo: NDArray[np.uint8]) -> Estimate:
    """The depth of `photo` [H, W, 3] by `place`: a file, a folder with a network, or a hub name.

    Raises `UserError` where it cannot be read or does not fit the photo, and `Unavailable` where
    there is nothing.
    """
    path = Path(place).expanduser()
    if path.is_file() and moge_file(path) is None:
        return Estimate(checked(read_depth(path), photo.shape[:2], path.name))
    found = open_depth_model(place)(photo)
    return replace(found, depth=checked(found.depth, photo.shape[:2], place))


def open_depth_model(place: str) -> DepthModel:
    """The network at `place`: a folder, MoGe's file, or a hub name that is on this machine.

    Raises `Unavailable` where a package or the weights are missing, and `UserError` for folders
    that are not what they should be.
    """
    file = moge_file(downloaded(place) or Path(place).expanduser())
    if file is not None:
        return open_moge(file)
    kind = model_type(place, UNTIL)
    if kind == "depth_pro":
        return DepthPro(loaded(place, "DepthProForDepthEstimation", UNTIL), _told(place))
    if kind == "depth_anything":
        model = loaded(place, "DepthAnythingForDepthEstimation", UNTIL)
        if model.config.depth_estimation_type != "metric":
            raise UserError(
                f"The Depth Anything in {place} tells near from far, but no metres.",
                hint=f"Choose one of those called Metric. {UNTIL}",
            )
        return DepthAnything(model, _told(place))
    raise UserError(
        f"{place} is a {kind}, neither Depth Pro nor Depth Anything nor MoGe-2.",
        hint=f"Choose another folder. {UNTIL}",
    )


@dataclass(frozen=True, eq=False)
class DepthPro:
    """See `DepthModel`; it tells the focal length as well."""

    model: Any
    told: Mapping[str, Any]

    def __call__(self, photo: NDArray[np.uint8]) -> Estimate:
        height, width = photo.shape[:2]
        size = self.told.get("size", {})
        sides = (int(size.get("height", PRO_SIDE)), int(size.get("width", PRO_SIDE)))
        with torch.no_grad():
            out = self.model(pixel_values=_values(photo, sides, self.told, HALVES))
        inverse, focal = out.predicted_depth[0], None
        if out.field_of_view is not None:
            degrees = float(out.field_of_view.reshape(-1)[0])
            focal = 0.5 * width / math.tan(0.5 * math.radians(min(max(degrees, 5.0), 150.0)))
            inverse = inverse * (width / focal)
        inverse = interpolate(inverse[None, None], (height, width), mode="bilinear")[0, 0]
        return Estimate((1 / inverse.clamp(1e-4, 1e4)).float().numpy(), focal)


@dataclass(frozen=True, eq=False)
class DepthAnything:
    """See `DepthModel`."""

    model: Any
    told: Mapping[str, Any]

    def __call__(self, photo: NDArray[np.uint8]) -> Estimate:
        height, width = photo.shape[:2]
        size = self.told.get("size", {})
        patch = int(self.told.get("ensure_multiple_of", PATCH))
        # The side that changes less decides for both, as the package's own preparation has it.
        shares = [
            int(size.get(side, ANYTHING_SIDE)) / pixels
            for side, pixels in (("height", height), ("width", width))
        ]
        share = min(shares, key=lambda each: abs(1 - each))
        sides = [max(patch, round(share * each / patch) * patch) for each in (height, width)]
        with torch.no_grad():
            out = self.model(pixel_values=_values(photo, (sides[0], sides[1]), self.told, IMAGENET))
        depth = interpolate(out.predicted_depth[:, None], (height, width), mode="bilinear")
        return Estimate(depth[0, 0].clamp(min=0).float().numpy())


def _values(
    photo: NDArray[np.uint8],
    sides: tuple[int, int],
    told: Mapping[str, Any],
    usual: tuple[tuple[float, ...], tuple[float, ...]],
) -> Tensor:
    """`photo` as networks take it, [1, 3, *sides]."""
    pixels = torch.from_numpy(photo.copy()).permute(2, 0, 1)[None].float()
    small = interpolate(pixels, sides, mode="bicubic", antialias=True).round().clamp(0, 255) / 255
    mean = torch.tensor(told.get("image_mean", usual[0])).view(1, 3, 1, 1)
    spread = torch.tensor(told.get("image_std", usual[1])).view(1, 3, 1, 1)
    return (small - mean) / spread


def _told(place: str) -> Mapping[str, Any]:
    """How the folder wants pictures prepared; nothing where it does not say."""
    try:
        file = Path(place).expanduser() / "preprocessor_config.json"
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
