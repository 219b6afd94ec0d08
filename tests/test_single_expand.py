"""Depth fitted to what is known, and scenes that grow by what is painted."""

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.gaussians.provenance import Origin
from core.geometry.camera import Pinhole, View
from core.render.rasterize import rasterize
from core.single.align import aligned_to, scale_to
from core.single.expand import cameras, expanded
from core.single.lift import lifted
from core.single.paths import Path

Array = NDArray[np.float64]
WIDTH, HEIGHT = 160, 120
HALF, LOW, HIGH = 2.0, -1.4, 1.1  # of the room: half its side, floor and ceiling


def view_at(yaw: float = 0.0, forward: float = 0.0) -> View:
    c, s = math.cos(yaw), math.sin(yaw)
    world = torch.tensor(
        [[c, 0, s, 0], [0, -1, 0, 0], [s, 0, -c, 0], [0, 0, 0, 1]], dtype=torch.float64
    )
    world[:3, 3] = -world[:3, :3] @ torch.tensor([0.0, 0.0, -forward], dtype=torch.float64)
    return View(Pinhole(WIDTH, HEIGHT, 110.0, 110.0, WIDTH / 2, HEIGHT / 2), world.float())


def truth(view: View) -> tuple[NDArray[np.float32], Array]:
    """Picture and depth of a room with soft patterns on its six sides."""
    camera, world = view.camera, view.camera_from_scene.double().numpy()
    x, y = np.meshgrid(np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5)
    rays = np.stack([(x - camera.cx) / camera.fx, (y - camera.cy) / camera.fy, np.ones_like(x)], -1)
    rays = rays @ world[:3, :3]
    centre = -world[:3, :3].T @ world[:3, 3]
    high = np.where(rays > 0, [HALF, HIGH, HALF], [-HALF, LOW, -HALF])
    with np.errstate(divide="ignore", invalid="ignore"):
        times = np.where(np.abs(rays) > 1e-9, (high - centre) / rays, np.inf)
    side, depth = times.argmin(axis=-1), times.min(axis=-1)
    at = centre + depth[..., None] * rays
    tone = np.array([[0.5, 0.4, 0.3], [0.4, 0.45, 0.4], [0.35, 0.4, 0.5]])[side]
    wave = np.sin(2.1 * at[..., :1]) + np.sin(1.7 * at[..., 1:2] + 1) + np.sin(1.9 * at[..., 2:])
    return (tone + 0.07 * wave).astype(np.float32), depth


def bump(depth: Array) -> Array:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.asarray(1.2 * depth + 0.15 * np.exp(-((x - 90) ** 2 + (y - 60) ** 2) / 900.0))


def test_the_scale_is_the_median() -> None:
    _, depth = truth(view_at())
    guessed = 1.2 * depth
    guessed[:20] = 50.0  # badly wrong somewhere
    assert scale_to(depth, guessed, np.ones(depth.shape, bool)) == pytest.approx(1 / 1.2)
    assert scale_to(depth, guessed, np.zeros(depth.shape, bool)) == 1.0


def test_what_is_new_joins_what_is_known() -> None:
    """Methods, 7.11: no gap at the rim, and the far side as it was."""
    _, depth = truth(view_at())
    covered = np.zeros(depth.shape, bool)
    covered[:, :90] = True
    guessed = bump(depth)
    answer = aligned_to(depth, guessed, covered)
    assert np.array_equal(answer[covered], depth[covered])
    # The known surface, carried on by its own slope, meets the new one.
    on = 2 * depth[:, 89] - depth[:, 88]
    gap = np.abs(answer[:, 90] / on - 1)
    plain = np.abs(scale_to(depth, guessed, covered) * guessed[:, 90] / on - 1)
    flat = np.abs(np.diff(np.log(depth[:, 87:92]), n=2, axis=1)).max(axis=1) < 1e-3
    assert float(np.median(gap[flat])) < 1e-3
    assert float(np.median(plain[flat])) > 5 * float(np.median(gap[flat]))
    far = scale_to(depth, guessed, covered) * guessed
    assert float(np.abs(answer[:, -1] / far[:, -1] - 1).max()) < 2e-3


def test_a_correction_stays_on_its_surface() -> None:
    """A near post in the hole is not pulled along with the wall behind it."""
    known = np.full((40, 60), 4.0)
    covered = np.zeros(known.shape, bool)
    covered[:, :20] = True
    guessed = np.full(known.shape, 4.0)
    guessed[:, 15:] = 4.2  # off at the rim
    guessed[10:30, 35:40] = 2.0
    answer = aligned_to(known, guessed, covered)
    assert np.allclose(answer[10:30, 35:40], 2.0, rtol=1e-3)
    assert answer[20, 20] == pytest.approx(4.0, rel=5e-3)


def test_an_oracle_makes_the_whole_room() -> None:
    """Methods, 7.11: true pictures, and depth off by a scale and a bump, from six cameras."""
    first = view_at()
    picture, depth = truth(first)
    nothing = np.zeros(depth.shape, np.int64)
    sure = np.ones(depth.shape, np.float32)
    scene = lifted(
        torch.from_numpy(picture),
        depth.astype(np.float32),
        first,
        nothing,
        nothing,
        Origin.REGULARISED,
        sure,
    )
    path = [view_at(math.radians(degrees)) for degrees in (25, -25, 50, -50)]

    def paint(
        seen: NDArray[np.float32], hole: NDArray[np.bool_], view: View
    ) -> NDArray[np.float32]:
        return np.where(hole[..., None], truth(view)[0], seen)

    def guess(_: NDArray[np.float32], view: View) -> NDArray[np.float32]:
        return bump(truth(view)[1]).astype(np.float32)

    for grown in expanded(scene, path, paint, guess):
        assert (grown.added.origin == Origin.FILLED).all()
        assert len(grown.added) == int(grown.hole.sum())
        scene = scene.followed_by(grown.added)
    for degrees in (12, -35, 45):
        target, _ = truth(view_at(math.radians(degrees)))
        render = rasterize(scene, view_at(math.radians(degrees))).color.clamp(0, 1).numpy()
        assert -10 * np.log10(((render - target) ** 2).mean()) > 30


@pytest.mark.parametrize("path", list(Path))
def test_paths_begin_at_the_photo(path: Path) -> None:
    first = view_at(0.3)
    found = cameras(first, path, 3.0)
    assert len(found) == {Path.LOOK_AROUND: 20, Path.TURN_AROUND: 9, Path.STEP_IN: 3}[path]
    for view in found:
        rotation = view.camera_from_scene[:3, :3]
        assert torch.allclose(rotation @ rotation.T, torch.eye(3), atol=1e-6)
        assert float(torch.det(rotation)) == pytest.approx(1.0, abs=1e-5)
        moved = float((view.centre() - first.centre()).norm())
        assert moved == pytest.approx(0.0, abs=1e-5) or path is Path.STEP_IN
        if path is not Path.LOOK_AROUND:  # nobody tips his head
            assert float(rotation[0] @ torch.tensor([0.0, 1.0, 0.0])) == pytest.approx(0, abs=1e-5)
