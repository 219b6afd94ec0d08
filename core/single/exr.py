"""Depth in EXR files, by the OpenEXR package where it is installed."""

import importlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import Unavailable, UserError

NAMES = ("Z", "z", "depth", "Depth", "Y", "V")  # of channels that hold depth, likeliest first
INSTEAD = "save the depth as NPY or as TIFF of 32-bit floats, in metres."


def read_exr(path: Path) -> NDArray[np.float32]:
    """The depth [H, W] in an EXR file: its channel of that name, or the only one there is.

    Raises `Unavailable` without the package, and `UserError` for files that hold none.
    """
    try:
        package = importlib.import_module("OpenEXR")
    except ImportError as error:
        raise Unavailable(
            f"{path.name} is an EXR file, which takes a package that is not installed.",
            hint=f"Run: pip install OpenEXR. Or {INSTEAD}",
        ) from error
    try:
        with package.File(str(path), separate_channels=True) as file:
            found = {name: np.asarray(each.pixels) for name, each in file.channels().items()}
    except Exception as error:
        raise UserError(
            f"{path.name} is no EXR file, or it is damaged.", hint=f"Write it again, or {INSTEAD}"
        ) from error
    layers = {name.rpartition(".")[2]: pixels for name, pixels in found.items()}
    named = [layers[name] for name in NAMES if name in layers]
    grey = list(found.values())
    if all(np.array_equal(each, grey[0], equal_nan=True) for each in grey[1:]):  # thrice the same
        named += grey[:1]
    if not named or named[0].ndim != 2:
        raise UserError(
            f"{path.name} has no channel of depth, but {', '.join(found) or 'nothing'}.",
            hint=f"Call its channel Z, or {INSTEAD}",
        )
    return np.asarray(named[0], np.float32)
