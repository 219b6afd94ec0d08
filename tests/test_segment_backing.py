"""What regions tell of pixels of which nothing is known."""

import numpy as np

from core.segment.backing import backed, with_said
from core.segment.labels import UNLABELLED
from core.segment.passing import hand_down
from core.segment.picker import regions_in

IDS = (0, 4, 9)


def halves() -> np.ndarray:
    """A photo [60, 80, 3], red to the left and green to the right."""
    random = np.random.default_rng(0)
    photo = np.where(np.arange(80)[None, :, None] < 40, (190, 60, 50), (70, 140, 90))
    return np.clip(photo + random.normal(0, 4, (60, 80, 3)), 0, 255).astype(np.uint8)


def test_a_glimpse_of_each_half_tells_of_all_of_it() -> None:
    known = np.zeros((60, 80, 3), np.float32)
    known[20:40, 5:15, 1] = 0.9
    known[10:30, 60:75, 2] = 0.9
    labels = backed(regions_in(halves()), known, IDS)
    assert (labels[:, :40] == 4).mean() > 0.98
    assert (labels[:, 40:] == 9).mean() > 0.98


def test_where_nothing_is_known_is_background() -> None:
    labels = backed(regions_in(halves()), np.zeros((60, 80, 3), np.float32), IDS)
    assert not labels.any()


def test_shares_sum_to_one_and_own_words_count_most() -> None:
    known = np.array([[4.0, 0.0], [0.0, 4.0], [4.0, 4.0]])
    say, start = np.full(3, 1.0), np.array([0.5, 0.5])
    shares = hand_down(known, np.array([2, 2, 2]), say, start)
    np.testing.assert_allclose(shares, [[0.9, 0.1], [0.1, 0.9], [0.5, 0.5]])


def test_what_the_user_said_stays() -> None:
    said = np.full((2, 3), UNLABELLED, np.uint16)
    said[0, 1] = 9
    labels = with_said(np.full((2, 3), 4, np.uint16), said)
    assert labels.tolist() == [[4, 9, 4], [4, 4, 4]]
