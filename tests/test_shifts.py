"""Holes filled with shifted pieces: patterns go on exactly, and nothing is mixed."""

import numpy as np

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
