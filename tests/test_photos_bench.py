"""The bench of whole reconstructions measures every stage of them."""

import json

import pytest

from app.bench.photos import BEGINNING, DEPTH, PROJECT, TESTING, TRAINING, Clock, measure, report
from core.progress import Progress


def test_time_belongs_to_the_stage_that_was_told_before_it() -> None:
    times = iter(range(100))
    clock = Clock(lambda: float(next(times)))
    for event in (
        Progress("Undistorting photos", 0, 1),
        Progress("Undistorting photos", 1, 1),
        Progress(DEPTH, 0, 1),
        Progress(DEPTH, 1, 1),
        "a step",
        "a snapshot",
        Progress("Writing the scene", 0, 3),
        Progress("Writing the scene", 1, 3, "one.jpg"),
        Progress("Writing the scene", 2, 3, "project"),
        "finished",
    ):
        clock.hear(event)
    stages = ["Reading photos", "Undistorting photos", BEGINNING, DEPTH, TRAINING]
    stages += ["Writing the scene", TESTING, PROJECT]
    assert list(clock.seconds) == stages
    assert clock.seconds[TRAINING] == 2
    assert sum(clock.seconds.values()) == 10


@pytest.mark.slow
def test_every_stage_of_a_small_reconstruction_is_measured() -> None:
    found = json.loads(json.dumps(measure((3,))))
    (case,) = found["cases"]
    assert (case["photos"], case["placed"]) == (3, 3)
    stages = {"Reading photos", "Finding features", "Matching photos", "Placing photos"}
    stages |= {
        "Undistorting photos",
        BEGINNING,
        DEPTH,
        TRAINING,
        TESTING,
        PROJECT,
        "Writing the scene",
    }
    assert stages <= set(case["cpu_seconds"])
    assert any("3 placed" in line for line in report(found))
