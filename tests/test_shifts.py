"""Holes filled with shifted pieces: patterns go on exactly, and nothing is mixed."""

import numpy as np

from core.scene.fill.blend import blended
from core.scene.fill.pieces import mended, task_of
from core.scene.fill.shifts import shifted
from tests.test_fill import hole


def tiles(height: int, width: int) -> np.ndarray:  # type: ignore[type-arg]
    """A pattern of two kinds of tiles, the border between them through the middle."""
    random = np.random.default_rng(2)
    left, right = (random.random((9, 12, 3)) for _ in range(2))
    y, x = np.mgrid[:height, :width]
    one, other = left[y % 9, x % 12], right[y % 9, x % 12]
    return np.where((x < width // 2)[..., None], one, other).astype(np.float32)


def test_a_pattern_goes_on_with_the_border_in_it() -> None:
    picture, known = tiles(72, 96), hole(72, 96)
    broken = np.where(known[..., None], picture, 0).astype(np.float32)
    filled, done = shifted(broken, known, ~known)
    np.testing.assert_array_equal(done, ~known)
    np.testing.assert_array_equal(filled[known], picture[known])
    assert np.mean(np.abs(filled - picture).max(axis=2) < 1e-6) > 0.995


def test_a_pattern_goes_on_under_light_that_changes() -> None:
    y, x = np.mgrid[:72, :96]
    light = (0.5 + 0.004 * y + 0.002 * x)[..., None]
    picture = (0.2 * tiles(72, 96) + light).astype(np.float32)
    known = hole(72, 96)
    filled, _ = shifted(np.where(known[..., None], picture, 0).astype(np.float32), known, ~known)
    off = np.sqrt(((filled - picture)[~known] ** 2).mean())
    assert off < 0.03  # of light that differs by 0.15 across the hole


def test_where_nothing_is_known_or_wanted_nothing_is_done() -> None:
    picture = np.ones((12, 12, 3), np.float32)
    for known, wanted in ((False, True), (True, True), (True, False)):
        filled, done = shifted(picture, np.full((12, 12), known), np.full((12, 12), wanted))
        assert not done.any()
        np.testing.assert_array_equal(filled, picture)


def test_stripes_and_borders_go_on_through_a_large_hole() -> None:
    """So large that its shifts are found where the picture is half as large."""
    random = np.random.default_rng(4)
    y, x = np.mgrid[:160, :220]
    floor = np.stack([0.6 + 0.1 * (x // 13 % 2), 0.5 + 0.0 * x, 0.3 + 0.0 * x], axis=-1)
    mat = np.where((y // 6 % 2)[..., None], [0.2, 0.3, 0.5], [0.7, 0.7, 0.6])
    stripe = np.where((np.abs(y - 95) < 6)[..., None], [0.05, 0.05, 0.1], mat)
    picture = np.where((y < 70)[..., None], floor, stripe)
    picture = (picture + random.normal(0, 0.01, picture.shape)).astype(np.float32)
    known = np.ones((160, 220), bool)
    known[40:120, 70:150] = False
    filled, done = shifted(np.where(known[..., None], picture, 0).astype(np.float32), known, ~known)
    assert done[~known].all()
    off = np.abs(filled - picture).max(axis=2)[~known]
    assert np.mean(off < 0.1) > 0.97


def test_a_picture_on_a_wall_does_not_hang_there_twice() -> None:
    random = np.random.default_rng(1)
    wall = 0.4 + 0.03 * random.normal(size=(90, 110, 3))
    wall[5:35, 40:70] = [0.9, 0.1, 0.1]
    wall[9:31, 44:66] = [0.1, 0.1, 0.9]
    known = np.ones((90, 110), bool)
    known[40:85, 30:85] = False
    picture = np.where(known[..., None], wall, 0).astype(np.float32)
    filled, done = shifted(picture, known, ~known)
    assert done[~known].all()
    assert np.abs(filled[~known] - 0.4).max() < 0.25


def test_seams_that_cannot_be_hidden_do_not_run_into_a_piece() -> None:
    """A hole half beside what is as bright as its piece, and half beside black."""
    picture = np.full((30, 60, 3), 0.5, np.float32)
    picture[:, 30:] = 0.7
    picture[:10, 30:] = 0.0
    known = np.ones((30, 60), bool)
    known[10:20, 35:45] = False
    task = task_of(picture, known, ~known, np.array([[0, -32]]))
    filled, done = blended(picture, known, task, np.zeros(len(task.y), np.int64))
    assert done[~known].all()
    np.testing.assert_allclose(filled[10:20, 35:45], 0.7, atol=0.05)


def test_seams_move_only_to_where_they_show_less() -> None:
    picture, known = tiles(72, 96), hole(72, 96)
    hidden = np.where(known[..., None], picture, 0).astype(np.float32)
    shifts = np.array([[0, 36], [0, -36], [27, 0], [-27, 0]])
    task = task_of(hidden, known, ~known, shifts)
    begun = np.where(task.x < 50, 1, 0)  # the border is at 48
    mended_ = mended(task, begun)

    def off(labels: np.ndarray) -> float:  # type: ignore[type-arg]
        said = task.said[labels, np.arange(len(labels))]
        return float(np.abs(said - picture[task.y, task.x]).sum())

    assert off(mended_) < off(begun)
    far = np.abs(task.x - 50) > 20
    told = task.costs[begun, np.arange(len(begun))] < 1e3
    np.testing.assert_array_equal(mended_[far & told], begun[far & told])
