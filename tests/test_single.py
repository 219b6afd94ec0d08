"""One photo: how it was taken, where walls and things are, and the scene made of it."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from core.gaussians.provenance import Origin
from core.pipeline.build import Built
from core.render.rasterize import rasterize
from core.single.guess import guessed_walls
from core.single.lines import Edges, straight_edges
from core.single.outline import Eye, walls_from_floor
from core.single.perspective import perspective
from core.single.standing import Footing, standing
from tests.single_scenes import (
    COUNT,
    FLOOR,
    SAMPLE,
    Truth,
    flat_warp,
    looked_at,
    made,
    seen_from,
    truth,
)

Array = NDArray[np.float64]

SOME = (0, 4, 9)  # the last two are stored turned


def box_edges(focal: float, pitch: float, turn: float, width: int, height: int) -> Edges:
    """Edges of boxes on a floor, as a camera sees them that looks down by `pitch`."""
    random = np.random.default_rng(1)
    c, s = np.cos(turn), np.sin(turn)
    yaw = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    cp, sp = np.cos(pitch), np.sin(pitch)
    tilt = np.array([[1, 0, 0], [0, -cp, sp], [0, -sp, -cp]])
    rotation = tilt @ yaw
    found = []
    while len(found) < 60:
        start = random.uniform((-3, 0, -6), (3, 2.5, -2)) @ yaw
        end = start.copy()
        end[int(random.integers(3))] += random.uniform(0.5, 1.5)
        seen = (np.stack([start, end]) - [0, 1.5, 0]) @ rotation.T
        if (seen[:, 2] < 0.5).any():
            continue
        pixels = seen[:, :2] / seen[:, 2:] * focal + [width / 2, height / 2]
        if ((pixels >= 0) & (pixels < [width, height])).all():
            found.append(pixels)
    return Edges(np.array(found))


@pytest.mark.parametrize(("focal", "pitch"), [(520.0, 12.0), (800.0, 25.0), (1000.0, 6.0)])
def test_three_directions_of_edges_tell_the_camera(focal: float, pitch: float) -> None:
    edges = box_edges(focal, np.radians(pitch), 0.5, 800, 600)
    found = perspective(edges, 800, 600, None)
    assert found.focal == pytest.approx(focal, rel=0.03)
    up = np.array([0.0, -np.cos(np.radians(pitch)), -np.sin(np.radians(pitch))])
    assert np.degrees(np.arccos(min(1.0, abs(found.up @ up)))) < 1.0
    assert found.leveled
    assert found.turned


def test_without_edges_a_photo_is_usual() -> None:
    found = perspective(straight_edges(np.full((90, 120, 3), 128, np.uint8)), 120, 90, None)
    assert not found.leveled
    assert not found.turned
    assert 0.5 * 120 < found.focal < 1.2 * 120
    assert np.allclose(found.up, [0, -1, 0], atol=1e-6)


def test_a_known_focal_length_is_kept() -> None:
    edges = box_edges(520.0, 0.2, 0.5, 800, 600)
    assert perspective(edges, 800, 600, 700.0).focal == pytest.approx(700.0, rel=0.1)


@pytest.mark.parametrize("k", SOME)
def test_photos_of_the_sample(k: int) -> None:
    """Focal length within 10 %, floor within 5 %, feet within 5 % of their distance."""
    true, (found, room) = truth(k), looked_at(k)
    assert found.focal == pytest.approx(true.focal, rel=0.1)
    assert floor_error(k) < 0.05
    feet = foot_errors(k)
    assert len(feet) >= 4
    assert max(feet.values()) < 0.05
    assert len(room.faces) >= 3


def floor_error(k: int) -> float:
    """The median, as a part of the true distance, over the pixels of floor."""
    true, (_, room) = truth(k), looked_at(k)
    floor = true.labels == FLOOR
    off = room.depth[floor] * true.eye[1] / 1.5 / true.floor_depth()[floor] - 1
    return float(np.median(np.abs(off)))


def foot_errors(k: int) -> dict[int, float]:
    """Of the things found to stand on the floor: how far off their feet are."""
    true, (_, room) = truth(k), looked_at(k)
    depth = true.floor_depth()
    errors = {}
    for id_, thing in room.things.items():
        if thing.footing is Footing.FLOOR:
            columns, rows = thing.feet.T
            mine = room.depth[rows, columns] * true.eye[1] / 1.5
            errors[id_] = float(np.median(np.abs(mine / depth[rows, columns] - 1)))
    return errors


def test_what_a_thing_rests_on() -> None:
    _, room = looked_at(0)
    names = {id_: (thing.footing, thing.on) for id_, thing in room.things.items()}
    assert names[5] == (Footing.THING, 3)  # the mug on the table
    assert names[14] == (Footing.WALL, None)  # pictures
    assert names[7] == (Footing.FLOOR, None)  # the armchair
    assert room.flat == {2}  # the rug


def eye(focal: float = 300.0, width: int = 320, height: int = 240) -> Eye:
    pitch = np.radians(15.0)
    tilt = np.array(
        [
            [1, 0, 0],
            [0, -np.cos(pitch), np.sin(pitch)],
            [0, -np.sin(pitch), -np.cos(pitch)],
        ]
    )
    return Eye.of(tilt, focal, width, height, 1.5)


def box_room(view: Eye, ahead: float, left: float) -> NDArray[np.bool_]:
    """The floor [H, W] of a room with walls so far ahead and to the left."""
    depth = view.floor_depth()
    places = np.where(np.isfinite(depth), depth, 0.0)[..., None] * view.rays
    return np.asarray(
        np.isfinite(depth) & (places[..., 2] > -ahead) & (places[..., 0] > -left), bool
    )


def test_walls_stand_where_the_floor_ends() -> None:
    view = eye()
    floor = box_room(view, 4.0, 1.6)
    walls = walls_from_floor(view, floor, np.zeros_like(floor), True)
    found = {tuple(np.round(wall.normal).astype(int)): wall.offset for wall in walls}
    assert found[(0, 0, 1)] == pytest.approx(4.0, rel=0.02)
    assert found[(1, 0, 0)] == pytest.approx(1.6, rel=0.02)


def test_things_before_the_floors_end_are_no_walls() -> None:
    view = eye()
    floor = box_room(view, 4.0, 30.0)
    thing = np.zeros_like(floor)
    thing[60:160, 40:120] = True
    walls = walls_from_floor(view, floor & ~thing, thing, True)
    assert [tuple(np.round(wall.normal)) for wall in walls] == [(0, 0, 1)]
    assert walls[0].offset == pytest.approx(4.0, rel=0.02)


def test_nothing_of_a_thing_is_under_the_floor_or_behind_a_wall() -> None:
    view = eye()
    floor = box_room(view, 4.0, 30.0)
    labels = np.where(floor, FLOOR, 0)
    labels[70:150, 100:140] = 2
    labels[150:190, 100:105] = labels[150:190, 135:140] = 2
    wall = 4.0 / -view.rays[..., 2]
    behind = np.minimum(view.floor_depth(), np.where(wall > 0, wall, np.inf))
    (thing,) = standing(labels, [2], floor & (labels == FLOOR), view, behind).values()
    mask = labels == 2
    assert thing.footing is Footing.FLOOR
    assert (thing.depth[mask] > 0).all()
    assert (thing.depth[~mask] == 0).all()
    assert (thing.depth <= behind + 1e-6)[mask].all()
    columns, rows = thing.feet.T
    near = np.abs(thing.depth[rows, columns] / view.floor_depth()[rows, columns] - 1)
    assert float(near.max()) < 0.02


def test_walls_are_guessed_where_nothing_is_marked() -> None:
    """Of the three photos looked at, the wall ahead within a third of its distance."""
    true, (found, room) = truth(0), looked_at(0)
    height, width = true.labels.shape
    view = Eye.of(found.camera_from_room, found.focal, width, height, 1.5)
    edges = straight_edges(true.photo)
    walls = guessed_walls(true.photo, edges, found, view, np.zeros((height, width), bool))
    told = {tuple(np.round(face.plane.normal)): face.plane.offset for face in room.faces[1:3]}
    guessed = {tuple(np.round(wall.normal)): wall.offset for wall in walls}
    assert guessed.keys() == told.keys()
    for side, distance in told.items():
        assert guessed[side] == pytest.approx(distance, rel=0.35)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Of the sample's third photo and its masks, small."""
    folder = tmp_path_factory.mktemp("one")
    photo = folder / "photo.jpg"
    photo.write_bytes((SAMPLE / "photos" / truth(2).name).read_bytes())
    return made(photo, truth(2).labels, 160)


def test_the_scene_looks_like_its_photo(scene: Built) -> None:
    flat = scene.pictures.train[0]
    off = rasterize(scene.last.gaussians, flat.view).color.clamp(0, 1) - flat.pixels.float() / 255
    assert float(-10 * torch.log10((off**2).mean())) > 23
    (placed,) = scene.reconstruction.photos
    assert scene.reconstruction.floor_found
    assert placed.name == flat.name


def test_what_is_made_up_is_marked(scene: Built) -> None:
    origin = scene.last.gaussians.origin
    assert not (origin == Origin.OBSERVED).any()  # nothing was measured
    made_up = origin == Origin.FILLED
    assert 0 < int(made_up.sum()) < len(origin)
    assert not scene.last.gaussians.confidence[made_up].any()
    assert set(scene.last.gaussians.object_id.tolist()) >= {0, FLOOR, 3, 7}


def test_a_view_from_beside_is_filled(scene: Built) -> None:
    """From where the next photos were taken, about nine degrees to either side."""
    view = scene.pictures.train[0].view
    for k in (1, 3):
        render = rasterize(scene.last.gaussians, seen_from(view, truth(2), truth(k)))
        assert float((render.alpha > 0.5).float().mean()) > 0.97


def gain(scene: Built, here: Truth, there: Truth) -> float:
    """dB by which the scene beats the photo as a flat picture, where that reaches."""
    view = scene.pictures.train[0].view
    other = seen_from(view, here, there)
    target = cv2.resize(
        there.photo, (other.camera.width, other.camera.height), interpolation=cv2.INTER_AREA
    )
    distance = float(rasterize(scene.last.gaussians, view).depth.median())
    warped, reached = flat_warp(here.photo, view, other, distance)
    mine = rasterize(scene.last.gaussians, other).color.clamp(0, 1).numpy() * 255

    def error(picture: Array) -> float:
        return float(((picture - target.astype(np.float64))[reached] ** 2).mean())

    return 10 * np.log10(error(warped.astype(np.float64)) / error(mine.astype(np.float64)))


def test_a_turned_view_beats_a_flat_picture(scene: Built) -> None:
    gains = [gain(scene, truth(2), truth(k)) for k in (1, 3)]
    assert float(np.mean(gains)) > 1.5


@pytest.mark.slow
def test_every_photo_of_the_sample(tmp_path: Path) -> None:
    """The figures of docs/single.md."""
    gains, focals, floors, feet = [], [], [], []
    for k in range(COUNT):
        photo = tmp_path / f"{k}.png"
        Image.fromarray(truth(k).photo).save(photo)
        scene = made(photo, truth(k).labels, 480)
        gains += [gain(scene, truth(k), truth(j)) for j in (k - 1, k + 1) if 0 <= j < COUNT]
        focals.append(abs(looked_at(k)[0].focal / truth(k).focal - 1))
        floors.append(floor_error(k))
        feet += foot_errors(k).values()
    figures = {
        "gain, mean": float(np.mean(gains)),
        "gain, least": min(gains),
        "focal length": max(focals),
        "floor": max(floors),
        "feet, median": float(np.median(feet)),
        "feet, worst": max(feet),
    }
    sys.stderr.write(f"\n{figures}\n")
    assert max(focals) < 0.1
    assert max(floors) < 0.05
    assert max(feet) < 0.05
