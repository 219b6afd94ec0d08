"""COLMAP models: what pycolmap writes we read, what we write it reads, and damage is told."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.capture.colmap import find_model, read_colmap, write_colmap_text
from core.capture.colmap_library import pycolmap
from core.capture.lens import Lens
from core.capture.names import match_names
from core.capture.photos import Capture, Photo, Quality
from core.capture.reconstruction import (
    PlacedPhoto,
    Reconstruction,
    SparsePoints,
)
from core.errors import UserError


@pytest.fixture(scope="module")
def synthetic() -> pycolmap.Reconstruction:
    """Two cameras on a rig, three times: six images with spaces and folders in their names."""
    pycolmap.set_random_seed(1)
    options = pycolmap.SyntheticDatasetOptions()
    options.num_rigs, options.num_cameras_per_rig, options.num_frames_per_rig = 1, 2, 3
    options.num_points3D = 40
    model = pycolmap.synthesize_dataset(options)
    for i, image in model.images.items():
        image.name = f"left side/photo {7 - i}.jpg"
    return model


@pytest.fixture(params=["text", "binary"])
def folder(
    request: pytest.FixtureRequest, synthetic: pycolmap.Reconstruction, tmp_path: Path
) -> Path:
    write = synthetic.write_text if request.param == "text" else synthetic.write_binary
    write(str(tmp_path))
    return tmp_path


def photo_of(name: str, width: int = 1024, height: int = 768) -> Photo:
    path = Path("/photos") / name
    return Photo(path.name, path, width, height, None, "", Quality(1.0, 0.5, 0.0))


def small_reconstruction() -> Reconstruction:
    """Two photos, two lenses, three points of which one was seen once."""
    turned = np.array([[0.0, -1, 0, 0.1], [1, 0, 0, 0.2], [0, 0, 1, 3.0], [0, 0, 0, 1]])
    ahead = np.eye(4)
    ahead[2, 3] = 4.0
    return Reconstruction(
        photos=(
            PlacedPhoto(
                "a b/one.jpg", Lens("PINHOLE", 640, 480, (500.0, 501.0, 320.0, 240.0)), ahead
            ),
            PlacedPhoto(
                "two.jpg", Lens("SIMPLE_RADIAL", 320, 240, (250.0, 160.0, 120.0, 0.1)), turned
            ),
        ),
        points=SparsePoints(
            positions=np.array([[0.1, 0.2, 1 / 3], [-0.3, 0.1, 0.2], [0.0, 0.0, 1e-7]]),
            colors=np.array([[255, 0, 1], [2, 3, 4], [9, 9, 9]], np.uint8),
            errors=np.array([0.5, 0.25, 1.0]),
            track_photos=np.array([0, 1, 0, 1, 0], np.int64),
            track_points=np.array([0, 0, 1, 1, 2], np.int64),
        ),
        verdicts=(),
    )


def observations(points: SparsePoints) -> set[tuple[int, int]]:
    return set(zip(points.track_photos.tolist(), points.track_points.tolist(), strict=True))


def test_what_pycolmap_writes_is_read(folder: Path, synthetic: pycolmap.Reconstruction) -> None:
    ours = read_colmap(folder)
    theirs = {image.name: image for image in synthetic.images.values()}
    assert [photo.name for photo in ours.photos] == sorted(theirs)
    for photo in ours.photos:
        image = theirs[photo.name]
        expected = image.cam_from_world().matrix()
        assert np.allclose(photo.camera_from_scene[:3], expected, atol=1e-12)
        camera = synthetic.cameras[image.camera_id]
        assert photo.lens == Lens("SIMPLE_RADIAL", 1024, 768, tuple(camera.params))
    points = [synthetic.points3D[i] for i in sorted(synthetic.points3D)]
    order = np.lexsort(ours.points.positions.T)
    expected = np.array([point.xyz for point in points])
    assert np.allclose(ours.points.positions[order], expected[np.lexsort(expected.T)], atol=1e-12)
    assert len(ours.points.track_points) == sum(point.track.length() for point in points)
    assert all(verdict.placed for verdict in ours.verdicts)


def test_observations_fall_where_points_project(folder: Path) -> None:
    """Ties tracks to the right points and photos: each observed point is in the picture."""
    model = read_colmap(folder)
    for photo_index, point_index in observations(model.points):
        photo = model.photos[photo_index]
        place = photo.camera_from_scene[:3] @ [*model.points.positions[point_index], 1.0]
        assert place[2] > 0
        (pixel,) = photo.lens.pixels(place[None, :2] / place[2])
        assert (pixel >= 0).all()
        assert (pixel <= (1024, 768)).all()


def test_pycolmap_reads_what_we_write(tmp_path: Path) -> None:
    ours = small_reconstruction()
    one, two = ours.photos  # COLMAP itself ends names in text files at the first space
    ours = replace(ours, photos=(replace(one, name="a/one.jpg"), two))
    write_colmap_text(tmp_path, ours)
    theirs = pycolmap.Reconstruction(str(tmp_path))
    images = {image.name: image for image in theirs.images.values()}
    assert set(images) == {"a/one.jpg", "two.jpg"}
    for photo in ours.photos:
        image = images[photo.name]
        assert np.allclose(image.cam_from_world().matrix(), photo.camera_from_scene[:3], atol=1e-15)
        assert theirs.cameras[image.camera_id].model.name == photo.lens.model
        for feature in image.points2D:
            point = theirs.points3D[feature.point3D_id]
            assert np.allclose(image.project_point(point.xyz), feature.xy, atol=1e-9)
    assert theirs.compute_num_observations() == 5
    assert theirs.compute_mean_reprojection_error() == pytest.approx((0.5 + 0.25 + 1) / 3)


def test_text_round_trip_keeps_every_digit(tmp_path: Path) -> None:
    ours = small_reconstruction()
    write_colmap_text(tmp_path, ours)
    back = read_colmap(tmp_path)
    for one, two in zip(ours.photos, back.photos, strict=True):
        assert (one.name, one.lens) == (two.name, two.lens)
        assert np.allclose(one.camera_from_scene, two.camera_from_scene, atol=1e-15)
    assert np.array_equal(ours.points.positions, back.points.positions)
    assert np.array_equal(ours.points.colors, back.points.colors)
    assert np.array_equal(ours.points.errors, back.points.errors)
    assert observations(ours.points) == observations(back.points)


def test_a_model_without_points_or_tracks_is_one(tmp_path: Path) -> None:
    ours = replace(small_reconstruction(), points=SparsePoints.none())
    write_colmap_text(tmp_path, ours)
    assert len(read_colmap(tmp_path).photos) == 2
    (tmp_path / "points3D.txt").unlink()
    assert len(read_colmap(tmp_path).points.positions) == 0


@pytest.mark.parametrize("place", ["", "sparse/0", "sparse", "0", "colmap/sparse/0"])
def test_the_usual_places_are_tried(folder: Path, tmp_path: Path, place: str) -> None:
    project = tmp_path / "project"
    shutil.copytree(folder, project / place, ignore=shutil.ignore_patterns("project"))
    assert find_model(project) == project / place
    assert len(read_colmap(project).photos) == 6


def test_several_models_are_a_warning(tmp_path: Path) -> None:
    write_colmap_text(tmp_path / "sparse" / "0", small_reconstruction())
    assert read_colmap(tmp_path).warnings == ()
    write_colmap_text(tmp_path / "sparse" / "1", small_reconstruction())
    (warning,) = read_colmap(tmp_path).warnings
    assert "2 models" in warning


def test_no_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no COLMAP model"):
        read_colmap(tmp_path)
    with pytest.raises(UserError, match="not a folder"):
        read_colmap(tmp_path / "gone")


@pytest.mark.parametrize("name", ["cameras.bin", "images.bin", "points3D.bin"])
@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.99])
def test_cut_off_binary_files_are_told(
    synthetic: pycolmap.Reconstruction, tmp_path: Path, name: str, kept: float
) -> None:
    synthetic.write_binary(str(tmp_path))
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(UserError, match="not a COLMAP file"):
        read_colmap(tmp_path)


def test_random_damage_never_gets_through_as_anything_but_a_user_error(
    synthetic: pycolmap.Reconstruction, tmp_path: Path
) -> None:
    random = np.random.default_rng(3)
    for kind in ("bin", "txt"):
        (tmp_path / kind).mkdir()
    synthetic.write_binary(str(tmp_path / "bin"))
    synthetic.write_text(str(tmp_path / "txt"))
    told = 0
    for i in range(150):
        kind = ("bin", "txt")[i % 2]
        place = tmp_path / kind / f"{('cameras', 'images', 'points3D')[i % 3]}.{kind}"
        whole = place.read_bytes()
        broken = bytearray(whole)
        for at in random.integers(0, min(len(whole), 400), 4):
            broken[at] = random.integers(0, 256)
        place.write_bytes(broken)
        try:
            read_colmap(tmp_path / kind)
        except UserError:
            told += 1
        place.write_bytes(whole)
    assert told > 50


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("cameras.txt", "PINHOLE", "PINFOLD", "no camera model named"),
        ("cameras.txt", "500.0 501.0", "500.0", "has 4 parameters, not 3"),
        ("cameras.txt", "500.0", "-500.0", "with the parameters"),
        ("cameras.txt", "500.0", "nan", "with the parameters"),
        ("cameras.txt", "640 480", "0 480", "0 x 480 pixels"),
        ("cameras.txt", "640", "wide", "line 2"),
        ("images.txt", "two.jpg", "a b/one.jpg", "twice"),
        ("images.txt", " 2 two.jpg", " 7 two.jpg", "camera 7"),
        ("images.txt", "1.0 0.0 0.0 0.0", "0.0 0.0 0.0 0.0", "the pose of"),
        ("images.txt", "4.0 1 a b/one.jpg", "inf 1 a b/one.jpg", "the pose of"),
        ("points3D.txt", "255 0 1", "256 0 1", "line 2"),
        ("points3D.txt", "0.1 0.2", "0.1 nan", "finite places"),
        ("points3D.txt", "0.5 1 0", "0.5 9 0", "image 9"),
    ],
)
def test_nonsense_in_text_files_is_told(
    tmp_path: Path, name: str, old: str, new: str, words: str
) -> None:
    write_colmap_text(tmp_path, small_reconstruction())
    content = (tmp_path / name).read_text()
    assert old in content
    (tmp_path / name).write_text(content.replace(old, new, 1))
    with pytest.raises(UserError, match=words):
        read_colmap(tmp_path)


# --------------------------------------------------------------------- names and sizes


def test_names_match_whole_then_by_path_file_and_stem() -> None:
    model = small_reconstruction()
    for names in (["a b/one.jpg", "two.jpg"], ["one.jpg", "two.JPG"], ["one.png", "x/two.heic"]):
        photos = (photo_of(names[0], 640, 480), photo_of(names[1], 320, 240))
        matched = match_names(model, Capture(photos))
        assert [photo.name for photo in matched.photos] == [photo.name for photo in photos]
        assert observations(matched.points) == observations(model.points)


def test_disambiguated_names_match_by_path() -> None:
    photos = tuple(
        replace(photo_of(f"{folder}/one.jpg", 640, 480), name=f"{folder}-one.jpg")
        for folder in ("a b", "c")
    )
    matched = match_names(small_reconstruction(), Capture(photos))
    assert [photo.name for photo in matched.photos] == ["a b-one.jpg"]


def test_photos_and_cameras_without_a_partner_are_told() -> None:
    model = small_reconstruction()
    capture = Capture((photo_of("three.jpg"), photo_of("two.jpg", 320, 240)))
    matched = match_names(model, capture)
    assert [photo.name for photo in matched.photos] == ["two.jpg"]
    assert observations(matched.points) == {(0, 0), (0, 1)}
    assert {verdict.name: verdict.placed for verdict in matched.verdicts} == {
        "a b/one.jpg": False,
        "three.jpg": False,
        "two.jpg": True,
    }
    with pytest.raises(UserError, match="None of the cameras"):
        match_names(model, Capture((photo_of("three.jpg"),)))


def test_two_photos_for_one_camera_are_not_guessed() -> None:
    photos = (photo_of("one.png", 640, 480), photo_of("one.webp", 640, 480))
    photos += (photo_of("two.jpg", 320, 240),)
    matched = match_names(small_reconstruction(), Capture(photos))
    assert [photo.name for photo in matched.photos] == ["two.jpg"]


def test_lenses_take_the_size_of_the_photos() -> None:
    photos = (photo_of("one.jpg", 1280, 960), photo_of("two.jpg", 320, 240))
    lens = match_names(small_reconstruction(), Capture(photos)).photos[0].lens
    assert lens == Lens("PINHOLE", 1280, 960, (1000.0, 1002.0, 640.0, 480.0))


def test_turned_and_cropped_photos_are_told() -> None:
    model = small_reconstruction()
    with pytest.raises(UserError, match="turned by a right angle"):
        match_names(model, Capture((photo_of("one.jpg", 480, 640),)))
    with pytest.raises(UserError, match="cropped"):
        match_names(model, Capture((photo_of("one.jpg", 640, 640),)))
