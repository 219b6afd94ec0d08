"""How well the scene shows the photos that training never saw."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from core.errors import UserError
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.project.files import told
from core.render.rasterize import rasterize
from core.train.losses import psnr, ssim

RENDERS, PHOTOS = "renders", "photos"
HIGHEST_PSNR = 100.0  # dB, said of pictures that are the same: JSON has no infinity


@dataclass(frozen=True)
class Score:
    """Of one render against its photo: `psnr` in dB, `ssim` at most 1."""

    psnr: float
    ssim: float


def picture(gaussians: Gaussians, view: View) -> NDArray[np.uint8]:
    """What `view` sees over black, [H, W, 3] 8-bit."""
    there = View(view.camera, view.camera_from_scene.to(gaussians.means))
    with torch.no_grad():
        color = rasterize(gaussians, there).color
    return (color.clamp(0, 1) * 255).round().to(torch.uint8).cpu().numpy()


def score(render: NDArray[np.uint8], photo: NDArray[np.uint8]) -> Score:
    """Compare two pictures [H, W, 3]."""
    first, second = _unit(render), _unit(photo)
    return Score(min(psnr(first, second), HIGHEST_PSNR), float(ssim(first, second)))


def scores_on_disk(folder: Path) -> Iterator[tuple[str, Score]]:
    """The score of each pair of pictures in `folder`/renders and /photos, by name.

    Raises `UserError` where there is none, and where a pair does not match.
    """
    renders = sorted((folder / RENDERS).glob("*.png"))
    if not renders:
        raise UserError(
            f"There is no test picture in {folder / RENDERS}.",
            hint="Reconstruct with --test-every 8 or --test NAME,NAME to keep photos for a test.",
        )
    for path in renders:
        render, photo = read_png(path), read_png(folder / PHOTOS / path.name)
        if render.shape != photo.shape:
            raise UserError(
                f"{path} and its photo differ in size: {render.shape[1]} x {render.shape[0]} and "
                f"{photo.shape[1]} x {photo.shape[0]}.",
                hint="Reconstruct again.",
            )
        yield path.stem, score(render, photo)


def summary(scores: Mapping[str, Score]) -> dict[str, object]:
    """As metrics.json holds it: the means, and each photo's; null where there is no test photo."""
    photos = {name: {"psnr": s.psnr, "ssim": s.ssim} for name, s in scores.items()}
    return {
        "psnr": fmean(s.psnr for s in scores.values()) if scores else None,
        "ssim": fmean(s.ssim for s in scores.values()) if scores else None,
        "photos": photos,
    }


def write_png(path: Path, pixels: NDArray[np.uint8] | Tensor) -> None:
    """`pixels` [H, W, 3] 8-bit; what is at `path` already is not overwritten."""
    with told(path), path.open("xb") as file:
        Image.fromarray(np.asarray(pixels)).save(file, "PNG", compress_level=4)


def read_png(path: Path) -> NDArray[np.uint8]:
    """The picture at `path`, [H, W, 3]. Raises `UserError` where it is missing or damaged."""
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except FileNotFoundError as error:
        raise UserError(f"{path} is missing.", hint="Reconstruct again.") from error
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise UserError(f"{path} is not a whole PNG.", hint="Reconstruct again.") from error


def _unit(pixels: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(pixels.astype(np.float32) / 255)
