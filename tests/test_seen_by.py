"""Tracks told by photo are those that there are."""

from dataclasses import replace

import numpy as np

from core.capture.reconstruction import SparsePoints


def tracks(photos: list[int], points: list[int]) -> SparsePoints:
    return replace(
        SparsePoints.none(),
        track_photos=np.array(photos, np.int64),
        track_points=np.array(points, np.int64),
    )


def test_each_photo_has_its_points_whatever_the_order_of_the_tracks() -> None:
    random = np.random.default_rng(0)
    photos, points = random.integers(0, 7, 500), random.integers(0, 90, 500)
    found = tracks(photos.tolist(), points.tolist()).seen_by(8)
    assert len(found) == 8
    for photo, rows in enumerate(found):
        assert rows.tolist() == sorted(set(points[photos == photo].tolist()))


def test_no_track_and_no_photo_are_no_trouble() -> None:
    assert [rows.tolist() for rows in tracks([], []).seen_by(3)] == [[], [], []]
    assert tracks([], []).seen_by(0) == []
