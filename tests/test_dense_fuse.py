"""Depth maps become points: each place once, no more than asked for."""

import numpy as np
import torch
from torch import Tensor

from core.dense.depth import DepthMap
from core.dense.fuse import DensePoints, fuse
from core.dense.fusion import claim
from core.geometry.camera import View
from tests.dense_scenes import TALL, WIDE, card, looking, photographed

PLACES = (-0.3, 0.0, 0.3)


def flat(depth: Tensor) -> DepthMap:
    normal = torch.tensor([0.0, 0.0, -1.0]).expand(*depth.shape, 3) * (depth > 0)[..., None]
    return DepthMap(depth, normal, (depth > 0).float() * 0.8)


def wall() -> tuple[list[View], list[Tensor], list[DepthMap]]:
    cards = [card(3.0, 3.0, seed=1)]
    views = [looking(x) for x in PLACES]
    shots = [photographed(view, cards) for view in views]
    return views, [shot[0] for shot in shots], [flat(shot[1]) for shot in shots]


def fused(limit: int = 10**6) -> DensePoints:
    return fuse(*wall(), limit)


def test_a_wall_seen_by_three_is_there_once() -> None:
    points = fused()
    alone = TALL * WIDE
    assert alone < len(points.positions) < 1.35 * alone
    assert (points.positions[:, 2] - 3).abs().max() < 1e-4
    assert torch.allclose(points.normals, torch.tensor([0.0, 0.0, -1.0]).expand_as(points.normals))
    assert points.seen.max() == 3
    middle = points.positions[:, :2].abs().amax(1) < 0.5
    assert (points.seen[middle] == 3).all()


def test_radii_are_the_distance_to_the_next() -> None:
    for limit in (10**6, 3000):
        points = fused(limit)
        apart = torch.cdist(points.positions, points.positions)
        apart.fill_diagonal_(torch.inf)
        ratio = apart.min(1).values / points.radii
        assert 0.6 < ratio.median() < 1.2


def test_thinned_points_cover_what_all_covered() -> None:
    everything, few = fused(), fused(1000)
    assert len(few.positions) == 1000
    away = torch.cdist(everything.positions, few.positions).min(1).values
    assert away.quantile(0.99) < 1.5 * few.radii.median()


def test_colours_are_the_photos() -> None:
    views, photos, depths = wall()
    points = fuse(views[:1], photos[:1], depths[:1], 10**6)
    assert torch.equal(points.colors.reshape(TALL, WIDE, 3), photos[0])


def test_the_nearer_photo_wins() -> None:
    views, photos, depths = wall()
    pose = torch.eye(4)
    pose[2, 3] = -1.5
    near = View(views[0].camera, pose)
    photo, depth = photographed(near, [card(3.0, 3.0, seed=1)])
    points = fuse([*views, near], [*photos, photo], [*depths, flat(depth)], 10**6)
    middle = points.positions[:, :2].abs().amax(1) < 0.4
    assert (points.radii[middle] < 1.6 / views[0].camera.fx).float().mean() > 0.95


def test_what_pixels_do_does_not_hang_on_which_comes_first() -> None:
    """Many pixels of one photo on each of another: by turns better and worse than it."""
    random = np.random.default_rng(0)
    fine, coarse = (120, 160), (12, 16)
    there = np.array([[0.1, 0, 0, 0], [0, 0.1, 0, 0], [0, 0, 1, 0]], np.float32)
    worth = random.uniform(0.5, 1.6, fine).astype(np.float32)
    results = []
    for _ in range(20):
        kept, other_kept = np.ones(fine, np.bool_), np.ones(coarse, np.bool_)
        claim(
            np.ones(fine, np.float32), worth, kept,
            np.ones(coarse, np.float32), np.ones(coarse, np.float32), other_kept,
            there, np.float32(0.015), np.float32(1.5),
        )  # fmt: skip
        results.append((kept, other_kept))
    kept, other_kept = results[0]
    rows, columns = np.indices(fine)
    rows, columns = np.floor(0.1 * rows + 0.5), np.floor(0.1 * columns + 0.5)
    for j, i in np.ndindex(coarse):
        mine = (rows == j) & (columns == i)
        assert other_kept[j, i] == (worth[mine].max() <= 1.5)
        assert (kept[mine] == (not other_kept[j, i])).all()
    assert all(
        np.array_equal(one, other)
        for pair in results[1:]
        for one, other in zip(pair, results[0], strict=True)
    )


def test_the_same_twice() -> None:
    one, other = fused(2000), fused(2000)
    assert torch.equal(one.positions, other.positions)


def test_nothing_known_is_no_points() -> None:
    views, photos, _ = wall()
    nothing = [DepthMap.unknown(TALL, WIDE)] * 3
    points = fuse(views, photos, nothing, 100)
    assert points.positions.shape == (0, 3)
    assert points.colors.dtype == torch.uint8
    assert fuse([], [], [], 100).seen.shape == (0,)
