"""Quality adapts to the machine, settles, and leaves fast ones alone."""

from itertools import pairwise

import numpy as np
import pytest

from widgets.viewport.quality import (
    BUDGET,
    FULL,
    QUALITIES,
    SHARE,
    Pace,
    Quality,
    may_redraw,
    measured,
    next_quality,
)


def costs(full: float, per_pixel: float, fixed: float = 0.002) -> dict[Quality, float]:
    """Seconds each quality takes on a made-up machine; `per_pixel` is the pixels' share."""
    return {
        q: fixed + full * (per_pixel / q.scale**2 + (1 - per_pixel) / q.thin) for q in QUALITIES
    }


def orbit(machine: dict[Quality, float], frames: int = 60, noise: float = 0.0) -> list[Quality]:
    pace, used = Pace(), []
    random = np.random.default_rng(0)
    for _ in range(frames):
        quality = next_quality(pace, moving=True)
        used.append(quality)
        pace = measured(pace, quality, machine[quality] * random.uniform(1 - noise, 1 + noise))
    return used


@pytest.mark.parametrize("per_pixel", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("full", [0.001, 0.03, 0.12, 0.6, 2.0])
def test_pictures_keep_coming_and_quality_settles(full: float, per_pixel: float) -> None:
    machine = costs(full, per_pixel)
    used = orbit(machine)
    last = used[-1]
    assert used[30:].count(last) >= 28  # now and then a finer one is tried
    assert machine[last] <= 1 / 12 or last == QUALITIES[-1]
    if machine[FULL] < 0.8 * BUDGET:
        assert last == FULL


def test_noise_makes_it_change_rarely() -> None:
    used = orbit(costs(0.12, 0.5), frames=200, noise=0.15)
    changes = sum(a != b for a, b in pairwise(used[20:]))
    assert changes < 20


def test_a_fast_machine_is_at_full_quality_within_a_few_frames() -> None:
    assert orbit(costs(0.004, 0.5))[4:] == [FULL] * 56


def test_what_is_still_is_drawn_in_full() -> None:
    slow = measured(Pace(), FULL, 3.0)
    assert next_quality(slow, moving=False) == FULL
    assert next_quality(slow, moving=True) != FULL


def test_a_scene_that_grows_gets_coarser_and_finer_again() -> None:
    pace = Pace()
    for machine in (costs(0.03, 0.5), costs(0.5, 0.5), costs(0.03, 0.5)):
        for _ in range(100):
            quality = next_quality(pace, moving=True)
            pace = measured(pace, quality, machine[quality])
        assert machine[quality] <= 1 / 12
    assert quality == FULL


def test_pictures_nobody_asked_for_take_a_small_share() -> None:
    now, spent, cost = 0.0, 0.0, 0.13
    finished = 0.0
    while now < 60:
        if may_redraw(now, finished, cost):
            now += cost
            spent += cost
            finished = now
        now += 0.016
    assert 0.8 * SHARE < spent / now <= SHARE
