"""Exports as a whole: chosen, placed, written, read back, and on the command line."""

import re
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from PIL import Image

from app.__main__ import main
from core.capture.lens import Lens
from core.capture.photos import Photo, Quality
from core.capture.reconstruction import PlacedPhoto
from core.errors import UserError
from core.export import job
from core.export.any_file import read_splats
from core.export.check import check_splats
from core.export.glb_container import read_glb
from core.export.job import Material, Report, exported
from core.export.ply import read_ply, write_ply
from core.export.wish import Format, Wish, estimated_bytes, format_of
from core.gaussians.table import Gaussians
from core.geometry.pose import Pose
from core.mesh.photos import Photographed
from core.mesh.values import MeshSettings
from core.render.rasterize import rasterize
from core.scene.layout import FIRST_COPY, Ground, Layout, Placement
from tests.test_mesh import BALL, ball_on_floor, view
from tests.test_ply import doubted

NAMES = {0: "Background", 1: "Chair", 2: "Mug"}
ALL = [".ply", ".compressed.ply", ".spz", ".glb"]


def scene(n: int = 300) -> Gaussians:
    """Objects 0 to 2 in turn, small, flat colours."""
    g = torch.Generator().manual_seed(n)
    return doubted(
        Gaussians(
            means=torch.randn(n, 3, generator=g),
            quats=torch.nn.functional.normalize(torch.randn(n, 4, generator=g), dim=1),
            log_scales=torch.randn(n, 3, generator=g) * 0.3 - 2.5,
            logit_opacity=torch.randn(n, generator=g) + 1,
            sh=torch.randn(n, 4, 3, generator=g) * 0.3,
            object_id=torch.arange(n) % 3,
        )
    )


def run(path: Path, material: Material, wish: Wish) -> Report:
    steps = exported(path, material, wish)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            report: Report = end.value
            return report


@pytest.mark.parametrize("suffix", ALL)
@pytest.mark.parametrize("objects", [None, frozenset({1})])
def test_all_or_one_object(tmp_path: Path, suffix: str, objects: frozenset[int] | None) -> None:
    path = tmp_path / f"a{suffix}"
    report = run(path, Material(scene(), names=NAMES), Wish(objects))
    assert report.checked.gaussians == len(read_splats(path)) == (100 if objects else 300)
    assert report.size == path.stat().st_size
    assert report.checked.psnr is not None
    assert report.checked.psnr > (30 if suffix in (".spz", ".compressed.ply") else 45)
    assert list(tmp_path.iterdir()) == [path]


def test_our_own_columns_can_be_left_out(tmp_path: Path) -> None:
    run(tmp_path / "a.ply", Material(scene()), Wish())
    run(tmp_path / "b.ply", Material(scene()), Wish(extras=False))
    assert read_ply(tmp_path / "a.ply").object_id.tolist() == scene().object_id.tolist()
    plain = read_ply(tmp_path / "b.ply")
    assert not plain.object_id.any()
    assert not plain.origin.any()
    assert torch.equal(plain.means, scene().means)


def test_the_layout_is_applied(tmp_path: Path) -> None:
    """One object hidden, one doubled, the floor put where it belongs."""
    up = Pose(np.eye(3), np.array([0.0, 5.0, 0.0]), 2.0)
    aside = Pose(np.eye(3), np.array([10.0, 0.0, 0.0]))
    placements = {
        1: Placement(1, 1, visible=False),
        FIRST_COPY: Placement(FIRST_COPY, 2, aside, name="Second mug"),
    }
    layout = Layout(placements, ground=Ground(up, metric=True), next_id=FIRST_COPY + 1)
    material = Material(scene(), layout, NAMES)
    run(tmp_path / "a.glb", material, Wish(visible=True))
    glb = read_glb(tmp_path / "a.glb")
    assert [node["name"] for node in glb.items("nodes")[1:]] == ["Background", "Mug", "Second mug"]
    assert glb.content["asset"]["extras"] == {"unit": "metre"}
    mug, copy = (np.array(node["translation"]) for node in glb.items("nodes")[2:])
    assert np.allclose(copy - mug, [20, 0, 0], atol=1e-4)
    run(tmp_path / "b.glb", material, Wish())
    names = [node["name"] for node in read_glb(tmp_path / "b.glb").items("nodes")[1:]]
    assert names == ["Background", "Chair", "Mug", "Second mug"]
    run(tmp_path / "a.ply", material, Wish(visible=True))
    assert len(read_ply(tmp_path / "a.ply")) == 300


def test_for_programs_whose_y_points_down(tmp_path: Path) -> None:
    run(tmp_path / "a.ply", Material(scene()), Wish(y_down=True))
    read = read_ply(tmp_path / "a.ply")
    assert torch.allclose(read.means, scene().means * torch.tensor([1.0, -1.0, -1.0]), atol=1e-6)


def test_what_is_read_back_wrong_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.ply"
    path.write_bytes(b"as it was")

    def shifted(to: Path, gaussians: Gaussians, *, extras: bool) -> None:
        write_ply(to, replace(gaussians, means=gaussians.means + 0.1), extras=extras)

    monkeypatch.setattr(job, "write_ply", shifted)
    with pytest.raises(UserError, match="its bounds are off"):
        run(path, Material(scene()), Wish())
    assert path.read_bytes() == b"as it was"
    assert list(tmp_path.iterdir()) == [path]


def test_a_picture_tells_what_counts_do_not(tmp_path: Path) -> None:
    written = scene()
    write_ply(tmp_path / "a.ply", replace(written, sh=written.sh + 0.5))
    with pytest.raises(UserError, match="looks different"):
        check_splats(tmp_path / "a.ply", Format.PLY, written)


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_stopped_between_two_steps_nothing_is_left(tmp_path: Path, steps: int) -> None:
    run_ = exported(tmp_path / "a.ply", Material(scene()), Wish())
    for _ in range(steps):
        next(run_)
    run_.close()
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_export(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing to export"):
        run(tmp_path / "a.ply", Material(scene()), Wish(frozenset({77})))
    with pytest.raises(UserError, match="photos"):
        run(tmp_path / "a.glb", Material(scene()), Wish(meshes=MeshSettings()))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ALL)
@pytest.mark.parametrize("n", [3000, 9000])
def test_the_size_is_known_before(tmp_path: Path, suffix: str, n: int) -> None:
    path, wish = tmp_path / f"a{suffix}", Wish()
    form = format_of(path)
    size = run(path, Material(scene(n)), wish).size
    guess = estimated_bytes(form, wish, n, 1, {0, 1, 2})
    assert guess == pytest.approx(size, rel=0.4 if form is Format.SPZ else 0.08)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """A ball on a floor, and six photos of it."""
    folder = tmp_path_factory.mktemp("photos")
    ball, photos, places = ball_on_floor(), {}, []
    for k in range(6):
        there, name = view(2 * np.pi * k / 6), f"{k}.png"
        with torch.no_grad():
            colors = rasterize(ball, there).color
        picture = (colors.clamp(0, 1) * 255).byte().numpy()
        Image.fromarray(picture).save(folder / name)
        camera = there.camera
        lens = Lens("PINHOLE", 120, 90, (camera.fx, camera.fy, camera.cx, camera.cy))
        places.append(PlacedPhoto(name, lens, there.camera_from_scene.double().numpy()))
        if k:  # one is gone
            photos[name] = Photo(name, folder / name, 120, 90, None, "", Quality(0.1, 0.5, 0.0))
    names = {0: "Floor", BALL: "Ball"}
    return Material(ball, Layout(), names, Photographed(photos, tuple(places), {}))


def test_meshes_in_glb(tmp_path: Path, room: Material, open3d: ModuleType) -> None:
    pytest.importorskip("xatlas")
    path = tmp_path / "a.glb"
    wish = Wish(splats=True, meshes=MeshSettings(1000, 128))
    report = run(path, room, wish)
    assert 500 < report.checked.triangles <= 2000
    assert any("1 photos are gone" in remark for remark in report.remarks)
    glb = read_glb(path)
    nodes = glb.items("nodes")
    names = [node["name"] for node in nodes]
    assert names == ["Scene", "Floor", "Floor, splats", "Ball", "Ball, splats"]
    assert nodes[3]["translation"] == pytest.approx([0, 0, 0], abs=0.05)
    assert [material["name"] for material in glb.items("materials")] == ["Floor", "Ball"]
    primitive = glb.items("meshes")[nodes[3]["mesh"]]["primitives"][0]
    assert primitive["attributes"].keys() == {"POSITION", "NORMAL", "TEXCOORD_0"}
    places = glb.array(primitive["attributes"]["POSITION"], 3)
    assert places[:, 1].min() > 0.05  # nobody saw where it stands
    assert places[:, 1].max() == pytest.approx(0.8, abs=0.05)
    assert len(read_splats(path)) == len(room.gaussians)
    assert report.size < estimated_bytes(Format.GLB, wish, len(room.gaussians), 0, {0, BALL})


def test_the_command_writes_what_its_suffix_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "scene.ply"
    write_ply(source, scene())
    for suffix in ALL:
        out = tmp_path / f"out{suffix}"
        assert main(["export", str(source), "-o", str(out), "--object", "2"]) == 0
        assert len(read_splats(out)) == 100
        assert re.search(r"100 Gaussians are in .*read back whole", capsys.readouterr().err)
        assert main(["export", str(out), "-o", str(out)]) == 1
        assert "exists already" in capsys.readouterr().err
    for words, told in [
        ("x.glb --mesh", "photos"),
        ("x.spz --mesh", "for GLB files"),
        ("x.spz --object cup", "no object"),
        ("x.obj", "names no format"),
    ]:
        name, *rest = words.split()
        assert main(["export", str(source), "-o", str(tmp_path / name), *rest]) == 1
        assert told in capsys.readouterr().err
