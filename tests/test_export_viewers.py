"""Our files in other programs' viewers: what they show against our own render, dB."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.export.any_file import read_splats
from core.export.job import Material, exported
from core.export.shots import pinhole
from core.export.wish import Wish
from core.gaussians.moved import moved
from core.gaussians.table import Gaussians
from core.geometry.aim import facing
from core.geometry.camera import View
from core.pipeline.evaluate import picture
from core.scene.upright import HALF_TURN
from tests.browser import browser, installed, spark, supersplat

pytestmark = pytest.mark.external

SIZE = (320, 240)
LEAST = 28.0  # dB
Shown = Callable[[Path, Path, View], NDArray[np.uint8]]


def scene(n: int = 1500) -> Gaussians:
    """A lump of flat, coloured Gaussians, whose colours depend a little on where one stands."""
    g = torch.Generator().manual_seed(5)
    return Gaussians(
        means=torch.randn(n, 3, generator=g) * torch.tensor([1.0, 0.6, 0.8]),
        quats=torch.nn.functional.normalize(torch.randn(n, 4, generator=g), dim=1),
        log_scales=torch.randn(n, 3, generator=g) * 0.3 + torch.tensor([-2.2, -2.2, -4.0]),
        logit_opacity=torch.randn(n, generator=g) + 1.5,
        sh=torch.randn(n, 4, 3, generator=g) * torch.tensor([1.0, 0.1, 0.1, 0.1])[:, None],
        object_id=torch.zeros(n, dtype=torch.int64),
    )


def beside() -> View:
    """Not from a side that would look the same upside down."""
    start = torch.tensor([1.5, 1.2, 4.0], dtype=torch.float64)
    up = torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64)
    view = facing(pinhole(0.8, *SIZE), start, torch.zeros(3, dtype=torch.float64), up)
    return View(view.camera, view.camera_from_scene.float())


@pytest.fixture(scope="module")
def viewers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    browser()
    return installed(tmp_path_factory.mktemp("viewers"))


@pytest.mark.parametrize(
    ("shown", "suffix"),
    [
        (spark, ".ply"),
        (spark, ".spz"),
        (spark, ".compressed.ply"),
        (supersplat, ".ply"),
        (supersplat, ".compressed.ply"),
    ],
)
def test_they_show_what_we_show(shown: Shown, suffix: str, viewers: Path, tmp_path: Path) -> None:
    path = tmp_path / f"scene{suffix}"
    y_down = shown is supersplat
    for _ in exported(path, Material(scene()), Wish(y_down=y_down)):
        pass
    read = read_splats(path)
    ours = picture(moved(read, HALF_TURN) if y_down else read, beside()).astype(np.float64)
    theirs = shown(viewers, path, beside()).astype(np.float64)
    psnr = -10 * np.log10(((ours - theirs) ** 2).mean() / 255**2)
    print(f"{shown.__name__} {suffix}: {psnr:.1f} dB")  # noqa: T201
    assert psnr > LEAST
