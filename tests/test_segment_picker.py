"""The default segmenter: shapes on a plain ground are found, and what users settle stays."""

from dataclasses import replace

import numpy as np
import pytest

from core.segment.picker import RegionPicker
from core.segment.protocol import Box, Embedded, Mask, Prompt, Segmenter, Stroke
from core.segment.relief import Relief

HEIGHT, WIDTH = 240, 320
MIDDLE, RADIUS = (150.0, 110.0), 52.0


def disc() -> Mask:
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    return np.hypot(x - MIDDLE[0], y - MIDDLE[1]) < RADIUS


@pytest.fixture(scope="module")
def embedded() -> Embedded:
    """A red disc before a green ground, both a little uneven."""
    random = np.random.default_rng(3)
    photo = np.where(disc()[..., None], (190, 60, 50), (70, 140, 90))
    photo = np.clip(photo + random.normal(0, 5, photo.shape), 0, 255).astype(np.uint8)
    return RegionPicker().embed(photo)


def overlap(one: Mask, two: Mask) -> float:
    return float((one & two).sum() / (one | two).sum())


def test_it_is_a_segmenter() -> None:
    assert isinstance(RegionPicker(), Segmenter)


def test_a_box_finds_what_is_in_it(embedded: Embedded) -> None:
    found = RegionPicker().segment(embedded, Prompt(box=Box(97, 57, 203, 163)))
    assert overlap(found.mask, disc()) > 0.97


@pytest.mark.parametrize("place", [MIDDLE, (120.0, 90.0), (185.0, 130.0)])
def test_a_single_click_finds_the_whole_object(
    embedded: Embedded, place: tuple[float, float]
) -> None:
    found = RegionPicker().segment(embedded, Prompt().with_point(*place, True))
    assert max(overlap(each.mask, disc()) for each in found.candidates) > 0.95


def test_a_stroke_is_always_kept(embedded: Embedded) -> None:
    path = np.array([[20.0, 200.0], [90.0, 215.0]])
    stroke, without = Stroke(path, 4, True), Stroke(path - (0, 100), 4, False)
    prompt = Prompt(box=Box(10, 20, 220, 230), strokes=(stroke, without))
    for each in RegionPicker().segment(embedded, prompt).candidates:
        assert each.mask[200, 22]
        assert each.mask[213, 80]
        assert not each.mask[107, 50]


def test_known_pixels_never_change(embedded: Embedded) -> None:
    known = np.random.default_rng(1).integers(-1, 2, (HEIGHT, WIDTH)).astype(np.int8)
    prompt = Prompt(box=Box(94, 54, 206, 166), known=known)
    for each in RegionPicker().segment(embedded, prompt).candidates:
        assert each.mask[known > 0].all()
        assert not each.mask[known < 0].any()


def test_a_correction_changes_nothing_far_away(embedded: Embedded) -> None:
    before = disc()
    before[110:, :] = False  # the lower half is missing
    before[5:30, 280:310] = True  # and there is a speck elsewhere
    prompt = Prompt(mask=before).with_point(150, 140, True)
    after = RegionPicker().segment(embedded, prompt).mask
    assert after[140, 150]
    assert after.sum() > before.sum()
    assert np.array_equal(after[:40, 270:], before[:40, 270:])


def test_a_click_on_what_is_right_already_changes_nothing(embedded: Embedded) -> None:
    prompt = Prompt(mask=disc()).with_point(*MIDDLE, True)
    assert np.array_equal(RegionPicker().segment(embedded, prompt).mask, disc())


def test_an_empty_prompt_finds_nothing(embedded: Embedded) -> None:
    assert not RegionPicker().segment(embedded, Prompt()).mask.any()


def test_the_same_prompt_finds_the_same(embedded: Embedded) -> None:
    prompt = Prompt(box=Box(80, 40, 220, 180)).with_point(150, 110, True)
    one, two = (RegionPicker().segment(embedded, prompt) for _ in range(2))
    assert np.array_equal(one.mask, two.mask)
    assert one.score == two.score


def test_proposals_stand_for_what_is_there(embedded: Embedded) -> None:
    assert max(overlap(each.mask, disc()) for each in RegionPicker().propose(embedded)) > 0.9


@pytest.mark.parametrize("box", [Box(-50, -50, 5000, 5000), Box(150, 110, 151, 111)])
def test_odd_boxes_are_answered(embedded: Embedded, box: Box) -> None:
    found = RegionPicker().segment(embedded, Prompt(box=box))
    assert found.mask.shape == (HEIGHT, WIDTH)


def test_one_colour_alone_is_answered() -> None:
    plain = RegionPicker().embed(np.full((90, 120, 3), 130, np.uint8))
    assert RegionPicker().segment(plain, Prompt(box=Box(30, 30, 60, 60))).mask.shape == (90, 120)
    assert RegionPicker().segment(plain, Prompt().with_point(60, 45, True)).mask[45, 60]


def test_shape_tells_where_colours_do_not() -> None:
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    inside = (np.abs(x - 160) < 40) & (np.abs(y - 120) < 30)
    points = np.dstack([x / 100, y / 100, np.where(inside, 2.0, 3.0)]).astype(np.float32)
    normals = np.where(inside[..., None], (0, 0, -1), (0, -1, 0)).astype(np.float32)
    photo = np.random.default_rng(5).normal(128, 3, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    deep = RegionPicker().embed(photo, Relief(points, normals))
    found = RegionPicker().segment(deep, Prompt(box=Box(120, 90, 200, 150)))
    assert overlap(found.mask, inside) > 0.85


def test_a_click_within_a_box_takes_away_what_it_is_on(embedded: Embedded) -> None:
    before = disc()
    before[40:60, 20:70] = True
    prompt = Prompt(box=Box(20, 40, 206, 166), mask=before).with_point(45, 50, False)
    after = RegionPicker().segment(embedded, prompt).mask
    assert not after[50, 45]
    assert overlap(after & disc(), disc()) > 0.97


@pytest.fixture(scope="module")
def room() -> Embedded:
    """A wall, a floor of two colours, and a chest on it."""
    floor, chest = floor_and_chest()
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    rays = np.dstack([(x - 160) / 200, (y - 80) / 200, np.ones_like(x)])
    far = np.where(floor, 1 / np.maximum(rays[..., 1], 0.1), 6.0)
    points = rays * np.where(chest, 2.2, far)[..., None]
    normals = np.where(floor[..., None], (0, -1, 0), (0, 0, -1))
    colors = np.where((x < 160)[..., None], (150, 90, 40), (60, 60, 160))
    colors = np.where(floor[..., None], colors, (200, 200, 190))
    colors = np.where(chest[..., None], (150, 90, 40), colors)
    photo = colors + np.random.default_rng(3).normal(0, 4, colors.shape)
    relief = Relief(points.astype(np.float32), normals.astype(np.float32))
    return RegionPicker().embed(np.clip(photo, 0, 255).astype(np.uint8), relief)


def floor_and_chest() -> tuple[Mask, Mask]:
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    chest = (np.abs(x - 100) < 40) & (y > 90) & (y < 80 + 200 / 2.2)
    return (y > 80 + 200 / 6) & ~chest, chest


@pytest.mark.parametrize(
    "prompt",
    [
        Prompt(box=Box(0, 113, 320, 240), floor=True),
        Prompt(floor=True).with_point(30.5, 200.5, True),
    ],
)
def test_a_floor_is_all_of_its_plane(room: Embedded, prompt: Prompt) -> None:
    floor, chest = floor_and_chest()
    found = RegionPicker().segment(room, prompt)
    assert overlap(found.mask, floor) > 0.95
    right = floor & (np.mgrid[:HEIGHT, :WIDTH][1] > 165)
    beside = replace(prompt, mask=found.mask).with_point(250.5, 180.5, False)
    corrected = RegionPicker().segment(room, beside).mask
    assert not corrected[180, 250]
    assert (corrected & right).sum() < 0.7 * right.sum()
    assert not (corrected & chest).sum() > 0.05 * chest.sum()


def test_without_a_scene_a_floor_is_found_as_anything_is(embedded: Embedded) -> None:
    prompt = Prompt(box=Box(97, 57, 203, 163))
    plain, floor = (
        RegionPicker().segment(embedded, replace(prompt, floor=each)) for each in (False, True)
    )
    assert np.array_equal(plain.mask, floor.mask)


def test_a_box_adds_to_what_lies_beside_it(embedded: Embedded) -> None:
    before = np.zeros((HEIGHT, WIDTH), bool)
    before[10:30, 10:40] = True
    before[60:90, 120:140] = True  # within the box, which asks for that part anew
    found = RegionPicker().segment(embedded, Prompt(box=Box(97, 57, 203, 163), mask=before)).mask
    assert found[10:30, 10:40].all()
    found[10:30, 10:40] = False
    assert overlap(found, disc()) > 0.95
