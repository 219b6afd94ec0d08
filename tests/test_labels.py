"""Laws of label images: tiles equal whole pictures, and nobody's pixels change unasked."""

import pickle

import numpy as np
import pytest
from numpy.typing import NDArray

from core.segment.labels import BACKGROUND, IGNORE, UNLABELLED, PhotoMask, Standing
from core.segment.tiles import SIDE, Area, Tiled

HEIGHT, WIDTH = 2 * SIDE + 30, 3 * SIDE - 7


def chance() -> np.random.Generator:
    return np.random.default_rng(5)


def blobs(dice: np.random.Generator, values: int) -> NDArray[np.uint16]:
    """A picture of rectangles, which leaves some tiles all alike."""
    answer = np.zeros((HEIGHT, WIDTH), np.uint16)
    for _ in range(6):
        y, x = dice.integers(0, HEIGHT - 40), dice.integers(0, WIDTH - 40)
        h, w = dice.integers(3, 300, 2)
        answer[y : y + h, x : x + w] = dice.integers(0, values)
    return answer


def mask_of(dice: np.random.Generator) -> PhotoMask:
    return PhotoMask.from_arrays(blobs(dice, 5), blobs(dice, 2) > 0, Standing.PROPAGATED)


@pytest.mark.parametrize("value", [0, 7, 65535])
def test_a_picture_comes_back_from_its_tiles(value: int) -> None:
    dice = chance()
    for picture in (
        np.full((HEIGHT, WIDTH), value, np.uint16),
        blobs(dice, 9),
        dice.integers(0, 2**16, (HEIGHT, WIDTH)).astype(np.uint16),
        np.arange(5, dtype=np.uint16)[None],
    ):
        tiled = Tiled.of(picture)
        assert np.array_equal(tiled.whole(), picture)
        assert tiled.values() == set(np.unique(picture).tolist())
        assert tiled.count() == np.count_nonzero(picture)
        area = Area(1, 0, max(2, picture.shape[1] - 3), max(1, picture.shape[0] - 4))
        assert np.array_equal(tiled.part(area), picture[area.rows, area.columns])


def test_bounds_hold_what_is_not_zero_and_nothing_more() -> None:
    picture = np.zeros((HEIGHT, WIDTH), np.uint16)
    assert not Tiled.of(picture).bounds()
    picture[20:SIDE, 300 : SIDE * 2 + 9] = 4
    assert Tiled.of(picture).bounds() == Area(300, 20, SIDE * 2 + 9, SIDE)


def test_parts_are_put_in_as_into_an_array_and_the_older_picture_stays() -> None:
    dice = chance()
    picture = blobs(dice, 5)
    tiled = Tiled.of(picture)
    for _ in range(20):
        left, top = int(dice.integers(0, WIDTH - 2)), int(dice.integers(0, HEIGHT - 2))
        area = Area(left, top, int(dice.integers(left, WIDTH)) + 1, int(dice.integers(top, HEIGHT)))
        new = dice.integers(0, 3, area.shape).astype(np.uint16)
        before = tiled.whole()
        after = tiled.with_part(area, new)
        assert np.array_equal(tiled.whole(), before)
        before[area.rows, area.columns] = new
        assert np.array_equal(after.whole(), before)
        tiled = after


def test_what_does_not_change_is_shared() -> None:
    tiled = Tiled.of(blobs(chance(), 5))
    area = Area(10, 10, 20, 20)
    assert tiled.with_part(area, tiled.part(area)) is tiled
    after = tiled.with_part(area, np.full((10, 10), 77, np.uint16))
    assert after.changes(tiled) == (Area(0, 0, SIDE, SIDE),)
    assert sum(a is b for a, b in zip(after.tiles, tiled.tiles, strict=True)) >= 8
    assert tiled.combined(Tiled.full(HEIGHT, WIDTH), np.add) is tiled


def test_combining_tiles_is_combining_pictures() -> None:
    dice = chance()
    one, two = blobs(dice, 5), blobs(dice, 3)
    combined = Tiled.of(one).combined(Tiled.of(two), lambda a, b: a * 2 + b)
    assert np.array_equal(combined.whole(), one * 2 + two)


def test_labels_and_hand_come_back() -> None:
    dice = chance()
    labels, hand = blobs(dice, 40), blobs(dice, 2) > 0
    labels[:9] = UNLABELLED
    labels[9:12] = IGNORE
    mask = PhotoMask.from_arrays(labels, hand, Standing.DOUBTFUL)
    again = pickle.loads(pickle.dumps(mask))
    for each in (mask, again):
        assert np.array_equal(each.labels(), labels)
        assert np.array_equal(each.by_hand(), hand)
        assert each.standing is Standing.DOUBTFUL
    assert mask.ids() == set(np.unique(labels).tolist()) - {UNLABELLED}
    assert np.array_equal(mask.region(3).whole(), mask.where(3))
    with pytest.raises(ValueError, match="go from 0"):
        PhotoMask.from_arrays(np.full((2, 2), -1), None, Standing.NONE)
    with pytest.raises(ValueError, match="hand"):
        PhotoMask.from_arrays(np.zeros((2, 2), int), np.zeros((2, 3), bool), Standing.NONE)


def test_painting_changes_the_region_but_for_locked_objects() -> None:
    dice = chance()
    mask, region = mask_of(dice), blobs(dice, 2)
    painted = mask.painted(Tiled.of(region), 9, locked=(2, 3))
    free = (region > 0) & ~np.isin(mask.labels(), (2, 3))
    assert np.array_equal(painted.labels(), np.where(free, 9, mask.labels()))
    assert np.array_equal(painted.by_hand(), mask.by_hand() | free)
    assert painted.standing is Standing.USER
    assert painted.painted(Tiled.of(region), 9, locked=(2, 3)) is painted


def test_painting_and_erasing_leaves_background_by_hand() -> None:
    region = Tiled.of(blobs(chance(), 2))
    blank = PhotoMask.blank(HEIGHT, WIDTH)
    erased = blank.painted(region, 4).erased(region, 4)
    inside = region.whole() > 0
    assert np.array_equal(erased.labels(), np.where(inside, BACKGROUND, UNLABELLED))
    assert np.array_equal(erased.by_hand(), inside)
    gone = erased.erased(region, BACKGROUND)
    assert not gone.ids()
    assert not gone.by_hand().any()


def test_the_eraser_takes_nothing_but_the_object_at_hand() -> None:
    dice = chance()
    mask, everywhere = mask_of(dice), Tiled.full(HEIGHT, WIDTH, 1)
    erased = mask.erased(everywhere, 2)
    others = ~mask.where(2)
    assert np.array_equal(erased.labels()[others], mask.labels()[others])
    assert not erased.where(2).any()
    assert mask.erased(everywhere, 2, locked=(2,)) is mask


def test_what_propagates_never_changes_the_users_pixels_nor_locked_objects() -> None:
    dice = chance()
    mask, given = mask_of(dice), blobs(dice, 5)
    after = mask.propagated(given, Standing.DOUBTFUL, locked=(1,))
    kept = mask.by_hand() | mask.where(1) | (given == 1)
    assert np.array_equal(after.labels(), np.where(kept, mask.labels(), given))
    assert np.array_equal(after.by_hand(), mask.by_hand())
    assert after.standing is Standing.DOUBTFUL
    user = mask.painted(Tiled.of(blobs(dice, 2)), 4)
    assert user.propagated(given, Standing.DOUBTFUL).standing is Standing.USER
    unasked = user.painted(Tiled.full(HEIGHT, WIDTH, 1), 3, hand=False)
    assert np.array_equal(unasked.labels(), np.where(user.by_hand(), user.labels(), 3))


def test_signs_are_what_the_hand_said() -> None:
    mask = mask_of(chance())
    hand, label = mask.by_hand(), mask.where(2)
    signs = mask.signs(2)
    assert signs is not None
    assert np.array_equal(signs, np.where(hand, np.where(label, 1, -1), 0))
    assert PhotoMask.from_arrays(mask.labels(), None, Standing.PROPAGATED).signs(2) is None


def test_forgetting_an_object_leaves_the_others() -> None:
    mask = mask_of(chance())
    after = mask.without(2)
    assert np.array_equal(after.labels(), np.where(mask.where(2), UNLABELLED, mask.labels()))
    assert np.array_equal(after.by_hand(), mask.by_hand() & ~mask.where(2))
    alone = PhotoMask.blank(4, 4).painted(Tiled.full(4, 4, 1), 2)
    assert alone.without(2).standing is Standing.NONE
    assert alone.without(3) is alone
