"""transforms.json: axes, intrinsics and names as the programs that write it mean them."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.capture.find import find_photos
from core.capture.lens import Lens
from core.capture.names import match_names
from core.capture.photos import Capture
from core.capture.transforms import Axes, read_transforms
from core.errors import UserError

# Stands at (0, 0, 5) and, in OpenGL axes, looks along -z at the origin, y up.
SCENE_FROM_CAMERA = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 5], [0, 0, 0, 1]]
GLOBAL = {"fl_x": 500.0, "fl_y": 510.0, "cx": 310.0, "cy": 250.0, "w": 640, "h": 480}


def write(folder: Path, frames: object = None, **content: object) -> Path:
    if frames is None:
        frames = [{"file_path": "images/0001.jpg", "transform_matrix": SCENE_FROM_CAMERA}]
    file = folder / "transforms.json"
    file.write_text(json.dumps({**content, "frames": frames}))
    return file


def only_lens(folder: Path, **content: object) -> Lens:
    return read_transforms(write(folder, **content)).photos[0].lens


def test_opengl_axes_become_opencv_axes(tmp_path: Path) -> None:
    (photo,) = read_transforms(write(tmp_path, **GLOBAL)).photos
    assert np.allclose(photo.camera_from_scene @ [0, 0, 0, 1], [0, 0, 5, 1])  # ahead is +z
    assert np.allclose(photo.camera_from_scene @ [0, 1, 0, 1], [0, -1, 5, 1])  # up is -y
    assert np.allclose(photo.camera_from_scene @ [1, 0, 0, 1], [1, 0, 5, 1])


def test_opencv_axes_by_key_or_by_argument(tmp_path: Path) -> None:
    behind = [0, 0, -5, 1]
    for key, name in (("camera_convention", "opencv"), ("axes", "COLMAP")):
        (photo,) = read_transforms(write(tmp_path, **GLOBAL, **{key: name})).photos
        assert np.allclose(photo.camera_from_scene @ [0, 0, 0, 1], behind)
    file = write(tmp_path, **GLOBAL)
    (photo,) = read_transforms(file, Axes.OPENCV).photos
    assert np.allclose(photo.camera_from_scene @ [0, 0, 0, 1], behind)
    file = write(tmp_path, **GLOBAL, camera_convention="opencv")
    (photo,) = read_transforms(file, Axes.OPENGL).photos
    assert np.allclose(photo.camera_from_scene @ [0, 0, 0, 1], [0, 0, 5, 1])
    with pytest.raises(UserError, match="sideways"):
        read_transforms(write(tmp_path, **GLOBAL, axes="sideways"))


def test_lens_kinds(tmp_path: Path) -> None:
    start = (500.0, 510.0, 310.0, 250.0)
    assert only_lens(tmp_path, **GLOBAL) == Lens("PINHOLE", 640, 480, start)
    lens = only_lens(tmp_path, **GLOBAL, k1=0.1, k2=0.2, p1=0.3, p2=0.4)
    assert lens == Lens("OPENCV", 640, 480, (*start, 0.1, 0.2, 0.3, 0.4))
    lens = only_lens(tmp_path, **GLOBAL, k1=0.1, k2=0.2, k3=0.5, p1=0.3, p2=0.4)
    assert lens.params == (*start, 0.1, 0.2, 0.3, 0.4, 0.5, 0.0, 0.0, 0.0)
    assert lens.model == "FULL_OPENCV"
    coefficients = {"k1": 0.1, "k2": 0.2, "k3": 0.3, "k4": 0.4}
    lens = only_lens(tmp_path, **GLOBAL, camera_model="OPENCV_FISHEYE", **coefficients)
    assert lens == Lens("OPENCV_FISHEYE", 640, 480, (*start, 0.1, 0.2, 0.3, 0.4))
    lens = only_lens(tmp_path, **GLOBAL, is_fisheye=True)
    assert lens.model == "OPENCV_FISHEYE"


def test_angle_of_view_alone_serves(tmp_path: Path) -> None:
    lens = only_lens(tmp_path, camera_angle_x=math.pi / 2, w=640, h=480)
    assert lens.model == "PINHOLE"
    assert lens.params == pytest.approx((320.0, 320.0, 320.0, 240.0))


def test_frames_may_have_lenses_of_their_own(tmp_path: Path) -> None:
    frames = [
        {"file_path": "a.jpg", "transform_matrix": SCENE_FROM_CAMERA, "fl_x": 700.0, "w": 800},
        {"file_path": "b.jpg", "transform_matrix": SCENE_FROM_CAMERA},
    ]
    one, two = read_transforms(write(tmp_path, frames, **GLOBAL)).photos
    assert one.lens == Lens("PINHOLE", 800, 480, (700.0, 510.0, 310.0, 250.0))
    assert two.lens == Lens("PINHOLE", 640, 480, (500.0, 510.0, 310.0, 250.0))


def test_names_sizes_and_missing_pictures(tmp_path: Path) -> None:
    """As in Blender's files: no suffix, no size; both come from the picture."""
    (tmp_path / "train").mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (200, 100)).save(tmp_path / "train" / "r_0.jpg", exif=exif)
    frames = [
        {"file_path": "./train/r_0", "transform_matrix": SCENE_FROM_CAMERA},
        {"file_path": "train\\r_1", "transform_matrix": SCENE_FROM_CAMERA},
    ]
    model = read_transforms(write(tmp_path, frames, camera_angle_x=1.0))
    (photo,) = model.photos
    assert photo.name == "train/r_0.jpg"
    assert (photo.lens.width, photo.lens.height) == (100, 200)
    verdicts = {verdict.name: verdict for verdict in model.verdicts}
    assert verdicts["train/r_0.jpg"].placed
    assert not verdicts["train/r_1"].placed
    model = read_transforms(write(tmp_path, frames, **GLOBAL))
    assert len(model.photos) == 2
    assert "not beside" in {v.name: v for v in model.verdicts}["train/r_1"].words


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ("{}", '"frames"'),
        ('{"frames": []}', '"frames"'),
        ('{"frames": [{}]}', '"file_path"'),
        ('{"frames": [{"file_path": "a.jpg"}]}', "transform_matrix"),
        ("\udcff", "not JSON"),
    ],
)
def test_damaged_files_are_told(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "transforms.json"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(UserError, match=words):
        read_transforms(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_transforms(tmp_path / "gone.json")


@pytest.mark.parametrize(
    "matrix",
    [
        "identity",
        [[1, 0], [0, 1]],
        [[1, 0, 0, 0], [0, 1, 0]],
        (np.diag([2.0, 2, 2, 1])).tolist(),
        (np.diag([1.0, 1, -1, 1])).tolist(),
        (np.diag([1.0, 1, 1, 2])).tolist(),
        (np.zeros((4, 4))).tolist(),
        np.full((4, 4), math.nan).tolist(),
    ],
)
def test_matrices_that_are_no_poses_are_told(tmp_path: Path, matrix: object) -> None:
    frames = [{"file_path": "a.jpg", "transform_matrix": matrix}]
    with pytest.raises(UserError, match="transform_matrix"):
        read_transforms(write(tmp_path, frames, **GLOBAL))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"w": 640, "h": 480}, "no focal length"),
        ({**GLOBAL, "fl_x": -5.0}, "focal lengths"),
        ({**GLOBAL, "fl_x": "long"}, "not a number"),
        ({**GLOBAL, "cx": math.inf}, "not a number"),
        ({**GLOBAL, "w": 0}, "0 x 480"),
        ({**GLOBAL, "camera_model": "EQUIRECTANGULAR"}, "not known"),
        ({**GLOBAL, "k4": 0.1}, "k4"),
    ],
)
def test_nonsense_about_the_lens_is_told(
    tmp_path: Path, content: dict[str, object], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        read_transforms(write(tmp_path, **content))


def test_a_frame_listed_twice_is_told(tmp_path: Path) -> None:
    frames = [{"file_path": "a.jpg", "transform_matrix": SCENE_FROM_CAMERA}] * 2
    with pytest.raises(UserError, match="2 times"):
        read_transforms(write(tmp_path, frames, **GLOBAL))


def test_the_fox(shared_data: Path, tmp_path: Path) -> None:
    """67 cameras for 50 photos; all look at the fox, which is in front of each of them."""
    *_, capture = find_photos([shared_data / "fox"], tmp_path)
    assert isinstance(capture, Capture)
    whole = read_transforms(shared_data / "fox" / "transforms.json")
    assert len(whole.photos) == 67
    model = match_names(whole, capture)
    assert [photo.name for photo in model.photos] == [photo.name for photo in capture.photos]
    assert sum(not verdict.placed for verdict in model.verdicts) == 17
    lens = model.photos[0].lens
    assert (lens.model, lens.width, lens.height) == ("OPENCV", 1080, 1920)
    # The place nearest to all optical axes.
    normal, right = np.zeros((3, 3)), np.zeros(3)
    for photo in model.photos:
        axis = photo.camera_from_scene[2, :3]
        centre = -photo.camera_from_scene[:3, :3].T @ photo.camera_from_scene[:3, 3]
        across = np.eye(3) - np.outer(axis, axis)
        normal, right = normal + across, right + across @ centre
    focus = np.linalg.solve(normal, right)
    depths = [(photo.camera_from_scene @ [*focus, 1])[2] for photo in model.photos]
    assert min(depths) > 0
