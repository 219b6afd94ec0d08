"""What stands before the rest of a lone picture, what is behind it, and who paints that."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.errors import Unavailable, UserError
from core.gaussians.provenance import Origin
from core.geometry.camera import Pinhole, View
from core.render.rasterize import rasterize
from core.scene.fill.painter import by_patches
from core.single.background import background
from core.single.lama import load_painter
from core.single.layers import background_depth, background_told, layers

WIDE, TALL = 120, 90


def room() -> tuple[NDArray[np.float32], list[NDArray[np.bool_]]]:
    """A floor and a wall at 6, a near thing, a far one, a speck, and one as large as it all."""
    y, x = np.mgrid[:TALL, :WIDE]
    depth = np.minimum(6.0, 90.0 / np.maximum(y - 20, 1)).astype(np.float32)
    near = (np.abs(x - 40) < 14) & (np.abs(y - 60) < 16)
    far = (np.abs(x - 90) < 10) & (np.abs(y - 25) < 8)
    speck = (np.abs(x - 100) < 3) & (np.abs(y - 80) < 3)
    whole = np.ones((TALL, WIDE), bool)
    whole[:, :10] = False
    depth[near], depth[far], depth[speck] = 1.5, 5.0, 1.0
    return depth, [near, far, speck, whole]


def test_what_is_near_and_of_some_size_is_foreground() -> None:
    depth, masks = room()
    found = layers(depth, masks)
    assert found.kept == (0,)
    assert found.bound == pytest.approx(np.percentile(depth, 35))
    np.testing.assert_array_equal(found.foreground, masks[0])
    # What is painted reaches one hundredth of the width beyond it.
    rim = found.paint & ~found.foreground
    assert rim[60, 40 + 14]
    assert not rim[60, 40 + 14 + 2]
    assert layers(depth, masks, [0.8, 1, 1, 1]).kept == ()
    assert layers(depth, masks, [0.9, 1, 1, 1]).kept == (0,)
    assert layers(np.zeros_like(depth), masks).kept == ()


def test_a_plane_goes_on_behind_what_hides_it() -> None:
    """The inverse of a plane's depth is linear in the picture, and harmonic therefore."""
    y, x = np.mgrid[:TALL, :WIDE]
    plane = 1 / (0.1 + 0.001 * x + 0.004 * y)
    hidden = (np.abs(x - 50) < 20) & (np.abs(y - 45) < 20)
    shown = np.where(hidden, 0.5, plane).astype(np.float32)
    assert np.abs(background_depth(shown, hidden) / plane - 1).max() < 1e-3
    assert (background_depth(np.zeros_like(shown), hidden) == 0).all()


def test_the_background_is_there_once_the_foreground_is_away() -> None:
    y, x = np.mgrid[:TALL, :WIDE]
    wall = np.stack([0.3 + 0.4 * x / WIDE, 0.5 + 0 * x, 0.7 - 0.4 * y / TALL], -1)
    depth = np.full((TALL, WIDE), 4.0, np.float32)
    mask = (np.abs(x - 60) < 15) & (np.abs(y - 45) < 15)
    depth[mask] = 2.0
    depth[:, :2] = 2.5  # so that a third of it is not all at one depth
    color = np.where(mask[..., None], [0.9, 0.1, 0.1], wall).astype(np.float32)
    depth[70:] = 3.0
    found = layers(depth, [mask])
    assert found.kept == (0,)
    view = View(Pinhole(WIDE, TALL, 100.0, 100.0, WIDE / 2, TALL / 2), torch.eye(4))
    nothing = np.zeros_like(mask)
    layer = background(torch.from_numpy(color), depth, found, mask, nothing, view, by_patches)
    assert len(layer) == mask.sum()
    assert (layer.origin == Origin.FILLED).all()
    render = rasterize(layer, view)
    inside = (np.abs(x - 60) < 12) & (np.abs(y - 45) < 12)
    assert np.abs(render.color.numpy() - wall)[inside].mean() < 0.05
    assert np.median(render.depth.numpy()[inside]) == pytest.approx(4.0, rel=0.1)
    assert (layer.means[:, 2] >= 2.0 - 1e-4).all()


def test_a_guess_at_the_background_is_fitted_to_what_is_seen() -> None:
    """Scaled, shifted, bent a little, and wrong in a fifth of what is seen: it is as it was."""
    y, x = np.mgrid[:TALL, :WIDE].astype(np.float32)
    behind = 3 + np.abs(x - 62) / 25 + 0.3 * np.sin(y / 9)
    mask = (np.abs(x - 60) < 18) & (np.abs(y - 45) < 15)
    depth = np.where(mask, 1.5, behind).astype(np.float32)
    guess = (behind - 0.4) / 1.7
    guess[:18] = 5.0  # as another thing that the network has taken for the background
    told = background_told(guess.astype(np.float32), depth, mask)
    assert np.array_equal(told[~mask], depth[~mask])
    assert np.abs(told - behind)[mask].max() < 0.02
    flat = background_depth(depth, mask)
    assert np.abs(flat - behind)[mask].max() > 0.2
    bent = (guess + 0.0005 * x).astype(np.float32)
    assert np.abs(background_told(bent, depth, mask) - behind)[mask].max() < 0.05
    inverse = (1 / guess).astype(np.float32)  # nearness: no depth
    assert np.array_equal(background_told(inverse, depth, mask), flat)


class Meaning(torch.nn.Module):
    """Paints a hole with the mean of the rest, as LaMa is asked and answers."""

    def forward(self, picture: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        rest = (picture * (1 - mask)).sum(dim=(2, 3)) / (1 - mask).sum(dim=(2, 3))
        return picture * (1 - mask) + rest[:, :, None, None] * mask


class Convolving(torch.nn.Module):
    """Random weights, with a width that is wanted in whole eights."""

    def __init__(self) -> None:
        super().__init__()
        self.down = torch.nn.Conv2d(4, 8, 8, stride=8)
        self.up = torch.nn.ConvTranspose2d(8, 3, 8, stride=8)

    def forward(self, picture: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.up(self.down(torch.cat([picture, mask], dim=1))))


class Counting(torch.nn.Module):
    """Takes pictures and answers something else."""

    def forward(self, picture: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return mask.sum()


def saved(module: torch.nn.Module, path: Path) -> str:
    torch.manual_seed(0)
    torch.jit.script(module).save(str(path))  # type: ignore[no-untyped-call]
    return str(path)


pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")


def test_a_torchscript_file_paints_holes(tmp_path: Path) -> None:
    paint = load_painter(saved(Meaning(), tmp_path / "lama.pt"))
    random = np.random.default_rng(0)
    picture = random.random((53, 77, 3)).astype(np.float32)
    hole = np.zeros((53, 77), bool)
    hole[20:30, 30:50] = True
    done = paint(picture, ~hole, hole)
    np.testing.assert_array_equal(done[~hole], picture[~hole])
    np.testing.assert_allclose(done[hole], np.full((200, 3), 0.5), atol=0.03)
    # Nothing is asked where nothing is wanted, or nothing is known.
    np.testing.assert_array_equal(paint(picture, ~hole, ~hole), picture)
    np.testing.assert_array_equal(paint(picture, np.zeros_like(hole), hole), picture)


def test_networks_of_any_width_are_asked_in_whole_eights(tmp_path: Path) -> None:
    folder = tmp_path / "lama"
    folder.mkdir()
    saved(Convolving(), folder / "big-lama.pt")
    paint = load_painter(str(folder))
    picture = np.random.default_rng(0).random((41, 1333, 3)).astype(np.float32)
    known = np.ones((41, 1333), bool)
    known[10:20, 100:400] = False
    wanted = ~known
    wanted[:, :150] = False
    done = paint(picture, known, wanted)
    assert done.shape == picture.shape
    np.testing.assert_array_equal(done[~wanted], picture[~wanted])
    assert (done[wanted] != picture[wanted]).any()
    assert np.isfinite(done).all()


def test_files_that_do_not_paint_are_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="There is no file"):
        load_painter(str(tmp_path / "nothing.pt"))
    (tmp_path / "words.pt").write_text("no network")
    with pytest.raises(UserError, match="no TorchScript file, or it is cut off"):
        load_painter(str(tmp_path / "words.pt"))
    whole = Path(saved(Convolving(), tmp_path / "whole.pt"))
    (tmp_path / "cut.pt").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(UserError, match="or it is cut off"):
        load_painter(str(tmp_path / "cut.pt"))
    for module in (Counting(), torch.nn.Linear(3, 3)):
        with pytest.raises(UserError, match="does not paint pictures as LaMa does"):
            load_painter(saved(module, tmp_path / "other.pt"))
    torch.save({"model": torch.zeros(3)}, tmp_path / "state.pt")
    with pytest.raises(UserError, match="no TorchScript file"):
        load_painter(str(tmp_path / "state.pt"))
    with pytest.raises(UserError, match=r"holds \d+ files named"):
        load_painter(str(tmp_path))
