"""Objects of the sample's room, put elsewhere, find back to where photos show them."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.gaussians.arrays import SplatArrays
from core.gaussians.moved import moved
from core.gaussians.table import Gaussians
from core.geometry.camera import View, project
from core.geometry.pose import Pose
from core.render.rasterize import rasterize
from core.scene.bodies import body_points
from core.scene.placing.contact import floor_contact, stands_on_floor
from core.scene.placing.fit import FitSettings, Placed, Surroundings, place
from core.scene.placing.losses import (
    clearance_of,
    dice_loss,
    one_sided,
    outside_box,
    penetration,
    silhouette_loss,
)
from core.scene.placing.model import LOG_SCALE, YAW, stance_of
from core.scene.placing.sightings import Sighting, middle_of, sighting
from core.scene.placing.start import start_from_cloud, start_from_masks
from tests.ground_scenes import DEPTH, cameras, discs, names, surfaces

Array = NDArray[np.float64]
SHORT = FitSettings(turns=1, coarse_steps=45, steps=40, coarse=48)
OWN = Pose(Rotation.from_euler("y", 50, degrees=True).as_matrix(), np.array([1.0, 0.3, 2.0]), 2.0)


@cache
def photographed(name: str) -> tuple[Gaussians, tuple[Sighting, ...]]:
    """An object of the room in a frame of its own, and how three photos show it there."""
    inside = surfaces()[2] == names()[name]
    thing, others = discs(inside, 0.015), discs(~inside & (np.arange(len(inside)) % 8 == 0), 0.06)
    seen = []
    for view in cameras(560)[1::4]:
        before = rasterize(others, view)
        depth = torch.where(before.alpha > 0.5, before.depth, 0.0)
        alone = rasterize(thing, view)
        hidden = (depth > 0) & (1.02 * depth < alone.depth)
        mask = ((alone.alpha > 0.5) & ~hidden).numpy()
        seen.append(sighting(view, mask, 144, before=depth))
    return moved(thing, OWN), tuple(each for each in seen if each is not None)


def fit(steps: Sequence[object]) -> Placed:
    *_, found = steps
    assert isinstance(found, Placed)
    return found


@pytest.mark.parametrize(
    ("name", "turn", "size", "grounded"),
    [
        ("armchair", 22.5, 1.2, True),
        pytest.param("mug", -22.5, 1.2, False, marks=pytest.mark.slow),
        pytest.param("coffee table", -22.5, 0.8, True, marks=pytest.mark.slow),
        pytest.param("pile of books", 22.5, 0.8, False, marks=pytest.mark.slow),
    ],
)
def test_photos_bring_an_object_back(name: str, turn: float, size: float, grounded: bool) -> None:
    thing, seen = photographed(name)
    assert len(seen) == 3
    points = thing.means.double().numpy()
    low = OWN.inverse().apply(points)[:, 1].min()
    ground = Pose(np.eye(3), np.array([0.0, low if grounded else 0.0, 0.0]))
    stance = stance_of(points, ground, grounded=grounded)
    true = stance.numbers_of(OWN.inverse())
    extent = float(np.linalg.norm(np.ptp(points, axis=0))) / OWN.scale
    start = true + np.array([1.0, 0.0 if grounded else 1.0, 1.0, 0.0, 0.0]) * 0.05 * extent
    start[YAW] += np.radians(turn)
    start[LOG_SCALE] += np.log(size)
    settings = SHORT if name == "armchair" else FitSettings(turns=1)
    found = fit(list(place(thing, stance, seen, start, settings=settings)))
    off = found.numbers - true
    assert np.linalg.norm(off[:3]) < 0.01 * DEPTH
    assert abs(np.expm1(off[LOG_SCALE])) < 0.02
    assert abs(np.degrees(off[YAW])) < (1.0 if grounded else 4.0)  # a mug tells by its ear alone
    if grounded:
        bottom = ground.inverse().apply(found.scene_from_object.apply(points))[:, 1].min()
        assert abs(bottom) < 1e-6


@pytest.mark.slow
def test_an_object_finds_its_place_from_masks_alone() -> None:
    thing, seen = photographed("armchair")
    points = thing.means.double().numpy()
    low = OWN.inverse().apply(points)[:, 1].min()
    stance = stance_of(points, Pose(np.eye(3), np.array([0.0, low, 0.0])), grounded=True)
    true = stance.numbers_of(OWN.inverse())
    start = start_from_masks(points, stance, seen)
    assert np.linalg.norm(start[:3] - true[:3]) < 0.35
    assert abs(start[LOG_SCALE] - true[LOG_SCALE]) < 0.25
    found = fit(list(place(thing, stance, seen, start)))
    off = found.numbers - true
    assert abs((np.degrees(off[YAW]) + 180) % 360 - 180) < 1.0
    assert np.linalg.norm(off[:3]) < 0.01 * DEPTH
    assert found.dice < 0.02


def test_a_cloud_tells_where_to_begin() -> None:
    thing, _ = photographed("armchair")
    points = thing.means.double().numpy()
    stance = stance_of(points, Pose.identity(), grounded=False)
    true = stance.numbers_of(OWN.inverse())
    start = start_from_cloud(points, stance, OWN.inverse().apply(points))
    assert np.linalg.norm(start[:3] - true[:3]) < 0.05
    assert abs(np.degrees(start[YAW] - true[YAW] + np.pi) % 360 - 180) < 23
    cloud = Surroundings(cloud=OWN.inverse().apply(points))
    settings = FitSettings(turns=1, coarse_steps=20, steps=0)
    found = fit(list(place(thing, stance, (), start, cloud, settings)))
    assert np.linalg.norm(found.numbers[:3] - true[:3]) < 0.03


def test_the_camera_of_an_object_at_rest_sees_what_the_photo_sees() -> None:
    thing, _ = photographed("mug")
    view = cameras()[4]
    up = Rotation.from_euler("xz", [0.4, -0.8]).as_matrix()[:, 1]
    for grounded in (True, False):
        ground = Pose(Rotation.from_euler("x", 0.2).as_matrix(), np.array([0.1, 0.2, 0.3]))
        points = thing.means.double().numpy()
        stance = stance_of(points, ground, grounded=grounded, up=up)
        numbers = np.array([0.1, 0.0 if grounded else 0.4, -0.2, 0.7, -0.5])
        pose = stance.scene_from_object(numbers)
        camera = stance.camera_from_object(torch.from_numpy(numbers), view.camera_from_scene)
        straight, z = project(torch.from_numpy(pose.apply(points)), view)
        around, w = project(torch.from_numpy(points), View(view.camera, camera))
        torch.testing.assert_close(straight, around, atol=1e-3, rtol=1e-5)
        torch.testing.assert_close(z, w * pose.scale, atol=1e-5, rtol=1e-5)
        np.testing.assert_allclose(stance.numbers_of(pose), numbers, atol=1e-9)
        placed = stance.on_ground(torch.from_numpy(numbers), torch.from_numpy(points)).numpy()
        np.testing.assert_allclose(ground.apply(placed), pose.apply(points), atol=1e-9)
        if grounded:
            assert abs(placed[:, 1].min()) < 1e-9


def test_a_perfect_silhouette_costs_nothing() -> None:
    for alpha in (photographed("mug")[1][0].mask, torch.rand(20, 30)):
        assert float(dice_loss(alpha, alpha)) < 0.01
    mask = (torch.rand(20, 30) > 0.5).float()
    for focal in (True, False):
        assert float(silhouette_loss(mask, mask, focal=focal)) < 0.01
        assert float(silhouette_loss(1 - mask, mask, focal=focal)) > 0.7


def test_points_seen_pull_and_the_rest_of_the_object_does_not() -> None:
    near, far = torch.tensor([0.0, 0.0]), torch.tensor([0.1, 0.3])
    assert float(one_sided(near, 1.0)) == 0
    assert float(one_sided(far, 1.0)) == pytest.approx(float(one_sided(2 * far, 2.0)))


def test_walls_and_other_things_are_kept_clear_of() -> None:
    box = np.stack(np.meshgrid(*3 * [np.linspace(-0.5, 0.5, 21)]), axis=-1).reshape(-1, 3)
    others = clearance_of(box, 0.05)
    inside, outside = torch.zeros(1, 3).double(), torch.full((1, 3), 0.9).double()
    assert float(penetration(inside, others)) == pytest.approx(1.0)
    assert float(penetration(outside, others)) == 0
    low, high = -torch.ones(3).double(), torch.ones(3).double()
    above = torch.tensor([[0.0, 9.0, 0.0]]).double()
    assert float(outside_box(above, low, high)) == 0
    assert float(outside_box(above.roll(1, dims=1), low, high)) == pytest.approx(8.0)


def test_contact_with_the_floor_is_told_by_the_lower_contour() -> None:
    floor, chair, picture = (np.zeros((60, 80), bool) for _ in range(3))
    floor[40:] = True
    chair[20:50, 30:45] = True
    picture[5:20, 50:70] = True
    floor &= ~chair
    assert floor_contact(chair, floor) > 0.9
    assert floor_contact(picture, floor) == 0
    assert stands_on_floor([(chair, floor), (chair, floor), (picture, floor)])
    assert not stands_on_floor([(picture, floor)])
    assert not stands_on_floor([])


def test_a_mask_of_few_pixels_is_no_sighting() -> None:
    view, mask = cameras()[0], np.zeros((120, 160), bool)
    mask[3, 3:9] = True
    assert sighting(view, mask, 64) is None


def test_rays_through_masks_meet_in_the_middle() -> None:
    _, seen = photographed("mug")
    true = surfaces()[0][surfaces()[2] == names()["mug"]].mean(axis=0)
    assert np.linalg.norm(middle_of(seen) - true) < 0.04


def test_strays_are_not_the_body() -> None:
    thing, _ = photographed("mug")
    arrays = SplatArrays.from_gaussians(thing)
    arrays.means[::40] += np.float32(3.0) * np.arange(1, 1 + len(arrays.means[::40]))[:, None]
    strays = np.arange(len(arrays)) % 40 == 0
    assert len(body_points(arrays)) == pytest.approx(int((~strays).sum()), rel=0.03)
    assert body_points(arrays).max() < 4.0
