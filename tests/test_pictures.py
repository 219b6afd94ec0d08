"""Films, pictures, depth maps and COLMAP models: written, read back, counted."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import torch
from PIL import Image

from app.__main__ import main
from core.capture.colmap import read_colmap
from core.capture.photos import Photo, Quality
from core.capture.reconstruction import PlacedPhoto, Reconstruction, Verdict
from core.errors import UserError
from core.export import pictures
from core.export.model import modelled
from core.export.pictures import Kind, estimated_bytes, filmed, pictured
from core.export.ply import write_ply
from core.export.shots import Shots, Source, film_views, pinhole, still_views, turntable
from core.gaussians.table import Gaussians
from core.geometry.camera import View, project
from core.geometry.pose import Pose
from core.progress import Progress
from core.project.folder import Project, open_project, save_project
from core.render.rasterize import rasterize
from core.scene.camera_path import CameraPath, Key
from tests.small_room import make_room
from tests.viewport_scenes import three_blobs

T = TypeVar("T")
HERE = Pose.identity()
SMALL = Shots(width=64, height=48, seconds=0.5, rate=12)


def done(steps: Generator[Progress, None, T]) -> T:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            answer: T = end.value
            return answer


@pytest.fixture(scope="module")
def blobs() -> Gaussians:
    return three_blobs().to_gaussians()


def views(blobs: Gaussians, shots: Shots = SMALL) -> list[View]:
    return film_views(shots, blobs, CameraPath(), (), HERE)


def way() -> CameraPath:
    keys = []
    for x in (-0.5, 0.0, 0.7):
        matrix = np.diag([1.0, -1.0, -1.0, 1.0])
        matrix[:3, 3] = (-x, 0.0, 5.0)
        keys.append(Key.of(matrix, 0.9))
    return CameraPath(tuple(keys), 0.5)


def test_a_film_has_its_frames_and_its_size(blobs: Gaussians, tmp_path: Path) -> None:
    pytest.importorskip("av")
    import cv2  # as another reader

    path = tmp_path / "around.mp4"
    path.write_bytes(b"as it was")
    report = done(filmed(path, blobs, views(blobs), 12))
    assert report.pictures == 6
    assert report.size == path.stat().st_size
    capture = cv2.VideoCapture(str(path))
    assert capture.get(cv2.CAP_PROP_FRAME_WIDTH) == 64
    assert capture.get(cv2.CAP_PROP_FRAME_HEIGHT) == 48
    assert capture.get(cv2.CAP_PROP_FPS) == 12
    seen = 0
    while capture.grab():
        seen += 1
    capture.release()
    assert seen == 6
    assert list(tmp_path.iterdir()) == [path]


def test_a_film_that_was_stopped_or_is_wrong_leaves_the_old_one(
    blobs: Gaussians, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("av")
    path = tmp_path / "around.mp4"
    path.write_bytes(b"as it was")
    for count in (3, 8):  # of six pictures and two checks
        steps = filmed(path, blobs, views(blobs), 12)
        for _ in range(count):
            next(steps)
        steps.close()
    monkeypatch.setattr(pictures, "frames", lambda path: iter(()))
    with pytest.raises(UserError, match="0 frames instead of 6"):
        done(filmed(path, blobs, views(blobs), 12))
    with pytest.raises(UserError, match="even sizes"):
        done(filmed(path, blobs, views(blobs, Shots(width=63, height=48)), 12))
    assert path.read_bytes() == b"as it was"
    assert list(tmp_path.iterdir()) == [path]


def test_pictures_with_alpha_over_black_are_the_picture(blobs: Gaussians, tmp_path: Path) -> None:
    found = still_views(SMALL, blobs, way(), (), HERE)
    assert len(found) == 12
    path_views = still_views(Shots(Source.PATH, 64, 48), blobs, way(), (), HERE)
    report = done(pictured(tmp_path / "a", blobs, path_views, Kind.STILLS, metric=True))
    assert report.pictures == 3
    for name, view in path_views.items():
        with Image.open(tmp_path / "a" / f"{name}.png") as image:
            assert image.mode == "RGBA"
            pixels = np.asarray(image).astype(np.float64) / 255
        drawn = rasterize(blobs, view)
        assert pixels[..., 3] == pytest.approx(drawn.alpha.numpy(), abs=0.005)
        over = pixels[..., :3] * pixels[..., 3:]
        assert over == pytest.approx(drawn.color.clamp(0, 1).numpy(), abs=0.01)


def test_depth_maps_tell_how_far_things_are(blobs: Gaussians, tmp_path: Path) -> None:
    found = still_views(Shots(Source.PATH, 64, 48), blobs, way(), (), HERE)
    done(pictured(tmp_path / "npy", blobs, found, Kind.DEPTH_NPY, metric=True))
    done(pictured(tmp_path / "png", blobs, found, Kind.DEPTH_PNG, metric=True))
    told = json.loads((tmp_path / "png" / "depth.json").read_text())
    assert told == {"units_a_step": 0.001, "unit": "metre", "nothing": 0}
    for name, view in found.items():
        exact = np.load(tmp_path / "npy" / f"{name}.npy")
        with Image.open(tmp_path / "png" / f"{name}.depth.png") as image:
            steps = np.asarray(image)
        assert steps.dtype == np.uint16
        assert steps * told["units_a_step"] == pytest.approx(exact, abs=0.00051)
        there = exact > 0
        assert 0.02 < there.mean() < 0.9
        z = project(blobs.means, view)[1]
        assert z.min() <= exact[there].min()
        assert exact[there].max() <= z.max()


def test_a_far_scene_takes_larger_steps(blobs: Gaussians, tmp_path: Path) -> None:
    far = Gaussians(
        blobs.means * 300, blobs.quats, blobs.log_scales + np.log(300), blobs.logit_opacity,
        blobs.sh, blobs.object_id,
    )  # fmt: skip
    done(pictured(tmp_path / "a", far, {"a": views(far)[0]}, Kind.DEPTH_PNG, metric=False))
    told = json.loads((tmp_path / "a" / "depth.json").read_text())
    assert told["unit"] == "unknown"
    assert told["units_a_step"] in (0.01, 0.1)


def test_a_turntable_looks_at_the_middle_from_all_around(blobs: Gaussians) -> None:
    found = turntable(SMALL, blobs, (), HERE, 8)
    middle = blobs.means.mean(dim=0)
    ways = torch.stack([view.centre() - middle for view in found])
    assert torch.allclose(ways.sum(dim=0)[[0, 2]], torch.zeros(2), atol=0.6)
    for view in found:
        pixels, z = project(blobs.means, view)
        assert z.min() > 0
        inside = (pixels >= 0).all(dim=1) & (pixels < torch.tensor([64, 48])).all(dim=1)
        assert inside.float().mean() > 0.95
        assert view.camera_from_scene[1, 1] < 0  # upright: the picture's down is not up


def test_where_photos_leave_a_side_open_the_turntable_does_not_go() -> None:
    scene = three_blobs().to_gaussians()
    angles = np.radians([-40, -10, 20, 50])
    places = []
    for angle in angles:
        back = np.array([np.sin(angle), 0.3, np.cos(angle)])
        forward = -back / np.linalg.norm(back)
        right = np.cross(forward, [0, 1, 0])
        right /= np.linalg.norm(right)
        rotation = np.stack([right, np.cross(forward, right), forward])
        matrix = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = rotation, -rotation @ (4 * back)
        places.append(PlacedPhoto(f"{angle}", None, matrix))  # type: ignore[arg-type]
    found = turntable(SMALL, scene, places, HERE, 40)
    turns = [float(torch.atan2(c[0], c[2])) for c in (view.centre() for view in found)]
    assert min(turns) > angles[0] - 0.15
    assert max(turns) < angles[-1] + 0.15
    assert abs(turns[0] - turns[-1]) < 0.05


def test_a_path_without_keys_is_told(blobs: Gaussians) -> None:
    with pytest.raises(UserError, match="no key frames"):
        film_views(Shots(Source.PATH), blobs, CameraPath(), (), HERE)


def test_the_room_they_take_is_known(blobs: Gaussians, tmp_path: Path) -> None:
    found = {f"{k}": view for k, view in enumerate(views(blobs, Shots(width=160, height=120)))}
    some = dict(list(found.items())[:3])
    for kind in (Kind.STILLS, Kind.DEPTH_PNG, Kind.DEPTH_NPY):
        report = done(pictured(tmp_path / kind.name, blobs, some, kind, metric=True))
        assert report.size < 1.5 * estimated_bytes(kind, 3, 160, 120)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_room(tmp_path_factory.mktemp("room"))


def photos_in(folder: Path) -> dict[str, Photo]:
    found = {}
    for path in sorted(folder.iterdir()):
        with Image.open(path) as image:
            size = image.size
        found[path.name] = Photo(path.name, path, *size, None, "", Quality(0.1, 0.5, 0.0))
    return found


def test_a_colmap_model_comes_back_through_our_reader(
    room: tuple[Path, Path], tmp_path: Path
) -> None:
    known, photos = read_colmap(room[1]), photos_in(room[0])
    gone = known.photos[2].name
    del photos[gone]
    turn = Pose(np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]]), np.array([1.0, 2, 3]), 2.0)
    report = done(modelled(tmp_path / "model", known, photos, turn))
    assert report.photos == len(known.photos) - 1
    assert gone in report.remarks[0]
    read = read_colmap(tmp_path / "model")
    assert [each.name for each in read.photos] == sorted(photos)
    before = {each.name: each for each in known.photos}
    for each in read.photos:
        assert each.lens.model == "PINHOLE"
        with Image.open(tmp_path / "model" / "images" / each.name) as image:
            assert image.size == (each.lens.width, each.lens.height)
        expected = turn.moved_camera(before[each.name].camera_from_scene)
        np.testing.assert_allclose(each.camera_from_scene, expected, atol=1e-6)
    seen = np.unique(read.points.track_points)
    assert len(seen) == len(read.points.positions)
    lost = {tuple(np.round(turn.apply(p), 4)) for p in known.points.positions}
    assert {tuple(np.round(p, 4)) for p in read.points.positions} <= lost


def test_names_that_other_readers_do_not_take_are_changed(
    room: tuple[Path, Path], tmp_path: Path
) -> None:
    known, photos = read_colmap(room[1]), photos_in(room[0])
    first, second = known.photos[:2]
    renamed = (
        PlacedPhoto("a b.heic", first.lens, first.camera_from_scene),
        PlacedPhoto("a_b.heic.jpg", second.lens, second.camera_from_scene),
    )
    files = {"a b.heic": photos[first.name], "a_b.heic.jpg": photos[second.name]}
    told = (Verdict("a b.heic", True, ""), Verdict("a_b.heic.jpg", True, ""))
    small = Reconstruction(renamed, known.points.none(), told)
    done(modelled(tmp_path / "model", small, files, HERE))
    names = [each.name for each in read_colmap(tmp_path / "model").photos]
    assert names == ["a_b.heic-2.jpg", "a_b.heic.jpg"]


def test_a_project_keeps_its_path_and_the_command_follows_it(
    blobs: Gaussians, room: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("av")
    from core.capture.photos import Capture

    known = read_colmap(room[1])
    capture = Capture(tuple(photos_in(room[0]).values()))
    project_ = Project(capture, known, blobs, torch.zeros(0, 2, 3), (), path=way())
    save_project(tmp_path / "a.maquette", project_)
    assert open_project(tmp_path / "a.maquette").path == way()
    source = str(tmp_path / "a.maquette")
    film = tmp_path / "film.mp4"
    assert main(["export", source, "-o", str(film), "--rate", "12", "--size", "64x64"]) == 0
    assert "6 frames are in" in capsys.readouterr().err
    model = tmp_path / "model"
    assert main(["export", source, "-o", str(model), "--colmap"]) == 0
    assert (model / "sparse" / "0" / "cameras.txt").is_file()
    out = tmp_path / "depth"
    words = ["--cameras", "path", "--depth", "npy", "--size", "64x64"]
    assert main(["render", source, "-o", str(out), *words]) == 0
    assert sorted(path.name for path in out.iterdir()) == [f"key-0{k}.npy" for k in (1, 2, 3)]
    alpha = tmp_path / "alpha"
    words = ["--cameras", str(model), "--alpha"]
    assert main(["render", source, "-o", str(alpha), *words]) == 0
    assert len(list(alpha.glob("*.png"))) == 8
    write_ply(tmp_path / "a.ply", blobs)
    bare = [str(tmp_path / "a.ply"), "-o", str(tmp_path / "x.mp4")]
    capsys.readouterr()
    assert main(["export", *bare, "--cameras", "path"]) == 1
    assert "no key frames" in capsys.readouterr().err
    assert main(["export", str(tmp_path / "a.ply"), "-o", str(tmp_path / "m"), "--colmap"]) == 1
    assert "knows no cameras" in capsys.readouterr().err


def test_a_pinhole_sees_so_much() -> None:
    camera = pinhole(np.pi / 2, 100, 60)
    assert camera.fy == pytest.approx(30)
    assert (camera.cx, camera.cy) == (50, 30)
