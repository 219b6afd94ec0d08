"""Instances of splats and the poses of placements: as if composed, in order, found by the mouse."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from core.geometry.pose import Pose
from core.scene.compose import compose
from core.scene.cut_edits import Merge, Split
from core.scene.cuts import applied
from core.scene.layout import FIRST_COPY, Ground, Layout
from core.scene.layout_edits import Delete, Duplicate, Erase, Move, SetGround, SetVisible
from core.scene.regions import Balls, Box
from tests.canvas import draw, eye_of, psnr
from tests.layouts import replayed, some_pose
from tests.scenes import cloud, front_view
from tests.viewport_scenes import BLUE, RED, blob, together
from widgets.viewport.dims import Dimmer
from widgets.viewport.options import Options, Shading
from widgets.viewport.packing import pack
from widgets.viewport.placing import Placed, instances, poses, structure
from widgets.viewport.quality import Quality
from widgets.viewport.renderer import Renderer
from widgets.viewport.sorting import Sorter

VIEW = front_view(160, 120)


def scene(count: int = 1500) -> Gaussians:
    plain = cloud(count, seed=2)
    return replace(plain, object_id=torch.arange(count) % 5, sh=plain.sh * 2)


def layouts() -> dict[str, Layout]:
    chance = random.Random(4)
    small = replace(some_pose(chance, size=0.3), scale=0.8)
    aside = Pose(np.eye(3), np.array([0.5, 0.2, 0.1]))
    ball = Balls(((0.0, 0.0, 4.0),), (0.5,))
    left = Box((-9.0, 0.0, 4.0), (9.0, 9.0, 9.0))
    return {
        "moved": replayed([Move({2: small, 3: aside})]),
        "copied": replayed([Duplicate((2, 3), aside), Delete((4,)), SetVisible((1,), False)]),
        "grounded": replayed([SetGround(Ground(Pose(small.rotation, aside.translation, 1.3)))]),
        "parted": replayed([Split(left, (2, 3), "Part", 5), Move({5: aside}), Merge((4,), 1)]),
        "erased": replayed([Erase(ball), Move({2: small}), Duplicate((2,), aside)]),
    }


def give(renderer: Renderer, splats: SplatArrays, layout: Layout | None) -> Placed | None:
    packed, placed, dims = pack(splats), None, None
    if layout is not None:
        listed = instances(splats, layout)
        placed = Placed(listed, poses(layout, listed.placements))
        ids, gone = applied(splats, layout.cuts)
        dims = Dimmer(replace(splats, object_id=ids), gone, listed).dims(layout)
    renderer.set_splats(packed)
    renderer.set_placed(placed)
    renderer.set_dims(dims)
    renderer.set_order(Sorter().order(packed.means, eye_of(VIEW), placed))
    return placed


@pytest.mark.parametrize("name", layouts())
def test_the_picture_is_that_of_what_is_composed(renderer: Renderer, name: str) -> None:
    gaussians, layout, eye = scene(), layouts()[name], eye_of(VIEW)
    give(renderer, SplatArrays.from_gaussians(compose(gaussians, layout)), None)
    composed = draw(renderer, eye)[..., :3] / 255
    give(renderer, SplatArrays.from_gaussians(gaussians), layout)
    drawn = draw(renderer, eye)[..., :3]
    assert np.abs(drawn / 255 - composed).max() < 0.1
    assert np.abs(drawn / 255 - composed).mean() < 0.002
    give(renderer, SplatArrays.from_gaussians(gaussians), None)
    assert psnr(draw(renderer, eye)[..., :3], composed) < 35


@pytest.mark.parametrize("name", layouts())
def test_instances_are_sorted_where_they_stand(name: str) -> None:
    gaussians, layout, eye = scene(), layouts()[name], eye_of(VIEW)
    splats = SplatArrays.from_gaussians(gaussians)
    listed = instances(splats, layout)
    placed = Placed(listed, poses(layout, listed.placements))
    order = Sorter().order(splats.means, eye, placed)
    means = compose(gaussians, layout).means.double().numpy()
    z = np.sort(means @ eye.depth_row[:3] + eye.depth_row[3])[::-1]
    posed = placed.poses[listed.slots[order]]
    there = np.einsum("nij,nj->ni", posed[:, :, :3], splats.means[listed.rows[order]])
    mine = (there + posed[:, :, 3]) @ eye.depth_row[:3] + eye.depth_row[3]
    np.testing.assert_allclose(mine, z[z > eye.near], atol=1e-3)


def test_only_what_is_another_structure_is_listed_anew() -> None:
    aside = Pose(np.eye(3), np.ones(3))
    plain = structure(Layout())
    assert structure(replayed([Move({2: aside}), SetGround(Ground(aside))])) == plain
    for edit in (Duplicate((2,)), Delete((2,)), SetVisible((2,), False)):
        assert structure(replayed([edit])) != plain


def test_strange_ids_of_files_are_the_background_s() -> None:
    splats = SplatArrays.from_gaussians(scene(10))
    strange = replace(splats, object_id=np.array([-3, 70_000] * 5, np.int32))
    listed = instances(strange, Layout())
    assert listed.plain
    assert listed.placements == (0,)


def two_balls() -> SplatArrays:
    one, other = blob((0, 0, 4), RED), blob((1.0, 0, 4), BLUE)
    mark = np.full(len(other), 2, np.int32)
    return together(one, replace(other, object_id=mark))


def test_the_mouse_finds_a_placement_where_it_stands(renderer: Renderer) -> None:
    eye, splats = eye_of(VIEW), two_balls()
    up = Pose(np.eye(3), np.array([0, -0.6, 0]))
    layout = replayed([Move({2: up}), Duplicate((2,), up)])
    placed = give(renderer, splats, layout)
    assert placed is not None
    draw(renderer, eye)
    for id_, centre in ((0, (0, 0, 4)), (2, (1, -0.6, 4)), (FIRST_COPY, (1, -1.2, 4))):
        (x, y), z = eye.project(np.array(centre, float))
        assert renderer.placement_at(x, y) == id_
        depth = renderer.depth_at(x, y)
        assert depth is not None
        assert abs(depth - z) < 0.3
    (x, y), _ = eye.project(np.array([1.0, 0, 4]))
    assert renderer.placement_at(x, y) is None


def test_what_is_chosen_has_a_line_around_it(renderer: Renderer) -> None:
    eye = eye_of(VIEW)
    give(renderer, two_balls(), Layout())
    plain = draw(renderer, eye)
    renderer.set_chosen(frozenset({2}))
    for quality in (Quality(), Quality(2, 2)):
        outlined = draw(renderer, eye, quality=quality)
        changed = np.argwhere(np.abs(outlined.astype(int) - plain).max(axis=2) > 75)[:, ::-1]
        (x, y), _ = eye.project(np.array([1.0, 0, 4]))
        away = np.linalg.norm(changed - (x, y), axis=1)
        assert len(changed) > 40 / quality.scale
        assert away.min() > 3
    renderer.set_chosen(frozenset())
    assert np.array_equal(draw(renderer, eye), plain)


def test_hidden_at_once_and_copies_as_soon_as_they_are_listed(renderer: Renderer) -> None:
    eye, splats = eye_of(VIEW), two_balls()
    listed = instances(splats, Layout())
    hidden = replayed([SetVisible((2,), False)])
    give(renderer, splats, Layout())
    renderer.set_placed(Placed(listed, poses(hidden, listed.placements)))
    options = replace(Options(), shading=Shading.COLOR)
    draw(renderer, eye, options)
    (x, y), _ = eye.project(np.array([1.0, 0, 4]))
    assert renderer.placement_at(x, y) is None
