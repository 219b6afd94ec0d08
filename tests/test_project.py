"""Project folders: what is saved is what is opened."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from core.capture.lens import Lens
from core.capture.photos import Capture, LeftOut
from core.capture.pixels import load_pixels
from core.capture.reconstruction import PlacedPhoto, Reconstruction, SparsePoints, Verdict
from core.errors import UserError
from core.gaussians.table import Gaussians
from core.project.files import check_free, new_folder, replaced
from core.project.folder import Project, open_project, save_project
from core.project.layout_file import layout_to_json
from tests.layouts import rearranged
from tests.pictures import find, texture
from tests.test_ply import COLUMNS, PROVENANCE, cloud, doubted, same


@pytest.fixture
def capture(tmp_path: Path) -> Capture:
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(3):
        texture(i).save(folder / f"é {i}.png")
    return replace(find(folder), left_out=(LeftOut("x.jpg", "The file is empty."),))


@pytest.fixture
def project(capture: Capture) -> Project:
    random = np.random.default_rng(0)
    lens = Lens("OPENCV", 320, 240, (300.1, 300.2, 160.3, 120.4, 0.1, 0.2, 0.3, 0.4))
    matrices = [np.linalg.inv(np.eye(4) + 0.1 * random.random((4, 4))) for _ in range(3)]
    photos = tuple(
        PlacedPhoto(photo.name, lens, matrix)
        for photo, matrix in zip(capture.photos, matrices, strict=True)
    )
    points = SparsePoints(
        random.random((5, 3)),
        random.integers(0, 255, (5, 3), np.uint8),
        random.random(5),
        np.array([0, 1, 2]),
        np.array([4, 4, 0]),
    )
    reconstruction = Reconstruction(
        photos,
        points,
        tuple(Verdict(photo.name, True, "Placed.") for photo in capture.photos),
        ("Something is doubtful.",),
        True,
        {"solver": "none", "tracks": 3},
    )
    return Project(
        capture=capture,
        reconstruction=reconstruction,
        gaussians=doubted(cloud(20, 2, objects=True)),
        exposures=torch.rand(2, 2, 3),
        trained=tuple(photo.name for photo in capture.photos[:2]),
        held_out=(capture.photos[2].name,),
        settings={"seed": 3, "time_limit": None},
        metrics={"test": {"psnr": 20.5}},
        layout=rearranged(),
    )


def assert_same(first: Project, second: Project) -> None:
    assert first.capture == second.capture
    assert same(first.gaussians, second.gaussians)
    assert torch.equal(first.exposures, second.exposures)
    one, two = first.reconstruction, second.reconstruction
    for a, b in zip(one.photos, two.photos, strict=True):
        assert (a.name, a.lens) == (b.name, b.lens)
        assert np.array_equal(a.camera_from_scene, b.camera_from_scene)
    for name in vars(one.points):
        assert np.array_equal(getattr(one.points, name), getattr(two.points, name))
    for name in ("verdicts", "warnings", "floor_found", "details"):
        assert getattr(one, name) == getattr(two, name)
    for name in ("trained", "held_out", "settings", "metrics"):
        assert getattr(first, name) == getattr(second, name)
    assert layout_to_json(first.layout) == layout_to_json(second.layout)
    assert first.masks.objects == second.masks.objects
    assert first.masks.next_id == second.masks.next_id
    assert first.masks.photos.keys() == second.masks.photos.keys()
    for name, mask in first.masks.photos.items():
        other = second.masks.photos[name]
        assert mask.standing is other.standing
        assert np.array_equal(mask.labels(), other.labels())
        assert np.array_equal(mask.by_hand(), other.by_hand())


def only(folder: Path, name: str) -> Path:
    """The one file of that name in a project."""
    (found,) = folder.rglob(name)
    return found


def test_opening_gives_back_what_was_saved(tmp_path: Path, project: Project) -> None:
    save_project(tmp_path / "a.maquette", project)
    assert_same(open_project(tmp_path / "a.maquette"), project)


def test_saving_again_replaces_the_whole(tmp_path: Path, project: Project) -> None:
    folder = tmp_path / "a.maquette"
    save_project(folder, project)
    (folder / "somebody's").touch()
    later = replace(project, gaussians=cloud(3), settings={"seed": 4})
    save_project(folder, later)
    assert_same(open_project(folder), later)
    assert (folder / "somebody's").exists()
    assert len(list(folder.glob("data-*"))) == 1
    assert not [path for path in tmp_path.iterdir() if "a.maquette" in path.name and path != folder]


def test_photos_of_a_work_folder_come_along(tmp_path: Path, project: Project) -> None:
    folder = tmp_path / "a.maquette"
    before = [load_pixels(photo) for photo in project.capture.photos]
    save_project(folder, project, copy_below=tmp_path / "photos")
    for file in (tmp_path / "photos").iterdir():
        file.unlink()
    moved = tmp_path / "b.maquette"
    folder.rename(moved)
    opened = open_project(moved)
    for photo, pixels in zip(opened.capture.photos, before, strict=True):
        assert photo.path.is_relative_to(moved)
        assert np.array_equal(load_pixels(photo), pixels)
    # Saved once more, over itself, its photos are still there.
    save_project(moved, opened)
    assert np.array_equal(load_pixels(open_project(moved).capture.photos[0]), before[0])


def test_a_save_that_fails_leaves_the_old_one(tmp_path: Path, project: Project) -> None:
    folder = tmp_path / "a.maquette"
    save_project(folder, project)
    with pytest.raises(TypeError):
        save_project(folder, replace(project, settings={"cannot be JSON": object()}))
    assert_same(open_project(folder), project)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("manifest.json", b"{", id="no JSON"),
        pytest.param("manifest.json", b"[]", id="no object"),
        pytest.param("manifest.json", b'{"version": 1}', id="nothing in it"),
        pytest.param("gaussians.safetensors", b"\xff" * 100, id="lying arrays"),
        pytest.param("gaussians.safetensors", b"", id="empty arrays"),
        pytest.param("points.safetensors", None, id="missing arrays"),
    ],
)
def test_damage_is_told(tmp_path: Path, project: Project, name: str, content: bytes | None) -> None:
    folder = tmp_path / "a.maquette"
    save_project(folder, project)
    file = only(folder, name)
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        open_project(folder)


def test_projects_from_before_provenance_open(tmp_path: Path, project: Project) -> None:
    folder = tmp_path / "a.maquette"
    save_project(folder, project)
    file = only(folder, "gaussians.safetensors")
    columns = load_file(file)
    assert set(columns) == {*COLUMNS, *PROVENANCE}
    save_file({name: columns[name] for name in COLUMNS}, file)
    plain = {name: getattr(project.gaussians, name) for name in COLUMNS}
    assert_same(open_project(folder), replace(project, gaussians=Gaussians(**plain)))


def test_columns_of_unequal_length_are_told(tmp_path: Path, project: Project) -> None:
    folder = tmp_path / "a.maquette"
    save_project(folder, project)
    wrong = {name: getattr(cloud(4), name) for name in COLUMNS} | {"quats": torch.ones(3, 4)}
    save_file(wrong, only(folder, "gaussians.safetensors"))
    with pytest.raises(UserError, match="damaged"):
        open_project(folder)


def test_no_project(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no project"):
        open_project(tmp_path)


def fill(out: Path, error: BaseException) -> None:
    with new_folder(out) as folder:
        (folder / "a").touch()
        raise error


def fill_late(out: Path) -> None:
    """Somebody else makes `out` first."""
    with new_folder(out) as folder:
        (folder / "a").touch()
        out.mkdir()
        (out / "theirs").touch()


def write_half(path: Path) -> None:
    with replaced(path) as file:
        file.write(b"newer")
        raise ValueError("half way")


def test_a_new_folder_is_whole_or_absent(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        fill(out, KeyboardInterrupt())
    assert not list(tmp_path.iterdir())
    with new_folder(out) as folder:
        (folder / "a").touch()
        assert not out.exists()
    assert [path.name for path in out.iterdir()] == ["a"]


def test_a_new_folder_may_fill_an_empty_one(tmp_path: Path) -> None:
    with new_folder(tmp_path) as folder:
        (folder / "b").mkdir()
        (folder / "b" / "c").touch()
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_a_name_taken_meanwhile_costs_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(UserError, match="out-2"):
        fill_late(out)
    assert (out / "theirs").exists()
    assert (tmp_path / "out-2" / "a").exists()


def test_what_is_there_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file", tmp_path / "no" / "where"):
        with pytest.raises(UserError, match=r"exists? already|does not exist"):
            check_free(path)


def test_replaced_leaves_the_old_until_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with replaced(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    with pytest.raises(ValueError, match="half way"):
        write_half(path)
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]
