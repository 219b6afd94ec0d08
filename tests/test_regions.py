"""Laws of what is drawn on a photo: each shape against its definition, pixel by pixel."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from core.segment import regions, shaping
from core.segment.tiles import SIDE, Area, Tiled

HEIGHT, WIDTH = SIDE + 44, 2 * SIDE + 20


def centres() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    return x, y


def distance(path: NDArray[np.float64]) -> NDArray[np.float64]:
    """[H, W] of each pixel's centre to the way through `path`."""
    x, y = centres()
    nearest = np.full((HEIGHT, WIDTH), np.inf)
    for a, b in pairwise(path):
        way = b - a
        t = ((x - a[0]) * way[0] + (y - a[1]) * way[1]) / max(float(way @ way), 1e-12)
        t = t.clip(0, 1)
        nearest = np.minimum(nearest, np.hypot(x - a[0] - t * way[0], y - a[1] - t * way[1]))
    return nearest


def blob(dice: np.random.Generator) -> NDArray[np.bool_]:
    """A region of a few discs, with holes."""
    x, y = centres()
    inside = np.zeros((HEIGHT, WIDTH), bool)
    for k in range(12):
        cx, cy, r = dice.uniform(0, WIDTH), dice.uniform(0, HEIGHT), dice.uniform(5, 70)
        inside[np.hypot(x - cx, y - cy) < r] = k % 3 != 2
    return inside


@pytest.mark.parametrize("radius", [1.0, 2.5, 17.3, 150.0])
def test_a_brush_paints_what_lies_within_its_radius_of_its_way(radius: float) -> None:
    dice = np.random.default_rng(3)
    for _ in range(4):
        path = dice.uniform((-60, -60), (WIDTH + 60, HEIGHT + 60), (4, 2))
        path[2, 1] = path[1, 1]  # a level piece, and then an upright one
        path[3, 0] = path[2, 0]
        drawn = regions.stroke(path, radius, HEIGHT, WIDTH).whole() > 0
        assert np.array_equal(drawn, distance(path) <= radius)
    dab = regions.stroke(np.array([[50.2, 60.9]]), radius, HEIGHT, WIDTH).whole() > 0
    assert np.array_equal(dab, distance(np.array([[50.2, 60.9]] * 2)) <= radius)


def test_a_way_is_the_union_of_its_pieces() -> None:
    path = np.random.default_rng(1).uniform(0, HEIGHT, (9, 2))
    whole = regions.stroke(path, 6.5, HEIGHT, WIDTH)
    pieces = regions.nothing(HEIGHT, WIDTH)
    for i in range(8):
        pieces = regions.united(pieces, regions.stroke(path[i : i + 2], 6.5, HEIGHT, WIDTH))
    assert np.array_equal(whole.whole(), pieces.whole())


def test_the_finest_brush_leaves_no_gap_and_is_one_pixel_wide() -> None:
    drawn = regions.stroke(np.array([[3.7, 4.2], [200.1, 90.9]]), 0.5, HEIGHT, WIDTH).whole()
    columns = drawn[:, 3:201].sum(axis=0)
    assert columns.min() == 1
    assert columns.max() <= 2
    dab = regions.stroke(np.array([[7.99, 3.01]]), 0.2, HEIGHT, WIDTH)
    assert dab.bounds() == Area(7, 3, 8, 4)


def test_a_polygon_holds_the_pixels_whose_centre_it_goes_round() -> None:
    dice = np.random.default_rng(8)
    x, y = centres()
    for _ in range(5):
        a, b, c = corners = dice.uniform((-50, -50), (WIDTH + 50, HEIGHT + 50), (3, 2))
        sides = [
            (q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0])
            for p, q in ((a, b), (b, c), (c, a))
        ]
        inside = np.all([s > 0 for s in sides], axis=0) | np.all([s < 0 for s in sides], axis=0)
        drawn = regions.polygon(corners, HEIGHT, WIDTH).whole() > 0
        assert np.array_equal(drawn, inside)


def test_a_lasso_that_goes_round_twice_holds_its_middle() -> None:
    turns = np.linspace(0, 4 * np.pi, 200, endpoint=False)
    radius = np.where(turns < 2 * np.pi, 40.0, 80.0)
    corners = np.column_stack([200 + radius * np.cos(turns), 150 + radius * np.sin(turns)])
    drawn = regions.polygon(corners, HEIGHT, WIDTH).whole()
    assert drawn[150, 200] == 1
    assert drawn[150, 260] == 1
    assert not regions.polygon(corners[:2], HEIGHT, WIDTH).bounds()


def test_a_box_is_cut_at_the_photo() -> None:
    drawn = regions.box(Area(-5, 10, 20, 900), HEIGHT, WIDTH)
    assert drawn.bounds() == Area(0, 10, 20, HEIGHT)
    assert drawn.count() == 20 * (HEIGHT - 10)
    assert not regions.box(Area(-5, 10, 0, 20), HEIGHT, WIDTH).bounds()


def test_the_wand_takes_what_is_alike_and_hangs_together() -> None:
    photo = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    photo[:, :, 1] = 100
    photo[20:60, 30:90] = (10, 110, 5)  # alike within 10
    photo[40:50, 200:300] = (10, 100, 0)  # the same, apart
    photo[30:70, 88:140] = (0, 140, 0)  # not alike
    near = shaping.alike(photo, 35, 25, 5).whole() > 0
    expected = np.zeros((HEIGHT, WIDTH), bool)
    expected[20:60, 30:88] = True
    expected[20:30, 88:90] = True
    assert np.array_equal(near, expected)
    assert np.array_equal(shaping.alike(photo, 35, 25, 0).whole() > 0, expected)
    every = shaping.alike(photo, 35, 25, 10, everywhere=True).whole() > 0
    assert np.array_equal(every, np.abs(photo.astype(int) - (10, 110, 5)).max(axis=2) <= 10)
    assert np.array_equal(shaping.alike(photo, 35, 25, 10).whole() > 0, every)
    read_only = photo.copy()
    read_only.flags.writeable = False
    assert shaping.alike(read_only, 0, 0, 0).count() == shaping.alike(photo, 0, 0, 0).count()


def test_growing_and_shrinking_go_by_distance() -> None:
    inside = blob(np.random.default_rng(2))
    region = regions.of_pixels(inside)
    grown = shaping.grown(region, 3).whole() > 0
    assert (grown >= inside).all()
    offsets = [(dy, dx) for dy in range(-3, 4) for dx in range(-3, 4) if dy**2 + dx**2 <= 9]
    padded = np.pad(inside, 3)
    expected = np.zeros_like(inside)
    for dy, dx in offsets:
        expected |= padded[3 + dy : 3 + dy + HEIGHT, 3 + dx : 3 + dx + WIDTH]
    assert np.array_equal(grown, expected)
    outside = regions.of_pixels(~inside)
    shrunk = shaping.shrunk(region, 3).whole() > 0
    assert np.array_equal(shrunk, ~(shaping.grown(outside, 3).whole() > 0))


def test_edges_of_the_photo_do_not_shrink_a_region() -> None:
    everything = Tiled.full(HEIGHT, WIDTH, 1)
    assert shaping.shrunk(everything, 5).count() == HEIGHT * WIDTH
    nothing = regions.nothing(HEIGHT, WIDTH)
    assert shaping.shrunk(nothing, 5) is nothing
    assert shaping.grown(nothing, 5) is nothing
    assert shaping.holes(nothing) is nothing
    assert shaping.largest(nothing) is nothing


def test_holes_are_what_no_way_leads_out_of() -> None:
    inside = np.zeros((HEIGHT, WIDTH), bool)
    inside[10:60, 10:60] = True
    inside[20:30, 20:30] = False  # a hole
    inside[40:50, 0:20] = False  # a bay
    inside[0:40, 200:240] = True
    inside[0:10, 210:220] = False  # open to the photo's edge
    inside[60:64, 60:64] = True  # touches by a corner alone
    expected = np.zeros_like(inside)
    expected[20:30, 20:30] = True
    assert np.array_equal(shaping.holes(regions.of_pixels(inside)).whole() > 0, expected)


def test_parts_hang_together_by_their_sides() -> None:
    inside = np.zeros((HEIGHT, WIDTH), bool)
    inside[10:60, 10:60] = True
    inside[60:64, 60:64] = True
    inside[100:290, 250:300] = True
    region = regions.of_pixels(inside)
    part = shaping.connected(region, 61, 61)
    assert part.bounds() == Area(60, 60, 64, 64)
    assert shaping.largest(region).bounds() == Area(250, 100, 300, 290)
    for x, y in ((0, 0), (200, 80), (WIDTH - 1, HEIGHT - 1)):
        assert shaping.connected(region, x, y).count() == 0
