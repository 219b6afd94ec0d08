"""The picture that asks for an object: where everything is in it, and what is read back."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import UserError
from core.pictured.cutout import SIDE, cut_out, off_ground, square
from core.pictured.query import (
    BORDER,
    GREY,
    PADDING,
    WIDTH,
    Query,
    answered,
    asked,
    card_of,
)

Picture = NDArray[np.uint8]
Pixels = NDArray[np.bool_]


def photo_with_thing(wide: int, tall: int) -> tuple[Picture, Pixels]:
    """A photo of bluish noise, and an upright oval thing in it, orange from its left to right."""
    random = np.random.default_rng(1)
    photo = random.integers(60, 160, (tall, wide, 3)).astype(np.uint8)
    photo[..., 2] = 200
    y, x = np.mgrid[:tall, :wide]
    mask = ((x - 0.4 * wide) / (0.15 * wide)) ** 2 + ((y - 0.5 * tall) / (0.4 * tall)) ** 2 < 1
    mask &= (x > 0.48 * wide) | (y < 0.5 * tall)  # something stands before it
    photo[mask] = np.stack([0.3 * 255 * x / wide + 150, 0 * x + 90, 0 * x + 20], -1)[mask]
    return photo, mask


def amodal() -> Picture:
    """The whole of an object [512, 512, 4], of which a photo shows a part."""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    inside = ((x - 0.5) / 0.3) ** 2 + ((y - 0.5) / 0.42) ** 2 < 1
    inside &= ~(((x - 0.5) / 0.08) ** 2 + ((y - 0.6) / 0.08) ** 2 < 1)  # it has a hole
    color = np.stack([60 + 150 * x, 40 + 100 * y, 200 - 150 * x], -1)
    whole = np.dstack([color, np.where(inside, 255, 0)]).astype(np.uint8)
    return square(cut_out(whole[..., :3], inside))


def pasted(query: Query, thing: Picture) -> Picture:
    """What an editor that knows the whole `thing` would answer."""
    card, answer = query.card, query.picture.copy()
    free = card.side - 2 * BORDER
    inside = answer[card.top + BORDER : card.top + BORDER + free, :, :]
    inside = inside[:, card.left + BORDER : card.left + BORDER + free]
    inside[20:-20, 20:-20] = 255
    room = free - 2 * PADDING
    small = cv2.resize(thing, (room, room), interpolation=cv2.INTER_AREA).astype(np.float32)
    alpha = small[..., 3:] / 255
    there = inside[PADDING : PADDING + room, PADDING : PADDING + room]
    there[:] = (small[..., :3] * alpha + 255 * (1 - alpha) + 0.5).astype(np.uint8)
    return answer


@pytest.mark.parametrize(
    ("wide", "tall"), [(1280, 853), (641, 481), (333, 777), (1500, 1000), (999, 301), (1281, 1279)]
)
def test_everything_is_where_it_is_said_to_be(wide: int, tall: int) -> None:
    photo, mask = photo_with_thing(wide, tall)
    query = asked(photo, mask, "chair")
    height = round(WIDTH * tall / wide)
    assert query.picture.shape == (height, WIDTH + height, 3)
    card = query.card
    assert card == card_of(query.picture.shape[1], height)
    low, gap = int(0.08 * height), int(0.02 * height)
    assert card.side == min(height - 2 * int(0.04 * height), height - low - gap)
    panel = query.picture[:, WIDTH:]
    assert abs(2 * (card.left - WIDTH) + card.side - height) <= 1  # in the middle across
    assert abs(2 * card.top + card.side - (height - low)) <= 1  # and above the foot
    middle = card.top + card.side // 2
    assert (panel[2, 2] == GREY).all()
    assert (query.picture[middle, card.left : card.left + BORDER] == 0).all()
    assert (query.picture[middle, card.left - 1] == GREY).all()
    assert (query.picture[middle, card.left + BORDER : card.left + PADDING] == 255).all()
    # Letters stand below the card.
    assert (query.picture[card.top + card.side + 1 :, WIDTH:] < 60).all(axis=2).any()
    assert "chair" in query.words


def test_the_object_is_outlined_and_shown_as_large_as_can_be() -> None:
    photo, mask = photo_with_thing(1280, 853)
    query = asked(photo, mask)
    left = query.picture[:, :WIDTH]
    np.testing.assert_array_equal(left[mask], photo[mask])
    red = (left == (255, 0, 0)).all(axis=2)
    away = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    assert red.sum() > 500
    assert away[red].min() > 2
    assert away[red].max() < 8.5
    untouched = away > 12
    np.testing.assert_array_equal(left[untouched], photo[untouched])
    card = query.card
    inside = query.picture[card.top : card.top + card.side, card.left : card.left + card.side]
    there = inside[BORDER + 15 : -BORDER - 15, BORDER + 15 : -BORDER - 15].min(axis=2) < 200
    rows = np.flatnonzero(there.any(axis=1))
    columns = np.flatnonzero(there.any(axis=0))
    box = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    assert abs(np.ptp(rows) + 1 - (card.side - 2 * PADDING)) <= 2
    assert np.ptp(columns) / np.ptp(rows) == pytest.approx(
        np.ptp(box[1]) / np.ptp(box[0]), rel=0.02
    )


@pytest.mark.parametrize(
    ("wide", "tall", "times"), [(1280, 853, 1.0), (641, 481, 1.0), (777, 555, 0.8)]
)
def test_an_editor_that_knows_the_object_is_read_back(wide: int, tall: int, times: float) -> None:
    photo, mask = photo_with_thing(wide, tall)
    query = asked(photo, mask)
    whole = amodal()
    answer = pasted(query, whole)
    if times != 1:
        size = (round(times * answer.shape[1]), round(times * answer.shape[0]))
        answer = np.asarray(cv2.resize(answer, size, interpolation=cv2.INTER_AREA), np.uint8)
    read = answered(answer, query)
    assert read.shape == (SIDE, SIDE, 4)
    ours, true = read[..., 3] > 127, whole[..., 3] > 127
    assert (ours & true).sum() / (ours | true).sum() > 0.985
    solid = cv2.erode((true & ours).astype(np.uint8), np.ones((7, 7))) > 0
    error = read[..., :3][solid].astype(float) - whole[..., :3][solid]
    assert 20 * np.log10(255 / np.sqrt((error**2).mean())) > 30


def test_asking_and_answering_nothing_gives_what_was_seen() -> None:
    photo, mask = photo_with_thing(1280, 853)
    query = asked(photo, mask)
    read = answered(query.picture, query)
    seen = square(cut_out(photo, mask))
    ours, true = read[..., 3] > 127, seen[..., 3] > 127
    assert (ours & true).sum() / (ours | true).sum() > 0.98


def test_soft_edges_lose_the_ground_that_has_run_into_them() -> None:
    y, x = np.mgrid[:200, :200]
    away = 60 - np.hypot(x - 100, y - 100)
    alpha = np.clip(away / 4 + 0.5, 0, 1)[..., None]
    color = np.array([120.0, 30.0, 30.0])
    cut = off_ground((alpha * color + (1 - alpha) * 250 + 0.5).astype(np.uint8))
    half = (cut[..., 3] > 100) & (cut[..., 3] < 250)
    assert half.any()
    assert np.abs(cut[..., :3][half] - color).max() < 60
    assert (cut[..., 3][away < -4] == 0).all()
    assert (cut[..., 3][away > 4] == 255).all()


def test_specks_beside_the_object_are_left_out() -> None:
    picture = np.full((300, 300, 3), 255, np.uint8)
    picture[80:220, 80:220] = 90
    picture[20:24, 20:24] = 0
    assert (off_ground(picture)[10:40, 10:40, 3] == 0).all()


def test_what_cannot_be_asked_or_read_is_told() -> None:
    photo, mask = photo_with_thing(640, 480)
    with pytest.raises(UserError, match="Too little"):
        asked(photo, np.zeros_like(mask))
    with pytest.raises(UserError, match="too long"):
        asked(*photo_with_thing(4000, 120))
    query = asked(photo, mask)
    empty = query.picture.copy()
    card = query.card
    inside = (slice(card.top + 6, card.top + card.side - 6),)
    inside += (slice(card.left + 6, card.left + card.side - 6),)
    empty[inside] = 255
    with pytest.raises(UserError, match="an empty card"):
        answered(empty, query)
