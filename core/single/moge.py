"""MoGe-2 (Wang et al., 2025): metric depth, normals and focal length of one photo.

Through its own package, which users install; weights lie in one file, model.pt, as it writes them.
"""

import importlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import Unavailable, UserError
from core.segment.folders import first_line
from core.single.depth import UNTIL, DepthModel, Estimate

FILE = "model.pt"
SETTINGS, WEIGHTS = "model_config", "model"  # what the file holds
METRIC = "scale_head"  # of the parts of those that tell metres
WHERE = "pip install git+https://github.com/microsoft/MoGe.git"


def moge_file(path: Path) -> Path | None:
    """The file of MoGe's weights at `path`: itself, or in that folder; None where there is none."""
    if path.is_file() and path.suffix == ".pt":
        return path
    return path / FILE if (path / FILE).is_file() and not (path / "config.json").exists() else None


def open_moge(file: Path, *, device: str = "cpu") -> DepthModel:
    """The one in `file`. Raises `Unavailable` without its package, and `UserError`."""
    settings, weights = _read(file)
    if METRIC not in settings:
        raise UserError(
            f"The MoGe in {file} tells near from far, but no metres.",
            hint=f"Choose one of MoGe-2. {UNTIL}",
        )
    try:
        package = importlib.import_module("moge.model.v2")
    except Exception as error:
        raise Unavailable(
            f"{file.name} holds weights of MoGe-2, whose package moge cannot start "
            f"({first_line(error)}).",
            hint=f"Run: {WHERE}. {UNTIL}",
        ) from error
    try:
        model = package.MoGeModel(**settings)
        lacking = model.load_state_dict(weights, strict=False).missing_keys
    except Exception as error:
        raise UserError(
            f"The weights in {file} do not fit their settings ({first_line(error)}).",
            hint=f"Download the file again. {UNTIL}",
        ) from error
    if lacking:
        raise UserError(
            f"The weights in {file} do not fit their settings: {len(lacking)} parts are missing.",
            hint=f"Download the file again. {UNTIL}",
        )
    return MoGe(model.to(device).eval(), torch.device(device))


@dataclass(frozen=True, eq=False)
class MoGe:
    """See `DepthModel`; it tells normals and the focal length as well."""

    model: Any
    device: torch.device

    def __call__(self, photo: NDArray[np.uint8]) -> Estimate:
        width = photo.shape[1]
        pixels = torch.from_numpy(photo.copy()).permute(2, 0, 1).float() / 255
        with torch.no_grad():
            told = self.model.infer(pixels.to(self.device), use_fp16=self.device.type != "cpu")
        depth = told["depth"].float().cpu().numpy()
        focal = float(told["intrinsics"][0, 0]) * width  # it counts in widths of the picture
        normals = told.get("normal")
        return Estimate(
            np.where(np.isfinite(depth), depth, 0).astype(np.float32),
            focal if math.isfinite(focal) and focal > 0 else None,
            None if normals is None else normals.float().cpu().numpy(),
        )


def _read(file: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings and weights in `file`; nothing but numbers is taken out of it."""
    try:
        told = torch.load(str(file), map_location="cpu", weights_only=True)
        settings, weights = told[SETTINGS], told[WEIGHTS]
        if not isinstance(settings, dict) or not isinstance(weights, dict):
            raise TypeError("no settings")
    except Exception as error:
        raise UserError(
            f"{file.name} holds no weights of MoGe-2, or it is cut off.",
            hint=f"Download it again, as {FILE}. {UNTIL}",
        ) from error
    return settings, weights
