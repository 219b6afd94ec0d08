"""The bench of the pose solver draws photos that can be placed, and fits what it measures."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.bench.hall import HEIGHT, WIDTH, write_photos
from app.bench.poses import CHOOSING, exponents, measure, report
from core.poses.config import PoseConfig


def test_the_hall_is_the_same_each_time_and_neighbours_overlap(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, again = (list(write_photos(tmp_path / name, 2)) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in again]
    pictures = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in one]
    assert all(picture.shape == (HEIGHT, WIDTH) and picture.std() > 20 for picture in pictures)
    # What is a step further along the hall is found again, moved to the left.
    patch = pictures[0][100:160, 400:480]
    score = cv2.minMaxLoc(cv2.matchTemplate(pictures[1], patch, cv2.TM_CCOEFF_NORMED))[1]
    assert score > 0.6


def test_exponents_are_those_of_the_law_that_made_the_figures() -> None:
    cases = [
        {
            "photos": n,
            "cpu_seconds": {"linear": 0.1 * n, "square": 0.01 * n * n, "short": 1e-4 * n},
            "peak_memory_mb": 300.0,
        }
        for n in (25, 50, 100, 200)
    ]
    found = exponents(cases)
    assert found["linear"] == pytest.approx(1.0)
    assert found["square"] == pytest.approx(2.0)
    assert found["memory"] == pytest.approx(0.0, abs=1e-9)
    assert "short" not in found


def test_a_small_measurement_can_be_told_and_written_down() -> None:
    found = measure((3,), PoseConfig(few=2))
    case = json.loads(json.dumps(found))["cases"][0]
    assert (case["photos"], case["placed"]) == (3, 3)
    assert {"Finding features", CHOOSING, "Matching photos", "Placing photos"} <= set(
        case["cpu_seconds"]
    )
    assert np.isfinite(case["seconds"])
    assert any("3 placed" in line for line in report(found))
