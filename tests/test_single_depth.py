"""Depth of one photo from files and networks, and the scene that is made with it."""

import sys
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.errors import Unavailable, UserError
from core.single.depth import read_depth
from core.single.depth_models import depth_of, open_depth_model
from core.single.diorama import Marked
from core.single.relief import floor_normal, relief
from tests.depth_networks import saved_anything, saved_pro

PITCH = np.radians(20.0)
HEIGHT, FOCAL = 1.7, 150.0
WIDE, TALL = 160, 120


def room_depth() -> NDArray[np.float32]:
    """z of a floor 1.7 below the camera, and of a wall 5 ahead; the camera looks down."""
    x, y = np.meshgrid(np.arange(WIDE) + 0.5 - WIDE / 2, np.arange(TALL) + 0.5 - TALL / 2)
    rays = np.stack([x / FOCAL, y / FOCAL, np.ones_like(x)], -1)
    down = rays[..., 1] * np.cos(PITCH) + np.sin(PITCH)
    ahead = np.cos(PITCH) - rays[..., 1] * np.sin(PITCH)
    floor = np.where(down > 0, HEIGHT / np.maximum(down, 1e-9), np.inf)
    return np.minimum(floor, 5.0 / ahead).astype(np.float32)


@pytest.mark.parametrize("suffix", [".npy", ".png", ".tiff"])
def test_files_say_the_same(suffix: str, tmp_path: Path) -> None:
    depth, path = room_depth(), tmp_path / f"depth{suffix}"
    if suffix == ".npy":
        np.save(path, depth)
    elif suffix == ".png":
        cv2.imwrite(str(path), np.round(1000 * depth).astype(np.uint16))
    else:
        cv2.imwrite(str(path), depth)
    assert np.abs(read_depth(path) - depth).max() < 6e-4
    estimate = depth_of(str(path), np.zeros((2 * TALL, 2 * WIDE, 3), np.uint8))
    assert estimate.depth.shape == (2 * TALL, 2 * WIDE)
    assert np.abs(estimate.depth[::2, ::2] - depth).max() < 6e-4


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("text.npy", "holds no depth"),
        ("colour.png", "holds no depth"),
        ("empty.npy", "0 % of the photo"),
        ("square.npy", "does not fit the shape"),
        ("objects.npy", "holds no depth"),
    ],
)
def test_files_that_hold_no_depth(kind: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / kind
    match path.stem:
        case "colour":
            cv2.imwrite(str(path), np.zeros((TALL, WIDE, 3), np.uint8))
        case "empty":
            np.save(path, np.full((TALL, WIDE), np.nan))
        case "square":
            np.save(path, np.ones((TALL, TALL)))
        case "objects":
            np.save(path, np.array([{}], object), allow_pickle=True)
        case _:
            path.write_text("no numbers")
    with pytest.raises(UserError, match=words):
        depth_of(str(path), np.zeros((TALL, WIDE, 3), np.uint8))


def test_networks_tell_depth(tmp_path: Path) -> None:
    photo = np.random.default_rng(0).integers(0, 255, (90, 120, 3), dtype=np.uint8)
    for folder in (saved_anything(tmp_path / "anything"), saved_pro(tmp_path / "pro")):
        model = open_depth_model(str(folder))
        estimate = model(photo)
        assert estimate.depth.shape == (90, 120)
        assert np.isfinite(estimate.depth).all()
        assert (estimate.focal is not None) == (folder.name == "pro")
        assert np.array_equal(model(photo).depth, estimate.depth)


def test_folders_that_are_something_else(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="neither a folder"):
        open_depth_model("nobody/nothing")
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(UserError, match="neither Depth Pro nor"):
        open_depth_model(str(tmp_path))
    with pytest.raises(UserError, match="no metres"):
        open_depth_model(str(saved_anything(tmp_path / "relative", "relative")))
    whole = saved_anything(tmp_path / "cut")
    weights = whole / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:500])
    with pytest.raises(UserError, match="cannot be read"):
        open_depth_model(str(whole))


def test_a_known_depth_gives_floor_and_walls() -> None:
    depth = room_depth()
    labels = np.full(depth.shape, 0x7FFF, np.int64)
    labels[60:90, 40:60] = 5
    nearer = np.where(labels == 5, 0.8 * depth, depth).astype(np.float32)
    nearer[:5, :5] = 0  # nothing is known of the sky
    up = np.array([0.0, -np.cos(PITCH - 0.15), -np.sin(PITCH - 0.15)])
    room = relief(nearer, Marked(labels, (5,), ()), FOCAL, up)
    eye = -room.camera_from_room[:3, :3].T @ room.camera_from_room[:3, 3]
    assert eye[1] == pytest.approx(HEIGHT, rel=0.01)
    true_up = np.array([0.0, -np.cos(PITCH), -np.sin(PITCH)])
    assert np.degrees(np.arccos(min(1.0, room.camera_from_room[:3, 1] @ true_up))) < 0.5
    assert np.array_equal(room.depth[nearer > 0], nearer[nearer > 0])
    assert room.depth[:5, :5] == pytest.approx(depth[:5, :5], rel=0.03)
    assert (room.things[5].depth > 0).sum() == (labels == 5).sum()


def test_without_a_floor_the_lowest_is_taken_for_one() -> None:
    depth = np.full((TALL, WIDE), 3.0, np.float32)
    labels = np.full(depth.shape, 0x7FFF, np.int64)
    up = np.array([0.0, -1.0, 0.0])
    room = relief(depth, Marked(labels, (), ()), FOCAL, up)
    eye = -room.camera_from_room[:3, :3].T @ room.camera_from_room[:3, 3]
    assert eye[1] == pytest.approx(3.0 * TALL / 2 / FOCAL, rel=0.05)
    assert np.array_equal(room.depth, depth)


class Moge(torch.nn.Module):
    """As MoGe-2 answers, of a floor below the camera, from what it is called with."""

    def __init__(self, scale_head: dict[str, int], width: int = 3) -> None:
        super().__init__()
        self.scale = torch.nn.Parameter(torch.zeros(width))

    def infer(self, image: torch.Tensor, use_fp16: bool) -> dict[str, torch.Tensor]:
        assert image.max() <= 1
        height, width = image.shape[-2:]
        depth = torch.from_numpy(room_depth())[:height, :width].clone() * self.scale[0]
        depth[0, 0] = torch.inf
        normal = torch.tensor([0.0, -np.cos(PITCH), -np.sin(PITCH)]).expand(height, width, 3)
        told = torch.tensor([[FOCAL / width, 0, 0.5], [0, FOCAL / height, 0.5], [0, 0, 1]])
        return {"depth": depth, "intrinsics": told, "normal": normal.float()}


@pytest.fixture
def moge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Its package cannot be installed here: in its place stands one that answers as it does."""
    for name in ("moge", "moge.model", "moge.model.v2"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setattr(sys.modules["moge.model.v2"], "MoGeModel", Moge, raising=False)
    folder = tmp_path / "moge"
    folder.mkdir()
    told = {"model_config": {"scale_head": {"dim": 1}}, "model": {"scale": torch.ones(3)}}
    torch.save(told, folder / "model.pt")
    return folder


def test_moge_tells_metres_normals_and_focal_length(moge: Path) -> None:
    photo = np.zeros((TALL, WIDE, 3), np.uint8)
    for place in (moge, moge / "model.pt"):
        found = depth_of(str(place), photo)
        assert found.focal == pytest.approx(FOCAL, rel=1e-5)
        np.testing.assert_allclose(found.depth[1:], room_depth()[1:], rtol=1e-6)
        assert found.depth[0, 0] == 0
        floor = np.zeros((TALL, WIDE), np.int64)
        floor[80:] = 2
        up = floor_normal(found, Marked(floor, (), (2,)))
        assert up is not None
        np.testing.assert_allclose(up, [0.0, -np.cos(PITCH), -np.sin(PITCH)], atol=1e-6)
        assert floor_normal(found, Marked(floor, (), ())) is None


def test_files_that_are_no_moge_are_told(
    moge: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = moge / "model.pt"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"holds no weights of MoGe-2, or it is cut off"):
        open_depth_model(str(moge))
    torch.save({"weights": torch.zeros(2)}, file)
    with pytest.raises(UserError, match="holds no weights of MoGe-2"):
        open_depth_model(str(moge))
    torch.save({"model_config": {}, "model": {}}, file)
    with pytest.raises(UserError, match="no metres"):
        open_depth_model(str(moge))
    told = {"model_config": {"scale_head": {}, "width": 4}, "model": {"scale": torch.ones(3)}}
    torch.save(told, file)
    with pytest.raises(UserError, match="do not fit their settings"):
        open_depth_model(str(moge))
    torch.save({**told, "model": {}}, file)
    with pytest.raises(UserError, match="1 parts are missing"):
        open_depth_model(str(moge))
    monkeypatch.delitem(sys.modules, "moge.model.v2")
    monkeypatch.setitem(sys.modules, "moge", None)
    with pytest.raises(Unavailable, match="package moge cannot start") as caught:
        open_depth_model(str(moge))
    assert "github.com/microsoft/MoGe" in caught.value.hint


def test_exr_takes_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "OpenEXR", None)
    with pytest.raises(Unavailable, match=r"takes a package that is not installed") as caught:
        read_depth(tmp_path / "depth.exr")
    assert "pip install OpenEXR" in caught.value.hint


def test_depth_in_exr(tmp_path: Path) -> None:
    package = pytest.importorskip("OpenEXR", exc_type=ImportError)
    depth, path = room_depth(), tmp_path / "depth.exr"
    for channels in (
        {"Z": depth, "A": 0 * depth},
        {"layer.depth": depth},
        {"R": depth, "G": depth},
    ):
        package.File({}, dict(channels)).write(str(path))
        np.testing.assert_array_equal(read_depth(path), depth)
    package.File({}, {"R": depth, "G": 0 * depth}).write(str(path))
    with pytest.raises(UserError, match="no channel of depth, but G, R"):
        read_depth(path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(UserError, match="no EXR file, or it is damaged"):
        read_depth(path)
