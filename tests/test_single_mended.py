"""Masks of one photo that colours put right, and those that they leave alone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.segment.labels import UNLABELLED
from core.single.mended import mended

FLOOR, CHAIR, TABLE = 1, 2, 3
WOOD, GREY, WALL = (150, 95, 50), (185, 188, 190), (235, 225, 200)


def room() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """A wall, a floor, and a chair with two legs before both; and what is true of it."""
    truth = np.full((120, 160), UNLABELLED, np.int64)
    truth[60:] = FLOOR
    truth[30:80, 60:100] = CHAIR
    truth[80:110, 60:66] = truth[80:110, 94:100] = CHAIR
    colors = {UNLABELLED: WALL, FLOOR: GREY, CHAIR: WOOD}
    photo = np.zeros((*truth.shape, 3), np.float64)
    for label, color in colors.items():
        photo[truth == label] = color
    photo += np.random.default_rng(0).normal(0, 3, photo.shape)
    return photo.clip(0, 255).astype(np.uint8), truth


def test_the_floor_between_legs_is_given_back() -> None:
    photo, truth = room()
    taken = truth.copy()
    taken[80:108, 66:94] = CHAIR
    found = mended(photo, taken, [CHAIR], [FLOOR])
    assert np.mean(found[84:106, 70:90] == FLOOR) > 0.95
    assert np.mean(found[truth == CHAIR] == CHAIR) > 0.97


def test_what_a_box_left_out_joins_its_thing() -> None:
    photo, truth = room()
    photo[10:30, 60:66] = WOOD  # a post that nothing marks
    found = mended(photo, truth, [CHAIR], [FLOOR])
    assert np.mean(found[14:28, 61:65] == CHAIR) > 0.95
    assert np.mean(found[:8] == UNLABELLED) > 0.99


@pytest.mark.parametrize("things", [[CHAIR], [CHAIR, TABLE]])
def test_true_masks_stay(things: list[int]) -> None:
    photo, truth = room()
    truth[20:30, 110:140] = TABLE
    photo[20:30, 110:140] = (90, 60, 120)
    assert np.mean(mended(photo, truth, things, [FLOOR]) != truth) < 0.005


def test_a_thing_of_the_floors_colour_stays() -> None:
    """An edge parts it from the floor, or it is nothing but floor to the eye: never both taken."""
    photo, truth = room()
    photo[truth == CHAIR] = GREY
    found = mended(photo, truth, [CHAIR], [FLOOR])
    assert np.mean(found[truth == CHAIR] == CHAIR) > 0.9


def test_without_things_nothing_changes() -> None:
    photo, truth = room()
    assert mended(photo, truth, [], [FLOOR]) is truth
