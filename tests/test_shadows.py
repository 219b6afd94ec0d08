"""Contact shadows: whose they are, where they lie, how dark, and that nothing else changes."""

import math
import random
from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.export.parts import placed_parts
from core.gaussians.arrays import SplatArrays
from core.gaussians.moved import moved
from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.geometry.pose import Pose
from core.geometry.sh import sh_colors, sh_from_color
from core.render.rasterize import rasterize
from core.scene.arrange import shift, turn
from core.scene.compose import compose, shadows_of
from core.scene.layout import FIRST_COPY, FIRST_INSERTED, HERE, Ground, Layout, Placement
from core.scene.layout_edits import SetShadows
from core.scene.occlusion import CELLS, NEAR, shade_under
from core.scene.plan import Plan
from core.scene.shading import GAMMA, LIGHT, darkened, sizes_of
from core.scene.shadows import Shadows
from tests.canvas import draw, eye_of, psnr
from tests.layouts import some_pose
from widgets.viewport.dims import WHOLE, Dimmer
from widgets.viewport.packing import pack
from widgets.viewport.placing import Placed, instances, poses
from widgets.viewport.renderer import Renderer
from widgets.viewport.sorting import Sorter

Array = NDArray[np.float64]
ROOM, TABLE, BOX = 0, 2, 3
DARKEST = 1 - (1 - LIGHT) ** (1 / GAMMA)
AWAY = shift(np.array([1.5, 0.0, 0.0]))


def grid(low: tuple[float, float], high: tuple[float, float], height: float, count: int) -> Array:
    """[count^2, 3] a level plate."""
    x, z = np.meshgrid(*(np.linspace(a, b, count) for a, b in zip(low, high, strict=True)))
    return np.stack([x.ravel(), np.full(x.size, height), z.ravel()], axis=1)


def cube(middle: tuple[float, float], base: float, size: float, count: int = 11) -> Array:
    """[6 count^2, 3] its faces."""
    plate = grid((-0.5, -0.5), (0.5, 0.5), 0.5, count)
    turned = [plate[:, order] * sign for order in ([0, 1, 2], [1, 2, 0], [2, 0, 1])
              for sign in (-1, 1)]  # fmt: skip
    return size * np.concatenate(turned) + [middle[0], base + size / 2, middle[1]]


def gaussians(parts: dict[int, Array], wide: float = 0.03) -> Gaussians:
    """Of these objects, round and solid, each its own grey."""
    means = torch.from_numpy(np.concatenate(list(parts.values()))).float()
    ids = torch.cat([torch.full((len(points),), id_) for id_, points in parts.items()])
    sh = torch.zeros(len(means), 4, 3)
    sh[:, 0] = sh_from_color((0.9 - 0.1 * ids.clamp(max=4))[:, None].expand(-1, 3))
    sh[:, 1:] = 0.05 * torch.randn(len(means), 3, 3, generator=torch.Generator().manual_seed(0))
    unit = torch.tensor([1.0, 0, 0, 0]).expand(len(means), 4)
    scales = torch.full((len(means), 3), math.log(wide))
    return Gaussians(means, unit, scales, torch.full((len(means),), 4.0), sh, ids)


@pytest.fixture(scope="module")
def scene() -> Gaussians:
    """A floor, a table's top half a unit above it, and a box on the floor."""
    return gaussians(
        {
            ROOM: grid((-3, -2), (3, 2), 0.0, 60),
            TABLE: grid((-2.8, -0.8), (-1.2, 0.8), 0.5, 30),
            BOX: cube((0, 0), 0.0, 0.4),
        }
    )


def at(pose: Pose, object_id: int = BOX, id_: int | None = None) -> Layout:
    """A layout with this object there; a copy of it where an `id_` is given."""
    own = object_id if id_ is None else id_
    placement = Placement(own, object_id, pose)
    return Layout({own: placement}, next_id=FIRST_COPY if id_ is None else id_ + 1)


def taken(scene: Gaussians, layout: Layout) -> Array:
    """[N] the part of their light that rows of the composed scene lose, in all channels."""
    with_them, without = (compose(scene, replace(layout, shadows=on)) for on in (True, False))
    for field in fields(Gaussians):
        if field.name not in ("sh", "confidence"):
            assert torch.equal(getattr(with_them, field.name), getattr(without, field.name))
    ways = torch.nn.functional.normalize(torch.randn(len(without), 3), dim=1)
    dark, light = (sh_colors(ways, each.sh, 1) for each in (with_them, without))
    lost = 1 - dark / light
    torch.testing.assert_close(lost, lost[:, :1].expand_as(lost), atol=1e-5, rtol=0)
    torch.testing.assert_close(lost[:, 0], 1 - with_them.confidence, atol=1e-5, rtol=0)
    return lost[:, 0].double().numpy()


def test_where_photos_saw_a_thing_it_has_no_other_shadow(scene: Gaussians) -> None:
    assert compose(scene, Layout()) is scene
    hidden = Layout({BOX: Placement(BOX, BOX, AWAY, visible=False)})
    for layout in (hidden, Layout(removed=frozenset({BOX})), at(turn(np.zeros(3), 1.0))):
        assert not taken(scene, layout).any()
    assert shadows_of(scene, replace(at(AWAY), shadows=False)) == ()


def test_a_shadow_lies_around_its_thing_and_is_bounded(scene: Gaussians) -> None:
    lost = taken(scene, at(AWAY))
    placed = compose(scene, at(AWAY))
    away = (placed.means - torch.tensor([1.5, 0, 0])).norm(dim=1).numpy()
    assert lost.min() >= -1e-6
    assert 0.4 < lost.max() <= DARKEST + 1e-6
    assert not lost[away > 1.0].any()
    assert not lost[(placed.object_id == BOX).numpy()].any()
    floor = (placed.object_id == ROOM).numpy()
    assert lost[floor & (away < 0.2)].min() > lost[floor & (away > 0.4)].max()


def test_it_moves_rigidly_with_its_thing(scene: Gaussians) -> None:
    content = SplatArrays.from_gaussians(scene)
    shadows = Shadows(content, HERE)
    (one,) = shadows.of(at(AWAY))
    motion = shift(np.array([0.3, 0.0, -0.7])) @ turn(np.array([1.5, 0, 0]), 0.8)
    (other,) = shadows.of(at(motion @ AWAY))
    assert other.darkness is one.darkness
    sizes = sizes_of(content.log_scales)
    rows, before = darkened(one, HERE, content.means, sizes)
    moved_rows, after = darkened(other, motion, content.means, sizes)
    assert len(rows) > 100
    np.testing.assert_array_equal(rows, moved_rows)
    np.testing.assert_allclose(after, before, atol=1e-4)


def test_lifted_it_fades(scene: Gaussians) -> None:
    heights = (0.0, 0.05, 0.1, 0.2, 0.35, 0.6)
    sums = [taken(scene, at(shift(np.array([1.5, y, 0.0])))).sum() for y in heights]
    assert all(later < before for before, later in pairwise(sums))
    assert sums[-1] < 0.02 * sums[0]


def test_beside_where_photos_saw_it_it_comes_little_by_little(scene: Gaussians) -> None:
    ways = (0.0, 0.05, 0.1, 0.2, 0.8)
    most = [taken(scene, at(shift(np.array([x, 0.0, 0.0])))).max() for x in ways]
    assert most[0] == 0
    assert all(before < later for before, later in pairwise(most[:4]))
    assert most[3] == pytest.approx(most[4], rel=0.1)


def test_every_copy_has_its_own(scene: Gaussians) -> None:
    alone = taken(scene, at(AWAY, id_=FIRST_COPY))
    layout = at(AWAY)
    two = replace(layout, placements={**layout.placements, **at(
        shift(np.array([1.5, 0.0, -1.5])), id_=FIRST_COPY
    ).placements}, next_id=FIRST_COPY + 1)  # fmt: skip
    both = taken(scene, two)
    floor = (compose(scene, two).object_id == ROOM).numpy()
    assert both[floor].sum() == pytest.approx(2 * alone[: len(floor)][floor].sum(), rel=0.05)


def test_on_a_table_it_lies_on_its_top(scene: Gaussians) -> None:
    on_top = at(shift(np.array([-2.0, 0.5, 0.0])))
    lost, ids = taken(scene, on_top), compose(scene, on_top).object_id.numpy()
    assert lost[ids == TABLE].max() > 0.4
    assert lost[ids == ROOM].max() < 0.02
    both = replace(at(shift(np.array([0.0, 0.0, 3.0]))), placements={
        TABLE: Placement(TABLE, TABLE, shift(np.array([0.2, 0.0, 0.3]))),
        BOX: Placement(BOX, BOX, shift(np.array([-2.0, 0.5, 0.0]))),
    })  # fmt: skip
    lost, ids = taken(scene, both), compose(scene, both).object_id.numpy()
    assert lost[ids == TABLE].max() > 0.4  # on the top where it stands now


def test_things_moved_together_shade_one_another_no_further(scene: Gaussians) -> None:
    pose = shift(np.array([0.0, 0.0, 1.2]))
    stacked = replace(scene, means=torch.where(
        (scene.object_id == BOX)[:, None], scene.means + torch.tensor([-2.0, 0.5, 0]), scene.means
    ))  # fmt: skip
    layout = Layout({id_: Placement(id_, id_, pose) for id_ in (TABLE, BOX)})
    lost, ids = taken(stacked, layout), compose(stacked, layout).object_id.numpy()
    assert not lost[ids == TABLE].any()


def test_what_was_inserted_has_one_where_it_stands(scene: Gaussians) -> None:
    ids = torch.where(scene.object_id == BOX, FIRST_INSERTED, scene.object_id)
    inserted = replace(scene, object_id=ids)
    lost = taken(inserted, Layout())
    assert lost[(ids == ROOM).numpy()].max() > 0.4
    assert not lost[(ids == FIRST_INSERTED).numpy()].any()


def test_any_frame_and_unit_will_do(scene: Gaussians) -> None:
    """The same scene told in another capture frame, with the ground that leads back."""
    frame = some_pose(random.Random(3))
    plain = taken(scene, at(AWAY))
    ground = Ground(frame.inverse())
    layout = replace(at(frame @ AWAY @ frame.inverse()), ground=ground)
    # Cubes of another direction are met a little sooner or later.
    other = taken(moved(scene, frame), layout)
    assert np.mean(np.abs(other - plain) > 0.03) < 0.01
    assert other.sum() == pytest.approx(plain.sum(), rel=0.2)


def test_it_is_a_step_that_can_be_undone() -> None:
    before = Plan()
    after = SetShadows(False).apply(before)
    assert not after.layout.shadows
    assert SetShadows(True).apply(after) == before
    assert SetShadows(True).apply(before) is before


def test_files_of_parts_have_them_and_those_of_single_things_have_none(scene: Gaussians) -> None:
    whole = compose(scene, at(AWAY))
    parts = placed_parts(scene, at(AWAY), {}, {}, splats=True)
    for part in parts:
        assert part.splats is not None
        there = whole.rows(whole.object_id == part.object_id)
        np.testing.assert_allclose(part.splats.sh, there.sh.numpy(), atol=1e-6)


def test_under_a_plate_light_is_kept_as_reckoned_by_hand() -> None:
    size = 8.0
    height = 6.5 * size / CELLS  # in the middle of a cube
    shade = shade_under(grid((-4, -4), (4, 4), height, 320), size)
    middle = shade.kept[shade.kept.shape[0] // 2, shade.kept.shape[1] // 2]
    # At an angle t from the upright a ray meets it after height / cos t.
    assert middle == pytest.approx((1 - height / (NEAR * size)) ** 2, abs=0.02)


def test_the_view_shows_what_is_written(renderer: Renderer, scene: Gaussians) -> None:
    layout = at(AWAY, id_=FIRST_COPY)
    layout = layout.with_placements([Placement(BOX, BOX, shift(np.array([0.0, 0.0, 0.9])))])
    camera = np.eye(4)
    camera[:3, :3] = [[1, 0, 0], [0, -0.6, 0.8], [0, -0.8, -0.6]]
    camera[:3, 3] = -camera[:3, :3] @ np.array([0.8, 3.0, 2.6])
    view = View(Pinhole(320, 240, 260.0, 260.0, 160.0, 120.0), torch.from_numpy(camera))
    splats = SplatArrays.from_gaussians(scene)
    listed = instances(splats, layout)
    placed = Placed(listed, poses(layout, listed.placements))
    dims = Dimmer(splats, np.zeros(len(splats), bool), listed).dims(layout)
    assert dims is not None
    assert 0.4 < dims.max() / WHOLE <= DARKEST + 0.01
    packed = pack(splats)
    renderer.set_splats(packed)
    renderer.set_order(Sorter().order(packed.means, eye_of(view), placed))
    renderer.set_placed(placed)
    renderer.set_dims(dims)
    drawn = draw(renderer, eye_of(view))[..., :3]
    expected = rasterize(compose(scene, layout), view).color.numpy()
    plain = rasterize(compose(scene, replace(layout, shadows=False)), view).color.numpy()
    assert psnr(drawn, expected) > 45
    assert psnr(drawn, plain) < psnr(drawn, expected) - 6
