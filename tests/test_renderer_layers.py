"""What is drawn beside splats, and what is left behind when the renderer goes."""

import ctypes
import ctypes.util
from dataclasses import replace

import moderngl
import numpy as np
import pytest

from app.bench.scenes import scene_view, trained_scene
from core.gaussians.arrays import SplatArrays
from core.geometry.camera import Pinhole
from core.scene.shown import PointCloud, TriangleMesh
from tests.canvas import BARE, draw, eye_of
from widgets.viewport.eye import Eye
from widgets.viewport.frustums import Frustum
from widgets.viewport.options import Options, Shading
from widgets.viewport.packing import pack
from widgets.viewport.quality import Quality
from widgets.viewport.renderer import Renderer
from widgets.viewport.sorting import Sorter

WIDTH, HEIGHT = 160, 100
RED, GREEN = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)


def before(z: float, *, orthographic: bool = False, up: float = 0.0) -> Eye:
    """An eye at (0, up, -z) of a scene with y up, looking along z, x to the left."""
    camera_from_scene = np.diag([-1.0, -1.0, 1.0, 1.0])
    camera_from_scene[:3, 3] = 0, up, z
    focal = 20.0 if orthographic else 120.0
    return Eye(camera_from_scene, WIDTH, HEIGHT, focal, focal, 80, 50, orthographic)


def quad(z: float, half: float, color: tuple[int, int, int]) -> TriangleMesh:
    corners = [[-half, -half, z], [half, -half, z], [half, half, z], [-half, half, z]]
    return TriangleMesh(
        np.array(corners, np.float32),
        np.array([[0, 1, 2], [0, 2, 3]], np.int32),
        np.tile(np.array(color, np.uint8), (4, 1)),
    )


def frustum(name: str, x: float, pixels: np.ndarray | None = None) -> Frustum:
    """A camera at (x, 0, 0) that looks along z, away from the eye."""
    camera_from_scene = np.diag([-1.0, -1.0, 1.0, 1.0])
    camera_from_scene[0, 3] = x
    return Frustum(name, camera_from_scene, Pinhole(40, 30, 30.0, 30.0, 20.0, 15.0), pixels, RED)


@pytest.mark.parametrize("orthographic", [False, True])
def test_a_mesh_is_where_it_should_be(renderer: Renderer, orthographic: bool) -> None:
    renderer.set_mesh(quad(0, 1, (200, 100, 50)))
    drawn = draw(renderer, before(5, orthographic=orthographic))
    half = 20 if orthographic else 120 / 5
    found = np.argwhere(drawn[..., 0] > 60)
    np.testing.assert_allclose(found.min(axis=0), (50 - half, 80 - half), atol=1)
    np.testing.assert_allclose(found.max(axis=0), (49 + half, 79 + half), atol=1)
    colour = drawn[50, 80, :3] / drawn[50, 80, 0]
    np.testing.assert_allclose(colour, (1, 0.5, 0.25), atol=0.03)
    assert renderer.depth_at(80, 50) == pytest.approx(5, rel=1e-3)
    assert renderer.depth_at(3, 3) is None


def test_points_keep_their_places_and_colours_in_any_quality(renderer: Renderer) -> None:
    across = np.linspace(-1, 1, 40)
    grid = np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)
    positions = np.hstack([grid, np.zeros((len(grid), 1))]).astype(np.float32)
    colors = np.where(grid[:, :1] < 0, [[255, 0, 0]], [[0, 255, 0]]).astype(np.uint8)
    renderer.set_points(PointCloud(positions, colors))
    for quality in (Quality(), Quality(2, 4)):
        drawn = draw(renderer, before(5), replace(BARE, line_width=3.0), quality).astype(int)
        # x is to the left.
        assert drawn[30:70, 86:100, 0].mean() > 100 > 40 > drawn[30:70, 86:100, 1].mean()
        assert drawn[30:70, 60:74, 1].mean() > 100 > 40 > drawn[30:70, 60:74, 0].mean()
        assert drawn[:12].sum(axis=(0, 1))[:3].max() == 0


def test_splats_are_hidden_by_what_is_before_them_only(renderer: Renderer) -> None:
    view = scene_view(WIDTH, HEIGHT)
    packed = pack(SplatArrays.from_gaussians(trained_scene(5000)))
    renderer.set_splats(packed)
    renderer.set_order(Sorter().order(packed.means, eye_of(view)))
    plain = draw(renderer, eye_of(view))
    renderer.set_mesh(quad(500.0, 900, (0, 0, 255)))
    behind = draw(renderer, eye_of(view))
    assert behind[5, 5, 2] > 100
    assert np.abs(behind[40:60, 70:90, :2].astype(int) - plain[40:60, 70:90, :2]).mean() < 3
    renderer.set_mesh(quad(0.5, 2, (0, 0, 255)))
    covered = draw(renderer, eye_of(view))
    assert covered[..., :2].max() == 0


@pytest.mark.parametrize("shading", list(Shading))
def test_shadings_of_a_flat_wall(renderer: Renderer, shading: Shading) -> None:
    renderer.set_mesh(quad(0, 3, (255, 255, 255)))
    drawn = draw(renderer, before(5), replace(BARE, shading=shading))[50, 80, :3] / 255
    expected = {
        Shading.COLOR: (0.925, 0.925, 0.925),
        Shading.ALPHA: (1, 1, 1),
        Shading.NORMAL: (0.5, 0.5, 0.0),  # towards the eye: -z
    }
    if shading in expected:
        np.testing.assert_allclose(drawn, expected[shading], atol=0.02)


def test_normals_and_depths_of_splats_on_a_wall(renderer: Renderer) -> None:
    scene = trained_scene(20_000)
    means = scene.means * (4.0 / scene.means[:, 2:])
    flat = scene.log_scales.clone()
    flat[:, :2] += 1.0
    flat[:, 2] = -9
    quats = scene.quats * 0
    quats[:, 0] = 1
    wall = replace(
        scene, means=means, log_scales=flat, quats=quats, logit_opacity=scene.logit_opacity + 6
    )
    view = scene_view(100, 160)
    packed = pack(SplatArrays.from_gaussians(wall))
    renderer.set_splats(packed)
    renderer.set_order(Sorter().order(packed.means, eye_of(view)))
    drawn = draw(renderer, eye_of(view), replace(BARE, shading=Shading.NORMAL))
    normal = drawn[20:140, 15:85, :3].reshape(-1, 3).mean(axis=0) / 255 * 2 - 1
    np.testing.assert_allclose(normal, (0, 0, -1), atol=0.08)
    depth = draw(renderer, eye_of(view), replace(BARE, shading=Shading.DEPTH))
    assert depth[20:140, 15:85].reshape(-1, 4)[:, :3].std(axis=0).max() < 12


def test_a_frustum_is_found_where_it_is_drawn(renderer: Renderer) -> None:
    blue = np.zeros((30, 40, 3), np.uint8)
    blue[..., 2] = 255
    renderer.set_frustums([frustum("left", 1.0, blue), frustum("right", -1.0)])
    options = replace(BARE, frustums=True)
    assert renderer.frustum_at(32, 50) is None  # nothing drawn yet
    drawn = draw(renderer, before(2), options)
    # Both look away from the eye: the image planes lie behind the cameras, at z = 2.3.
    x = round(80 - 120 * 1 / 2.3)
    assert drawn[50, x + 4, 2] > 150
    assert renderer.frustum_at(x + 4, 50) == "left"
    assert renderer.frustum_at(160 - x - 4, 50) == "right"
    assert drawn[50, 160 - x - 4, 2] < 50
    assert renderer.frustum_at(80, 5) is None
    reds = np.argwhere((drawn[..., 0] > 120) & (drawn[..., 2] < 100))
    assert len(reds) > 30
    for row, column in reds[::7]:
        assert renderer.frustum_at(column + 0.5, row + 0.5) in ("left", "right")


def test_the_frustum_that_one_looks_out_of_is_not_in_the_way(renderer: Renderer) -> None:
    white = np.full((30, 40, 3), 255, np.uint8)
    here = frustum("here", 0.0, white)
    renderer.set_frustums([here, frustum("there", 9.0, white)])
    eye = Eye.of_photo(here.pinhole.resized(WIDTH, HEIGHT), here.camera_from_scene)
    assert draw(renderer, eye, replace(BARE, frustums=True))[..., :3].max() == 0
    assert renderer.frustum_at(80, 50) is None


def test_the_selected_frustum_stands_out(renderer: Renderer) -> None:
    renderer.set_frustums([frustum("a", 1.0), frustum("b", -1.0)])
    plain = draw(renderer, before(5), replace(BARE, frustums=True))
    renderer.set_selected_frustum("a")
    chosen = draw(renderer, before(5), replace(BARE, frustums=True))
    changed = (plain != chosen).any(axis=2)
    assert changed[:, :80].any()
    assert not changed[:, 80:].any()


def test_the_photo_lies_over_the_pinhole_s_picture_left_of_the_wipe(renderer: Renderer) -> None:
    photo = np.zeros((60, 80, 3), np.uint8)
    photo[:30] = (255, 0, 0)  # its upper half
    photo[30:] = (0, 255, 0)
    # Half as wide as the eye sees, in its middle, and all of its height.
    pinhole = Pinhole(80, 60, 72.0, 72.0, 40.0, 30.0)
    renderer.set_photo(photo, pinhole)
    drawn = draw(renderer, before(5), replace(BARE, wipe=0.5))
    left = (80 - 40 * 120 / 72) / WIDTH
    assert left > 0.05
    assert drawn[25, round(left * WIDTH) - 3, :3].max() == 0
    assert tuple(drawn[25, 40, :3]) == (255, 0, 0)
    assert tuple(drawn[75, 40, :3]) == (0, 255, 0)
    assert tuple(drawn[25, 80, :3]) == (255, 255, 255)  # the line
    assert drawn[25, 90, :3].max() == 0
    assert draw(renderer, before(5), BARE)[..., :3].max() == 0


def test_the_background_can_be_left_out(renderer: Renderer) -> None:
    renderer.set_mesh(quad(0, 1, (200, 100, 50)))
    drawn = draw(renderer, before(5), replace(BARE, background=(0.2, 0.4, 0.6)))
    assert tuple(drawn[2, 2]) == (51, 102, 153, 255)
    clear = renderer.pixels(transparent=True)
    assert clear[2, 2, 3] == 0
    assert clear[50, 80, 3] == 255
    assert tuple(clear[50, 80, :3]) == tuple(drawn[50, 80, :3])


def test_ground_axes_box_floor_and_sparse_points_show_when_asked(renderer: Renderer) -> None:
    renderer.set_sparse(np.random.default_rng(0).normal(size=(500, 3)))
    renderer.set_bounds(np.full(3, -0.5), np.full(3, 0.5))
    renderer.set_floor(np.zeros(3), 1.0)
    for name in ("grid", "axes", "points", "bounds", "floor"):
        drawn = draw(renderer, before(5, up=-1.5), replace(BARE, **{name: True}))
        assert (drawn[..., :3].max(axis=2) > 20).sum() > 30, name
    assert draw(renderer, before(5), BARE)[..., :3].max() == 0


def everything(renderer: Renderer) -> None:
    packed = pack(SplatArrays.from_gaussians(trained_scene(3000)))
    renderer.set_splats(packed)
    renderer.set_order(Sorter().order(packed.means, before(5)))
    renderer.set_mesh(quad(0, 1, (1, 2, 3)))
    renderer.set_points(PointCloud(packed.means, np.zeros((3000, 3), np.uint8)))
    renderer.set_sparse(packed.means)
    photo = np.zeros((30, 40, 3), np.uint8)
    renderer.set_frustums([frustum("a", 1.0, photo), frustum("b", 2.0, photo.copy())])
    renderer.set_photo(photo, Pinhole(40, 30, 30.0, 30.0, 20.0, 15.0))
    renderer.set_bounds(np.zeros(3), np.ones(3))


def alive() -> list[int]:
    """How many objects of each kind the driver itself has in the current context."""
    found = ctypes.util.find_library("OpenGL") or ctypes.util.find_library("GL")
    if found is None:
        pytest.skip("no OpenGL library to ask")
    library = ctypes.CDLL(found)
    kinds = ("Texture", "Buffer", "Framebuffer", "VertexArray", "Program", "Shader")
    return [
        sum(bool(getattr(library, f"glIs{kind}")(name) & 0xFF) for name in range(1, 4000))
        for kind in kinds
    ]


def test_twenty_renderers_leave_nothing_behind(context: moderngl.Context) -> None:
    before_any = alive()
    for _ in range(20):
        renderer = Renderer(context)
        everything(renderer)
        for shading in Shading:
            draw(renderer, before(5), Options(shading=shading, wipe=0.5))
        assert sum(renderer.counts().values()) > 20
        assert sum(alive()) >= sum(renderer.counts().values())
        renderer.release()
        assert renderer.counts() == {}
    assert alive() == before_any


def test_resizing_and_new_content_pile_nothing_up(renderer: Renderer) -> None:
    everything(renderer)
    draw(renderer, before(5))
    draw(renderer, before(5))
    counted = renderer.counts()
    for i in range(20):
        everything(renderer)
        draw(renderer, before(5).resized(100 + 7 * i, 90 + 5 * i), BARE, Quality(1 + i % 2, 1))
    draw(renderer, before(5))
    draw(renderer, before(5))
    assert renderer.counts() == counted
